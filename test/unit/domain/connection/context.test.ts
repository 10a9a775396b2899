import { describe, expect, it } from 'vitest';

import {
  checkContextName,
  contextSettings,
  EMPTY_CONTEXT,
  withSettings,
  withoutSettings,
} from '../../../../src/domain/connection/context.js';
import { complaint } from '../../../support/complaint.js';

describe('reading a context file', () => {
  it('knows every key that concerns a connection', () => {
    expect(
      contextSettings({
        description: 'ours',
        url: 'nats://a',
        user: 'u',
        password: 'p',
        token: 't',
        creds: 'c',
        nkey: 'n',
        user_jwt: 'j',
        user_seed: 's',
        ca: 'ca.pem',
        cert: 'cert.pem',
        key: 'key.pem',
        tls_first: true,
        inbox_prefix: '_ME',
        jetstream_domain: 'hub',
        jetstream_api_prefix: 'JS.X',
        socks_proxy: 'none',
        color_scheme: 'rounded',
      }),
    ).toEqual({
      servers: 'nats://a',
      user: 'u',
      password: 'p',
      token: 't',
      creds: 'c',
      nkey: 'n',
      jwt: 'j',
      seed: 's',
      tlsCa: 'ca.pem',
      tlsCert: 'cert.pem',
      tlsKey: 'key.pem',
      tlsFirst: 'true',
      inboxPrefix: '_ME',
      jsDomain: 'hub',
      jsApiPrefix: 'JS.X',
      socksProxy: 'none',
    });
  });

  it('takes empty texts, false and values of another type for not given', () => {
    expect(contextSettings(EMPTY_CONTEXT)).toEqual({});
    expect(contextSettings({ url: 7, user: null, tls_first: 'yes', creds: ['a'] })).toEqual({});
  });

  it('reads the nsc key of older contexts as credentials', () => {
    expect(contextSettings({ nsc: 'nsc://O/A/U' })).toEqual({ creds: 'nsc://O/A/U' });
    expect(contextSettings({ nsc: 'nsc://O/A/U', creds: 'own.creds' })).toEqual({
      creds: 'own.creds',
    });
  });
});

describe('changing a context file', () => {
  const file = {
    ...EMPTY_CONTEXT,
    url: 'nats://a',
    user: 'u',
    password: 'p',
    colour_of_sky: 'blue',
  };

  it('keeps what it does not know and what was not named', () => {
    const changed = withSettings(file, { servers: 'nats://b', tlsFirst: 'true' });
    expect(changed).toEqual({ ...file, url: 'nats://b', tls_first: true });
  });

  it('empties settings without removing their keys', () => {
    expect(withoutSettings(file, ['user', 'password'])).toEqual({
      ...file,
      user: '',
      password: '',
    });
  });

  it('has no place for a time-out in the file', () => {
    expect(withSettings(file, { timeout: '3s' })).toEqual(file);
  });
});

describe('names', () => {
  it.each(['a', 'prod-eu.1', 'über', '.hidden'])('accepts %s', (name) => {
    expect(complaint(() => checkContextName(name))).toBe('no error: undefined');
  });

  it.each(['', '..', 'a..b', '../x', 'a/b', 'a\\b', 'a\0b'])('refuses %j', (name) => {
    expect(complaint(() => checkContextName(name))).toMatch(/^usage: ".*" is no context name \| /s);
  });
});
