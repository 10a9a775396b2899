import { describe, expect, test } from 'vitest';

import { paceChoice } from '../../../../src/cli/jetstream/replay-plan.js';

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
    [{ rate: 5, original: true }, '--rate and --original exclude each other'],
    [{ rate: 5, speed: '2x' }, '--rate and --speed exclude each other'],
    [{ speed: '0x' }, 'invalid speed "0x"'],
    [{ speed: 'fast' }, 'invalid speed "fast"'],
  ] as const)('%j is refused', (flags, message) => {
    expect(() => paceChoice(flags)).toThrow(message);
  });
});
