import { describe, expect, test } from 'vitest';

import {
  expiredCredential,
  jwtExpiryMs,
} from '../../../../src/connection/model/expired-credential.js';

function jwt(claims: unknown): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ typ: 'JWT' })}.${part(claims)}.c2ln`;
}

describe('when a JWT ends', () => {
  test.each([
    [{ exp: 1_700_000_000 }, 1_700_000_000_000],
    [{ exp: 1_700_000_000, name: 'ÿþ?>~ü' }, 1_700_000_000_000],
    [{ exp: 0 }, undefined],
    [{ exp: -1 }, undefined],
    [{ exp: 1e300 }, undefined],
    [{ exp: 'soon' }, undefined],
    [{}, undefined],
    [null, undefined],
    [7, undefined],
  ])('%j', (claims, wanted) => {
    expect(jwtExpiryMs(jwt(claims))).toBe(wanted);
  });

  test.each(['', 'a', 'a.b', 'a.%%%.c', 'a.e30=.c', `a.${'A'.repeat(5)}.c`])(
    'a text that is no JWT says nothing: %j',
    (text) => {
      expect(jwtExpiryMs(text)).toBeUndefined();
    },
  );
});

describe('credentials that were refused', () => {
  const nowMs = Date.parse('2026-03-01T09:30:00Z');
  const ended = jwt({ exp: nowMs / 1_000 - 3_600 });

  test('expired ones are told as that, and since when', () => {
    const error = expiredCredential({ jwt: ended }, 'n1:4222', nowMs);
    expect(error?.kind).toBe('auth');
    expect(error?.message).toBe(
      'the credentials for n1:4222 expired 1h ago (2026-03-01T08:30:00.000Z)',
    );
    expect(error?.details).toEqual({ server: 'n1:4222', expired_at: '2026-03-01T08:30:00.000Z' });
  });

  test.each([
    [{}],
    [{ user: 'ann', password: 'x' }],
    [{ jwt: jwt({}) }],
    [{ jwt: jwt({ exp: nowMs / 1_000 + 1 }) }],
    [{ jwt: 'no jwt' }],
  ])('others were refused for another reason', (credentials) => {
    expect(expiredCredential(credentials, 'n1:4222', nowMs)).toBeUndefined();
  });
});
