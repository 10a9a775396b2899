import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  checkContextName,
  contextSettings,
  EMPTY_CONTEXT,
  withSettings,
  withoutSettings,
} from '../../../../src/connection/model/context.js';
import { complaint } from '../../../support/complaint.js';

describe('reading a context file', () => {
  it('knows every key that concerns a connection', () => {
    expect(
      contextSettings(
        {
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
        },
        'prod',
      ),
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

  it('takes empty texts, false and null for not given', () => {
    expect(contextSettings(EMPTY_CONTEXT, 'prod')).toEqual({});
    const nothing = { url: null, user: null, tls_first: null, windows_ca_certs_match: null };
    expect(contextSettings(nothing, 'prod')).toEqual({});
  });

  it.each([
    [{ url: 7 }, '"url" must be a text'],
    [{ url: ['nats://a'] }, '"url" must be a text'],
    [{ creds: {} }, '"creds" must be a text'],
    [{ nsc: true }, '"nsc" must be a text'],
    [{ description: 1 }, '"description" must be a text'],
    [{ tls_first: 'yes' }, '"tls_first" must be true or false'],
    [{ windows_ca_certs_match: 'x' }, '"windows_ca_certs_match" must be a list of texts'],
    [{ windows_cert_store: 'user' }, 'the certificate store of Windows (windows_cert_store)'],
  ])('refuses %j', (file, words) => {
    const sentence = complaint(() => contextSettings(file, 'prod'));
    expect(sentence).toMatch(/^usage: the context "prod" /);
    expect(sentence).toContain(words);
  });

  it('reads any JSON object, or says what is wrong with it', () => {
    const value = fc.oneof(fc.string(), fc.jsonValue(), fc.constant(undefined));
    const file = fc.dictionary(
      fc.oneof(fc.constantFrom(...Object.keys(EMPTY_CONTEXT), 'user_seed'), fc.string()),
      value,
    );
    fc.assert(
      fc.property(file, (drawn) => {
        expect(complaint(() => contextSettings(drawn, 'x'))).toMatch(/^(usage: .|no error)/);
      }),
    );
  });

  it('reads the nsc key, with and without its scheme', () => {
    for (const nsc of ['nsc://O/A/U', 'O/A/U']) {
      expect(contextSettings({ nsc }, 'prod')).toEqual({ nsc: 'O/A/U', creds: 'nsc://O/A/U' });
      expect(contextSettings({ nsc, creds: 'own.creds' }, 'prod')).toEqual({
        nsc: 'O/A/U',
        creds: 'own.creds',
      });
    }
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
    expect(complaint(() => checkContextName(name))).toMatch(
      /^usage: ".*" is not a context name \| /s,
    );
  });
});
