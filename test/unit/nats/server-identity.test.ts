import type { PeerCertificate } from 'node:tls';
import { describe, expect, it } from 'vitest';

import { identityCheck } from '../../../src/nats/server-identity.js';

const certificateFor = (names: string) =>
  ({ subject: {}, subjectaltname: names }) as unknown as PeerCertificate;

it('names are left to Node.js', () => {
  expect(identityCheck(['tls://a.example.com:4222', 'b.example.com'])).toBeUndefined();
});

describe.each([
  // What Node.js calls the host when the client tells it none.
  ['an address', ['tls://10.0.0.5:4222'], 'localhost', 'IP Address:10.0.0.5', true],
  ['another address', ['tls://10.0.0.5:4222'], 'localhost', 'IP Address:10.0.0.6', false],
  ['localhost for an address', ['tls://10.0.0.5:4222'], 'localhost', 'DNS:localhost', false],
  ['localhost itself', ['10.0.0.5', 'localhost:4222'], 'localhost', 'DNS:localhost', true],
  ['an address of version 6', ['tls://[::1]:4222'], 'localhost', 'IP Address:::1', true],
  ['one of several', ['10.0.0.5', '10.0.0.6'], 'localhost', 'IP Address:10.0.0.6', true],
  [
    'a name that was told',
    ['10.0.0.5', 'a.example.com'],
    'a.example.com',
    'DNS:a.example.com',
    true,
  ],
  ['another name', ['10.0.0.5', 'a.example.com'], 'a.example.com', 'IP Address:10.0.0.5', false],
] as const)('a certificate for %s', (_, servers, host, names, isRight) => {
  it(isRight ? 'is right' : 'is refused', () => {
    const failure = identityCheck(servers)?.(host, certificateFor(names));
    expect(failure === undefined).toBe(isRight);
  });
});
