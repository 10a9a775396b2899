import { expect, it } from 'vitest';
import { checkParsers } from '../../fuzz/parsers/check-parsers.js';
import { fuzzSettings } from '../../fuzz/settings.js';

const limitMs = ((fuzzSettings().minutes ?? 1) + 4) * 60_000;

it(
  'reads whatever it is given, or says in words what is wrong with it',
  { timeout: limitMs, retry: 0 },
  async () => {
    expect(await checkParsers()).toEqual([]);
  },
);
