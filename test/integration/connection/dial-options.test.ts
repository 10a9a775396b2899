import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { SettingValues } from '../../../src/connection/model/connection-settings.js';
import {
  resolveSettings,
  SETTING_WORDS,
} from '../../../src/connection/model/connection-settings.js';
import type { DialOptions } from '../../../src/connection/model/dial.js';
import { dialOptions, parseCreds } from '../../../src/connection/dial-options.js';
import { complaint } from '../../support/complaint.js';
import { makeNkeyUser } from '../../support/nkey-user.js';
import { makeOperator } from '../../support/operator.js';
import { temporaryFolder } from '../../support/shut-down.js';
import { makeCertificates } from '../../support/tls.js';

const dial = (values: SettingValues): DialOptions =>
  dialOptions(
    resolveSettings([{ origin: 'flag', values, source: (name) => `--${SETTING_WORDS[name]}` }]),
    {
      name: 'test',
      timeoutMs: 1_000,
    },
  );
const seedText = (options: DialOptions) => new TextDecoder().decode(options.credentials().seed);

const folder = temporaryFolder('dial');
const pem = join(folder, 'any.pem');
writeFileSync(pem, 'PEM');

describe('without settings', () => {
  it('dials the default server, without credentials or TLS', () => {
    const options = dial({});
    expect(options).toMatchObject({
      servers: ['nats://127.0.0.1:4222'],
      tls: undefined,
      tlsFirst: false,
      inboxPrefix: '_INBOX',
      timeoutMs: 1_000,
    });
    expect(options.credentials()).toEqual({});
  });

  it('takes no inbox prefix that would reach the server as something else', () => {
    expect(dial({ inboxPrefix: '_INBOX.ann.' }).inboxPrefix).toBe('_INBOX.ann');
    for (const inboxPrefix of ['a b', 'a.*', 'a..b', 'a\r\nPUB x 0\r\n']) {
      expect(() => dial({ inboxPrefix })).toThrow(/invalid inbox prefix/);
    }
  });
});

describe('credentials', () => {
  it('takes a user without a password for a token, as the nats CLI does', () => {
    expect(dial({ user: 'abc' }).credentials()).toEqual({ token: 'abc' });
    expect(dial({ user: 'abc', password: 'p' }).credentials()).toEqual({
      user: 'abc',
      password: 'p',
    });
  });

  it('sends a token beside another kind', () => {
    expect(dial({ user: 'u', password: 'p', token: 't' }).credentials()).toEqual({
      user: 'u',
      password: 'p',
      token: 't',
    });
  });

  it('reads creds and NKEY files, and JWT with seed', async () => {
    const { user } = await makeOperator();
    const fromFile = dial({ creds: user.credsFile });
    expect(fromFile.credentials().jwt).toBe(user.jwt);
    expect(seedText(fromFile)).toBe(user.seed);

    const fromText = dial({ jwt: user.jwt, seed: user.seed });
    expect(fromText.credentials().jwt).toBe(user.jwt);
    expect(seedText(fromText)).toBe(user.seed);

    const nkey = makeNkeyUser();
    expect(seedText(dial({ nkey: nkey.seedFile }))).toBe(nkey.seed);
  });

  it('reads the file anew each time, so that a rotated one takes effect', () => {
    const path = join(folder, 'rotating.nk');
    const [before, after] = [makeNkeyUser(), makeNkeyUser()];
    writeFileSync(path, before.seed);
    const options = dial({ nkey: path });
    writeFileSync(path, after.seed);
    expect(seedText(options)).toBe(after.seed);
  });

  it('accepts creds files with Windows line ends', async () => {
    const { user } = await makeOperator();
    expect(parseCreds(user.creds.replaceAll('\n', '\r\n'), 'the file').jwt).toBe(user.jwt);
  });
});

describe('a creds file that cannot be used is named, with its fault', () => {
  const creds = async (text: (creds: string) => string): Promise<string> => {
    const path = join(folder, 'faulty.creds');
    const { user } = await makeOperator();
    writeFileSync(path, text(user.creds));
    const sentence = complaint(() => dial({ creds: path }));
    expect(sentence).toContain(`the credentials file "${path}" of --creds`);
    return sentence;
  };

  it.each<readonly [string, (text: string) => string, RegExp]>([
    ['empty', () => '\n', /is empty/],
    ['JSON', () => '{"a":1}', /contains JSON/],
    [
      'without a JWT',
      (text) => text.slice(text.indexOf('***')),
      /contains no user JWT, only a seed/,
    ],
    [
      'without a seed',
      (text) => text.slice(0, text.indexOf('END NATS USER JWT') + 24),
      /contains no seed, only a user JWT/,
    ],
    [
      'of two users',
      (text) => text.replace(/S[A-Z2-7]{57}/, makeNkeyUser().seed),
      /a seed that does not belong to its user JWT/,
    ],
    [
      'with a slip',
      (text) =>
        text.replace(
          /(S[A-Z2-7]{20})(.)/,
          (_all, head: string, one: string) => `${head}${one === 'A' ? 'B' : 'A'}`,
        ),
      /checksum is wrong/,
    ],
  ])('%s', async (_what, text, sentence) => {
    expect(await creds(text)).toMatch(sentence);
  });

  it('reads any text, or says what is wrong with it', async () => {
    const { user } = await makeOperator();
    const lines = user.creds.split('\n');
    const part = fc.oneof(fc.constantFrom(...lines), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 16 }), (parts) => {
        expect(complaint(() => parseCreds(parts.join('\n'), 'the file'))).toMatch(
          /^(usage: the file (is|contains) |no error)/,
        );
      }),
    );
  });

  it('a folder', () => {
    expect(complaint(() => dial({ creds: folder }))).toContain(
      `cannot read the file "${folder}" of --creds: it is a folder (EISDIR)`,
    );
  });
});

describe('each server has the login of its URL', () => {
  const logins = (values: SettingValues): readonly unknown[] => {
    const options = dial(values);
    return options.servers.map((_url, place) => options.credentials(place));
  };

  it('and those without one what is given beside', () => {
    expect(logins({ servers: 'nats://a:1@h1,nats://b:2@h2,t@h3,h4' })).toEqual([
      { user: 'a', password: '1' },
      { user: 'b', password: '2' },
      { token: 't' },
      {},
    ]);
  });

  it('exactly as typed', () => {
    expect(logins({ servers: 'u:@h1,u:data:x@h2,u: p^%\u{1f511}:@h3' })).toEqual([
      { user: 'u', password: '' },
      { user: 'u', password: 'data:x' },
      { user: 'u', password: ' p^%\u{1f511}:' },
    ]);
  });
});

describe('refusals', () => {
  const sentences: readonly (readonly [string, SettingValues, string])[] = [
    [
      'a creds file without its blocks',
      { creds: pem },
      `usage: the credentials file "${pem}" of --creds contains no user JWT and seed | create one with nsc: nsc generate creds`,
    ],
    [
      'an NKEY file without a seed',
      { nkey: pem },
      `usage: the NKEY file "${pem}" of --nkey contains no NKEY seed | a user seed begins with SU`,
    ],
    [
      'half a TLS pair',
      { tlsCert: pem },
      'usage: a TLS client certificate needs both parts | give --tls-cert and --tls-key',
    ],
    [
      'a SOCKS proxy',
      { socksProxy: 'socks5://p' },
      'usage: SOCKS proxies are not supported | connect without one: set NATS_SOCKS_PROXY=none or use a context without socks_proxy',
    ],
  ];

  it.each(sentences)('%s', (_what, values, sentence) => {
    expect(complaint(() => dial(values))).toBe(sentence);
  });

  it('a seed with a slip of the pen', () => {
    const { seed } = makeNkeyUser();
    const slipped = `${seed.slice(0, 20)}${seed[20] === 'A' ? 'B' : 'A'}${seed.slice(21)}`;
    expect(dial({ seed }).credentials().seed).toBeDefined();
    expect(complaint(() => dial({ seed: slipped }))).toMatch(/^usage: .*checksum/);
  });

  it('a file that is not there, by its flag', () => {
    expect(complaint(() => dial({ tlsCa: join(folder, 'none.pem') }))).toMatch(
      /of --tls-ca: there is no such file or folder \(ENOENT\)/,
    );
  });

  it('not a proxy that was switched off', () => {
    expect(dial({ socksProxy: 'none' }).servers).toHaveLength(1);
  });
});

describe('TLS', () => {
  it('is asked for by files, by the scheme of any server, or by --tls-first', async () => {
    const { ca, caFile, client } = await makeCertificates();
    expect(dial({ tlsCa: caFile }).tls).toEqual({ ca });
    expect(dial({ tlsCert: client.certFile, tlsKey: client.keyFile }).tls).toEqual({
      cert: client.cert,
      key: client.key,
    });
    expect(dial({ servers: 'nats://a,tls://b' }).tls).toEqual({});
    expect(dial({ tlsFirst: 'true' })).toMatchObject({ tls: {}, tlsFirst: true });
  });

  it('says which of its files is wrong, and how', async () => {
    const { caFile, client, server } = await makeCertificates();
    const broken = join(folder, 'broken.pem');
    writeFileSync(broken, client.cert.replace(/[A-Za-z]{40}/, 'AAAA'));
    const { certFile: tlsCert, keyFile: tlsKey } = client;
    const refusals: readonly (readonly [SettingValues, RegExp])[] = [
      [{ tlsCa: pem }, /any\.pem" of --tls-ca contains no certificate/],
      [{ tlsCa: broken }, /broken\.pem" of --tls-ca cannot be parsed/],
      [{ tlsCa: caFile, tlsCert: pem, tlsKey }, /of --tls-cert contains no certificate/],
      [{ tlsCert, tlsKey: pem }, /of --tls-key contains no private key/],
      [{ tlsCert, tlsKey: server.keyFile }, /does not belong to the certificate/],
    ];
    for (const [values, sentence] of refusals) {
      expect(complaint(() => dial(values))).toMatch(/^usage: /);
      expect(complaint(() => dial(values))).toMatch(sentence);
    }
  });
});
