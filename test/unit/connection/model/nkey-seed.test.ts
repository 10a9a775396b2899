import { createAccount, createUser } from '@nats-io/nkeys';
import fc from 'fast-check';
import { expect, it } from 'vitest';

import { isNkeySeed } from '../../../../src/connection/model/nkey-seed.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

it.each([
  ['a user', createUser],
  ['an account', createAccount],
])('knows the seed of %s', (_of, make) => {
  for (let count = 0; count < 50; count++) {
    expect(isNkeySeed(new TextDecoder().decode(make().getSeed()))).toBe(true);
  }
});

it('notices any one wrong character (of the last one, only some bits count)', () => {
  const seed = new TextDecoder().decode(createUser().getSeed());
  fc.assert(
    fc.property(fc.nat(56), fc.constantFrom(...Array.from(ALPHABET)), (at, letter) => {
      fc.pre(seed[at] !== letter);
      expect(isNkeySeed(seed.slice(0, at) + letter + seed.slice(at + 1))).toBe(false);
    }),
  );
});

it.each(['', 'SU', 'garbage', `SU${'A'.repeat(55)}`, `SU${'a'.repeat(56)}`])(
  'refuses %j',
  (text) => {
    expect(isNkeySeed(text)).toBe(false);
  },
);
