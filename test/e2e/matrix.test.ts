import { expect, it } from 'vitest';
import { checkMatrix } from '../fuzz/matrix/check-matrix.js';
import { fuzzSettings } from '../fuzz/settings.js';

const limitMs = ((fuzzSettings().minutes ?? 0) + 6) * 60_000;

it(
  'gives what came in, byte for byte, or says what it did not give',
  { timeout: limitMs, retry: 0 },
  async () => {
    expect(await checkMatrix()).toEqual([]);
  },
);
