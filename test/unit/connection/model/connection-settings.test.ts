import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type {
  SettingLevel,
  SettingValues,
} from '../../../../src/connection/model/connection-settings.js';
import { resolveSettings } from '../../../../src/connection/model/connection-settings.js';
import { parseServers } from '../../../../src/connection/model/server-url.js';
import { complaint } from '../../../support/complaint.js';

const flags = (values: SettingValues): SettingLevel => ({
  origin: 'flag',
  values,
  source: (name) => `--${name}`,
});
const environment = (values: SettingValues): SettingLevel => ({
  origin: 'environment',
  values,
  source: (name) => `NATS_${name.toUpperCase()}`,
});
const context = (values: SettingValues): SettingLevel => ({
  origin: 'context',
  values,
  source: () => 'context prod',
});

const resolved = (...levels: readonly SettingLevel[]) =>
  Object.fromEntries(
    [...resolveSettings(levels)].map(([name, { value, origin }]) => [name, `${value} (${origin})`]),
  );

describe('the order of levels', () => {
  it('takes each value from the strongest level that gives it', () => {
    expect(
      resolved(
        flags({ servers: 'nats://flag:1' }),
        environment({ servers: 'nats://env:2', timeout: '2s' }),
        context({ servers: 'nats://ctx:3', timeout: '3s', inboxPrefix: '_ME' }),
      ),
    ).toEqual({
      servers: 'nats://flag:1 (flag)',
      timeout: '2s (environment)',
      inboxPrefix: '_ME (context)',
    });
  });

  it('passes over empty texts', () => {
    expect(resolved(flags({ timeout: '' }), environment({ timeout: '2s' }))).toEqual({
      timeout: '2s (environment)',
    });
  });

  it('says in its source where a value came from', () => {
    const settings = resolveSettings([flags({}), context({ servers: 'demo.nats.io' })]);
    expect(settings.get('servers')).toEqual({
      value: 'nats://demo.nats.io:4222',
      origin: 'context',
      source: 'context prod',
    });
  });
});

describe('authentication', () => {
  it('is never mixed from levels that name different ways', () => {
    expect(
      resolved(
        flags({ creds: 'a.creds' }),
        environment({ token: 't' }),
        context({ user: 'u', password: 'p', nkey: 'n.nk' }),
      ),
    ).toEqual({ creds: 'a.creds (flag)' });
  });

  it('completes one way from the levels below', () => {
    expect(
      resolved(flags({ user: 'me' }), environment({ password: 'p' }), context({ token: 't' })),
    ).toEqual({ user: 'me (flag)', password: 'p (environment)' });
  });

  it('does not take an empty text for a value', () => {
    expect(
      resolved(flags({ user: '', password: 'p' }), context({ user: 'me', password: 'old' })),
    ).toEqual({ user: 'me (context)', password: 'p (flag)' });
  });

  it('reads a login in a URL as one step weaker than its level, and takes it out of the URL', () => {
    expect(
      resolved(flags({ servers: 'nats://me:secret@host:4222' }), environment({ token: 't' })),
    ).toEqual({
      servers: 'nats://host:4222 (flag)',
      user: 'me (url)',
      password: 'secret (url)',
    });
    expect(resolved(flags({ servers: 'me:secret@host', token: 't' }))).toEqual({
      servers: 'nats://host:4222 (flag)',
      token: 't (flag)',
    });
  });

  it('reads a lone user in a URL as a token', () => {
    expect(resolved(flags({ servers: 'nats://t0ken@host' }))).toEqual({
      servers: 'nats://host:4222 (flag)',
      token: 't0ken (url)',
    });
  });
});

describe('what belongs together', () => {
  it('a login goes with its own URL alone', () => {
    const servers = 'nats://a:1@h1,nats://b:2@h2,h3';
    const settings = resolveSettings([flags({ servers }), context({ creds: 'c' })]);
    expect(settings.get('servers')).toEqual({
      value: 'nats://h1:4222,nats://h2:4222,nats://h3:4222',
      origin: 'flag',
      source: '--servers',
      logins: [{ user: 'a', password: '1' }, { user: 'b', password: '2' }, undefined],
    });
    expect(resolved(flags({ servers }), context({ creds: 'c' }))['creds']).toBe('c (context)');
  });

  it('a login that is given beside the URLs is for all of them', () => {
    const servers = 'nats://a:1@h1,nats://b:2@h2';
    expect(resolveSettings([flags({ servers, token: 't' })]).get('servers')?.logins).toBe(
      undefined,
    );
    expect(
      resolveSettings([flags({ creds: 'c' }), context({ servers })]).get('servers')?.logins,
    ).toBe(undefined);
  });

  it('a URL that is not used gives no login either', () => {
    expect(
      resolved(flags({ servers: 'h1' }), environment({ servers: 'nats://me:secret@h2' })),
    ).toEqual({ servers: 'nats://h1:4222 (flag)' });
  });

  it('a password is not that of another user', () => {
    const strict = (...levels: readonly SettingLevel[]) => complaint(() => resolveSettings(levels));
    expect(strict(flags({ user: 'b' }), context({ user: 'a', password: 'pa' }))).toBe(
      'usage: the user (--user) has no password, and that of context prod is for the user "a" | give --password as well',
    );
    expect(strict(flags({ jwt: 'j' }), context({ jwt: 'k', seed: 's' }))).toMatch(/another user/);
    expect(strict(environment({ password: 'p' }), context({ creds: 'c' }))).toMatch(
      /there is a password \(NATS_PASSWORD\) and no user name/,
    );
    expect(resolved(flags({ user: 'a' }), context({ user: 'a', password: 'pa' }))).toEqual({
      user: 'a (flag)',
      password: 'pa (context)',
    });
    expect(resolved(flags({ password: 'new' }), context({ user: 'a', password: 'pa' }))).toEqual({
      user: 'a (context)',
      password: 'new (flag)',
    });
  });
});

describe('server lists', () => {
  it.each([
    ['nats://127.0.0.1:4222', ['nats://127.0.0.1:4222']],
    ['demo.nats.io', ['nats://demo.nats.io:4222']],
    ['TLS://Host.Example', ['tls://host.example:4222']],
    ['a, b:5 ,,tls://c', ['nats://a:4222', 'nats://b:5', 'tls://c:4222']],
    ['[::1]', ['nats://[::1]:4222']],
    ['nats://[fe80::80]:80', ['nats://[fe80::80]:80']],
    ['host:80', ['nats://host:80']],
    ['nats://host:80/', ['nats://host:80']],
    ['nats://host:4222/', ['nats://host:4222']],
  ])('%s', (text, urls) => {
    expect(parseServers(text).map((server) => server.url)).toEqual(urls);
  });

  it.each([
    ['', 'usage: the server list is empty | give a URL such as nats://127.0.0.1:4222'],
    [' , ', 'usage: the server list is empty | give a URL such as nats://127.0.0.1:4222'],
    [
      'http://host',
      'usage: the server scheme "http" is not supported | use nats://host:port or tls://host:port',
    ],
    [
      'nats://host:port',
      'usage: "nats://host:port" is not a server URL | give a URL such as nats://127.0.0.1:4222',
    ],
    ['nats://', 'usage: "nats://" is not a server URL | give a URL such as nats://127.0.0.1:4222'],
    [
      'host/path',
      'usage: "nats://host/path" is not a server URL | give a URL such as nats://127.0.0.1:4222',
    ],
    [
      'host:70000',
      'usage: "nats://host:70000" is not a server URL | give a URL such as nats://127.0.0.1:4222',
    ],
    [
      'nats://u:se/cret@host',
      'usage: the server URL "nats://…@host" cannot be read | in its user name and password write %2F for /, %3F for ?, %23 for #, %40 for @ and %3A for :',
    ],
    [
      '::1',
      'usage: "nats://::1" is not a server URL | write an IPv6 address in brackets: nats://[::1]:4222',
    ],
  ])('refuses %j', (text, sentence) => {
    expect(complaint(() => parseServers(text))).toBe(sentence);
  });

  it.each(['nats://me:s3#cret@host', 'nats://me:s3/cret@host', 'nats://me:12#cret@host'])(
    'refuses %s, without its password',
    (text) => {
      const sentence = complaint(() => parseServers(text));
      expect(sentence).toMatch(/^usage: /);
      expect(sentence).not.toContain('cret');
    },
  );

  it('reads escapes in a login, and takes a stray percent sign as it stands', () => {
    expect(parseServers('nats://a%40b:p%2Fw@host')[0]?.login).toEqual({
      user: 'a@b',
      password: 'p/w',
    });
    expect(parseServers('nats://u%er:100%@host')[0]?.login).toEqual({
      user: 'u%er',
      password: '100%',
    });
  });

  it.each([
    ['u:p@ss@host', { user: 'u', password: 'p@ss' }],
    ['u:p:w:@host', { user: 'u', password: 'p:w:' }],
    [
      'u:100%^&*()[]{}|\\<>"\'`~+=!$;@host',
      { user: 'u', password: '100%^&*()[]{}|\\<>"\'`~+=!$;' },
    ],
    ['u:p w\tx@host', { user: 'u', password: 'p w\tx' }],
    ['u:pässwörd\u{1f511}@host', { user: 'u', password: 'pässwörd\u{1f511}' }],
    ['u:@host', { user: 'u', password: '' }],
    ['u%3Aser:%25@host', { user: 'u:ser', password: '%' }],
  ])('reads the login of %j as typed', (text, login) => {
    expect(parseServers(text)[0]?.login).toEqual(login);
  });

  it.each([
    ['nats://:secret@host', /has a password and no user name/],
    ['nats://u:s%20ecret%@host', /write %25 for a percent sign/],
    ['nats://u:s%FFecret@host', /write %25 for a percent sign/],
    ['nats://u:sec,ret@host', /write %2C for a comma/],
    ['nats://u:sec/ret@host', /write %2F for/],
  ])('refuses %s in words, without its secret', (text, words) => {
    const sentence = complaint(() => parseServers(text));
    expect(sentence).toMatch(words);
    expect(sentence).not.toMatch(/sec|ret@/);
  });

  it('reads any text, or says what is wrong with it', () => {
    const word = fc.string({ unit: 'binary' });
    const part = fc.oneof(
      fc.constantFrom('nats://', 'tls://', '@', ':', ',', '%', '[', ']', '/'),
      word,
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        expect(complaint(() => parseServers(parts.join('')))).toMatch(/^(usage: .|no error)/s);
      }),
    );
  });

  it('gives back any escaped login unchanged', () => {
    const word = fc.string({ minLength: 1, unit: 'grapheme' });
    fc.assert(
      fc.property(word, word, (user, password) => {
        const url = `nats://${encodeURIComponent(user)}:${encodeURIComponent(password)}@host`;
        expect(parseServers(url)[0]?.login).toEqual({ user, password });
      }),
    );
  });
});
