import { describe, expect, it } from 'vitest';

import { nextCronTime, parseCron, wallClockOf } from '../../../src/streams/model/cron.js';

function next(expression: string, after: string, timeZone?: string): string | undefined {
  const found = nextCronTime(parseCron(expression), Date.parse(after), wallClockOf(timeZone));
  return found === undefined ? undefined : new Date(found).toISOString();
}

// What nats-server 2.15.3 computes for the same question.
describe('the next time of a cron expression', () => {
  it.each([
    ['* * * * * *', '2026-01-31T23:59:59Z', undefined, '2026-02-01T00:00:00.000Z'],
    ['0 30 9 * * 1-5', '2026-11-28T00:00:00Z', undefined, '2026-11-30T09:30:00.000Z'],
    ['0 30 9 * * mon-FRI', '2026-11-27T09:30:00Z', undefined, '2026-11-30T09:30:00.000Z'],
    ['0 0 0 29 2 *', '2026-01-01T00:00:00Z', undefined, '2028-02-29T00:00:00.000Z'],
    ['0 0 0 13 * 5', '2026-11-01T00:00:00Z', undefined, '2026-11-06T00:00:00.000Z'],
    ['0 0 0 13 * *', '2026-11-01T00:00:00Z', undefined, '2026-11-13T00:00:00.000Z'],
    ['15/20 * * * * *', '2026-11-01T00:00:00Z', undefined, '2026-11-01T00:00:15.000Z'],
    ['0 0 0 30 2 *', '2026-11-01T00:00:00Z', undefined, undefined],
    ['@weekly', '2026-11-30T00:00:00Z', undefined, '2026-12-06T00:00:00.000Z'],
    // The clocks go forward: 2:30 does not exist on that day.
    ['0 30 2 * * *', '2026-03-28T12:00:00Z', 'Europe/Berlin', '2026-03-30T00:30:00.000Z'],
    // The clocks go back: 2:30 exists twice.
    ['0 30 2 * * *', '2026-10-24T12:00:00Z', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
    ['0 30 2 * * *', '2026-10-25T00:30:00Z', 'Europe/Berlin', '2026-10-25T01:30:00.000Z'],
    ['0 0 6 * * *', '2026-11-30T00:00:00Z', 'Asia/Kathmandu', '2026-11-30T00:15:00.000Z'],
  ])('%s after %s in %s', (expression, after, timeZone, expected) => {
    expect(next(expression, after, timeZone)).toBe(expected);
  });

  it.each(['* * * * *', '60 * * * * *', '*/0 * * * * *', '0 0 24 * * *', '5-1 * * * * *', '@noon'])(
    'refuses %s',
    (expression) => {
      expect(() => parseCron(expression)).toThrow(/invalid cron expression/);
    },
  );

  it('refuses a time zone that does not exist', () => {
    expect(() => wallClockOf('Mars/Olympus')).toThrow(/unknown time zone/);
  });
});
