import { describe, expect, it } from 'vitest';

import type { Credentials, DialOptions } from '../../../src/connection/model/dial.js';
import { clientOptions } from '../../../src/connection/connect.js';
import { ServerLogins } from '../../../src/connection/server-logins.js';

const dial = (options: Partial<DialOptions> = {}): DialOptions => ({
  servers: ['nats://a:4222'],
  name: 'natsx',
  credentials: () => ({}),
  tls: undefined,
  tlsFirst: false,
  inboxPrefix: '_INBOX',
  timeoutMs: 500,
  ...options,
});

const optionsOf = (options: Partial<DialOptions> = {}) =>
  clientOptions(dial(options), new ServerLogins(dial(options)));

const answers = (credentials: Credentials) => {
  const { authenticator } = optionsOf({ credentials: () => credentials });
  if (typeof authenticator !== 'function') throw new Error('one authenticator is expected');
  return authenticator('nonce');
};

describe('credentials', () => {
  it.each([
    [{}, {}],
    [{ user: 'u' }, { user: 'u', pass: '' }],
    [
      { user: 'u', password: 'p' },
      { user: 'u', pass: 'p' },
    ],
    [{ token: 't' }, { auth_token: 't' }],
    [
      { user: 'u', password: 'p', token: 't' },
      { user: 'u', pass: 'p', auth_token: 't' },
    ],
  ] as const)('%j', (credentials, connect) => {
    expect(answers(credentials)).toEqual(connect);
  });

  it('are read anew for each attempt', () => {
    let token = 'old';
    const { authenticator } = optionsOf({ credentials: () => ({ token }) });
    if (typeof authenticator !== 'function') throw new Error('one authenticator is expected');
    token = 'new';
    expect(authenticator('nonce')).toEqual({ auth_token: 'new' });
  });
});

describe('TLS', () => {
  it('is not begun with a server that could, but need not', () => {
    expect(optionsOf().tls).toBeNull();
  });

  it('comes first when asked to', () => {
    const options = optionsOf({ tls: { ca: 'pem' }, tlsFirst: true });
    expect(options.tls).toEqual({ ca: 'pem', handshakeFirst: true });
  });
});

it('reconnects for ever, a little later each time, but never later than 5 s', () => {
  const options = optionsOf();
  expect(options.maxReconnectAttempts).toBe(-1);
  const delays = Array.from({ length: 20 }, () => options.reconnectDelayHandler?.() ?? 0);
  expect(delays[0]).toBeLessThanOrEqual(100);
  for (const delay of delays) {
    expect(delay).toBeGreaterThanOrEqual(50);
    expect(delay).toBeLessThanOrEqual(5_000);
  }
});
