import { describe, expect, it } from 'vitest';
import { parseTimeMs } from '../../../../src/core/values/time.js';
import { complaint } from '../../../support/complaint.js';

const NOW = new Date(2026, 10, 29, 16, 30, 15, 250).getTime();
const local = (...parts: readonly [number, number, number, number?, number?, number?]): number => {
  const [year, month, day, hours = 0, minutes = 0, seconds = 0] = parts;
  return new Date(year, month - 1, day, hours, minutes, seconds).getTime();
};

describe('a point in time', () => {
  it.each([
    ['2026-11-22T22:30:00Z', Date.UTC(2026, 10, 22, 22, 30)],
    ['2026-11-22T22:30:00.125+02:00', Date.UTC(2026, 10, 22, 20, 30, 0, 125)],
    ['2026-11-22', local(2026, 11, 22)],
    ['2026-11-22T22:30', local(2026, 11, 22, 22, 30)],
    ['2026-11-22 22:30:05', local(2026, 11, 22, 22, 30, 5)],
    ['today', local(2026, 11, 29)],
    ['today 08:15', local(2026, 11, 29, 8, 15)],
    ['yesterday', local(2026, 11, 28)],
    ['yesterday 23:59:59', local(2026, 11, 28, 23, 59, 59)],
    ['yesterdayT08:00', local(2026, 11, 28, 8)],
    ['tomorrow', local(2026, 11, 30)],
    ['now', NOW],
    ['1h', NOW - 3_600_000],
    ['0', NOW],
  ])('%s', (text, expected) => {
    expect(parseTimeMs(text, NOW)).toBe(expected);
  });

  it('is after now where a duration points ahead', () => {
    expect(parseTimeMs('90s', NOW, 'future')).toBe(NOW + 90_000);
    expect(parseTimeMs('today', NOW, 'future')).toBe(local(2026, 11, 29));
  });

  it('is yesterday on the first of a month too', () => {
    expect(parseTimeMs('yesterday', local(2026, 3, 1, 9))).toBe(local(2026, 2, 28));
  });

  it.each(['', 'soon', 'Yesterday', 'yesterday 25:00', '2026-13-01', '2026-11-22T', '5', '-1h'])(
    'is not %j',
    (text) => {
      expect(complaint(() => parseTimeMs(text, NOW))).toMatch(
        /^usage: invalid time ".*" \| write 2026-11-22T22:30:00Z, today, yesterday, or how long ago/,
      );
    },
  );

  it('is within the dates that exist', () => {
    expect(complaint(() => parseTimeMs('300000Y', NOW))).toMatch(/is too long/);
  });

  it('says what may be ahead', () => {
    expect(complaint(() => parseTimeMs('soon', NOW, 'future'))).toContain(
      'tomorrow, or how long from now',
    );
  });
});
