import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Delivery } from '../../../../src/streams/model/delivery.js';
import { parsePlaceTime } from '../../../../src/core/message/stream-place.js';
import { TimeTexts } from '../../../../src/core/message/time-texts.js';

function read(subject: string): Record<string, number> | undefined {
  const delivery = new Delivery('S');
  const bytes = Buffer.from(`x ${subject} y`);
  if (!delivery.read(bytes, 2, bytes.length - 2)) return undefined;
  const { delivered, seq, consumerSeq, timeMs, restNs, pending } = delivery;
  return { delivered, seq, consumerSeq, timeMs, restNs, pending };
}

const told = {
  delivered: 1,
  seq: 1_234_567_890_123,
  consumerSeq: 3,
  timeMs: 1_795_386_604_395,
  restNs: 297_349,
  pending: 42,
};

describe('the reply subject of a delivered message', () => {
  it.each([
    ['short', '$JS.ACK.S.c.1.1234567890123.3.1795386604395297349.42'],
    ['long', '$JS.ACK.hub.HASH.S.c.1.1234567890123.3.1795386604395297349.42'],
    ['long with more at its end', '$JS.ACK._.HASH.S.c.1.1234567890123.3.1795386604395297349.42.x'],
  ])('is read in its %s form', (_, subject) => {
    expect(read(subject)).toEqual(told);
  });

  it.each(['_INBOX.a', '', '$JS.ACK.S.c.1.2.3.4', '$JS.ACK.S.c.1.2.3.4.5.6'])(
    'is refused when it is another one: %s',
    (subject) => {
      expect(read(subject)).toBeUndefined();
    },
  );
});

describe('the time of a message', () => {
  it('is written with nine digits', () => {
    expect(new TimeTexts().ofPlace({ timeMs: 1_795_386_604_005, restNs: 7 })).toBe(
      '2026-11-22T22:30:04.005000007Z',
    );
  });

  it('comes back as it was', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4_102_444_800_000 }),
        fc.integer({ min: 0, max: 999_999 }),
        (timeMs, restNs) => {
          expect(parsePlaceTime(new TimeTexts().ofPlace({ timeMs, restNs }))).toEqual({
            timeMs,
            restNs,
          });
        },
      ),
    );
  });

  it.each([
    ['2026-11-22T22:30:04Z', 0],
    ['2026-11-22T23:30:04.5+01:00', 500],
    ['2026-11-22T22:30:04.39529734Z', 395],
  ])('is read in all forms of RFC 3339: %s', (text, ms) => {
    expect((parsePlaceTime(text)?.timeMs ?? 0) - Date.parse('2026-11-22T22:30:04Z')).toBe(ms);
  });

  it('is undefined when it is none', () => {
    expect(parsePlaceTime('yesterday')).toBeUndefined();
  });
});
