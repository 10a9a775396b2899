import { describe, expect, it } from 'vitest';

import { parseFaults } from '../../../src/faults/model/parse-faults.js';

describe('parseFaults', () => {
  it('reads every fault, in the order of the text', () => {
    const text =
      'cut 2s every 10s, delay 20ms±10ms, rate 1MiB/s, blackhole 1s,slow-reader, reset after 1MiB';
    expect(parseFaults(text)).toEqual([
      { kind: 'cut', durationMs: 2_000, everyMs: 10_000 },
      { kind: 'delay', delayMs: 20, jitterMs: 10 },
      { kind: 'rate', bytesPerS: 1_048_576 },
      { kind: 'blackhole', durationMs: 1_000, everyMs: undefined },
      { kind: 'slow-reader' },
      { kind: 'reset', afterBytes: 1_048_576 },
    ]);
  });

  it.each(['delay 20ms±10ms', 'delay 20ms+-10ms', 'delay 20ms +/- 10ms', 'delay 20ms ± 10ms'])(
    'reads the jitter of %s',
    (text) => expect(parseFaults(text)).toEqual([{ kind: 'delay', delayMs: 20, jitterMs: 10 }]),
  );

  it.each([
    ['', '--faults is empty'],
    ['cutt 1s', '"cutt" is not a fault'],
    ['cut 1s every 5s,, slow-reader', 'empty place'],
    ['cut', '"cut" lacks a duration'],
    ['cut 1s each 5s', '"each" does not belong to "cut"'],
    ['cut 1s every', 'lacks a period'],
    ['cut 1s every 5s 6s', '"6s" does not belong'],
    ['cut 1x', '"1x" is not a number with a unit'],
    ['cut 5s every 5s', '5s is not shorter than 5s'],
    ['blackhole 6s every 5s', '6s is not shorter than 5s'],
    ['cut 0s', 'has a zero'],
    ['cut 1s every 0s', 'has a zero'],
    ['delay 0ms', 'has a zero'],
    ['delay 5ms±0ms', 'has a zero'],
    ['delay 5ms±6ms', '6ms is longer than 5ms'],
    ['delay 5ms, delay 6ms', '"delay" is there twice'],
    ['rate 0/s', 'has a zero'],
    ['rate 1MiB', '"rate 1MiB" is not a size per second'],
    ['rate 1MX/s', 'invalid size "1MX"'],
    ['reset 1MiB', '"1MiB" does not belong to "reset"'],
    ['reset after', 'lacks a size'],
    ['reset after 0', 'has a zero'],
    ['slow-reader 5', '"5" does not belong to "slow-reader"'],
  ])('refuses %j and names what is wrong', (text, reason) => {
    expect(() => parseFaults(text)).toThrow(
      expect.objectContaining({
        kind: 'usage',
        message: expect.stringContaining(reason) as string,
      }) as Error,
    );
  });
});
