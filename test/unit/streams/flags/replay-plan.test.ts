import { describe, expect, test } from 'vitest';

import { paceChoice, replayRange } from '../../../../src/streams/flags/pace-flags.js';

describe('how quickly messages follow each other', () => {
  test.each([
    [{}, { type: 'unlimited' }],
    [{ original: true }, { type: 'original', speed: 1 }],
    [{ speed: '10x' }, { type: 'original', speed: 10 }],
    [
      { original: true, speed: '0.5' },
      { type: 'original', speed: 0.5 },
    ],
    [{ rate: 500 }, { type: 'rate', perSecond: 500 }],
  ] as const)('%j', (flags, choice) => {
    expect(paceChoice(flags)).toEqual(choice);
  });

  test.each([
    [{ rate: 5, original: true }, '--rate and --original cannot be used together'],
    [{ rate: 5, speed: '2x' }, '--rate and --speed cannot be used together'],
    [{ speed: '0x' }, 'invalid speed "0x"'],
    [{ speed: 'fast' }, 'invalid speed "fast"'],
  ] as const)('%j is refused', (flags, message) => {
    expect(() => paceChoice(flags)).toThrow(message);
  });
});

describe('which of the originals', () => {
  const now = Date.parse('2026-01-31T12:00:00Z');

  test.each([
    [{}, {}],
    [{ from: '3' }, { fromSeq: 3 }],
    [
      { from: '3', to: '3' },
      { fromSeq: 3, toSeq: 3 },
    ],
    [
      { from: '1h', to: '1m' },
      { fromMs: now - 3_600_000, toMs: now - 60_000 },
    ],
    [
      { from: '3', to: '2026-01-31T11:00:00Z' },
      { fromSeq: 3, toMs: now - 3_600_000 },
    ],
  ])('%j', (flags, range) => {
    expect(replayRange(flags, now)).toEqual(range);
  });

  test.each([
    [{ from: '6', to: '5' }, '--to 5 is before --from 6'],
    [{ from: '1m', to: '1h' }, '--to 1h is before --from 1m'],
  ])('%j is turned round', (flags, message) => {
    expect(() => replayRange(flags, now)).toThrow(message);
  });
});
