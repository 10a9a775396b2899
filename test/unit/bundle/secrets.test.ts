import { createUser } from '@nats-io/nkeys';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import '../../support/property-runs.js';
import { Cleaning } from '../../../src/bundle/model/cleaning.js';
import { cleanLook } from '../../../src/bundle/model/clean-look.js';
import { cleanReading } from '../../../src/bundle/model/clean-reading.js';
import { Disguise } from '../../../src/bundle/model/disguise.js';
import { lookTexts } from '../../../src/bundle/model/look-files.js';
import { Redaction } from '../../../src/bundle/model/redaction.js';
import { treeJson } from '../../../src/bundle/model/tree-json.js';
import { WindowSplitter } from '../../../src/history/model/window-trees.js';
import { lookWith } from './looks.js';

const letters = (least: number, most: number, alphabet: string): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...Array.from(alphabet)), minLength: least, maxLength: most });
const ALPHABET = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const base64url = letters(20, 60, `${ALPHABET}-_`);

const password = letters(9, 30, `${ALPHABET}!#$%*+-./?_~`);
const seed = fc.constant(0).map(() => new TextDecoder().decode(createUser().getSeed()));
const jwt = fc.tuple(base64url, base64url, base64url).map((parts) => `eyJ${parts.join('.')}`);
const word = fc.constantFrom('password', 'token', 'Secret', 'API_TOKEN', 'creds', 'seed', 'key');

/** A secret, and a text that has it in a form that says what it is. */
const spoken = fc.oneof(
  fc.tuple(password, word, fc.constantFrom('=', ': ', ' = ')).map(([secret, name, by]) => ({
    secret,
    text: `worker 7 ${name}${by}${secret} in Berlin`,
  })),
  fc.tuple(password, word).map(([secret, name]) => ({
    secret,
    text: `{"${name}": "${secret}", "a": 1}`,
  })),
  fc.tuple(password, fc.constantFrom('password', 'token', 'secret')).map(([secret, name]) => ({
    secret,
    text: `use the ${name} ${secret} until Monday`,
  })),
  fc.tuple(password, fc.constantFrom('nats', 'tls', 'https', 'wss')).map(([secret, scheme]) => ({
    secret,
    text: `up at ${scheme}://billing:${secret}@db.example.com:4222/path`,
  })),
  fc
    .tuple(base64url, fc.constantFrom('Bearer', 'bearer', 'Authorization: Bearer'))
    .map(([secret, scheme]) => ({ secret, text: `${scheme} ${secret}` })),
  fc.tuple(seed, fc.string({ maxLength: 5 })).map(([secret, near]) => ({
    secret,
    text: `${near} ${secret}`,
  })),
  fc.tuple(jwt, fc.constantFrom('jwt ', 'x=', '"')).map(([secret, near]) => ({
    secret,
    text: `${near}${secret}`,
  })),
);
const settingName = fc.constantFrom(
  'password',
  'token',
  'secret',
  'creds',
  'seed',
  'key',
  'db_password',
  'apiKey',
  'authtoken',
  'io.example.token',
);

/** In texts of JSON; a failure must not print all of them. */
const has = (all: string, secret: string): boolean =>
  all.includes(JSON.stringify(secret).slice(1, -1));

describe('a bundle', () => {
  it('has no secret, in whatever text or setting it was', () => {
    fc.assert(
      fc.property(
        spoken,
        settingName,
        password,
        fc.boolean(),
        ({ secret, text }, key, value, isObfuscated) => {
          const look = lookWith({ text, key, secret: value });
          const disguise = isObfuscated ? new Disguise() : undefined;
          const clean = cleanLook(look, new Redaction(), disguise);
          const all = Object.values(lookTexts(clean)).join('\n');
          expect(has(all, secret)).toBe(false);
          expect(has(all, value)).toBe(false);
        },
      ),
    );
  });

  it('has none in its history', () => {
    fc.assert(
      fc.property(spoken, settingName, password, ({ secret, text }, key, value) => {
        const { window } = lookWith({ text, key, secret: value });
        const trees = new WindowSplitter().split(window, true);
        const cleaning = new Cleaning(new Redaction(), undefined);
        const all = treeJson(cleanReading(trees, cleaning));
        expect(has(all, secret)).toBe(false);
        expect(has(all, value)).toBe(false);
      }),
      { numRuns: 30 },
    );
  });

  it('does not have what natsx itself proved to the server', () => {
    const redaction = new Redaction();
    redaction.add('correct-horse');
    const look = lookWith({ text: 'the correct-horse client', key: 'note', secret: '' });
    const all = Object.values(lookTexts(cleanLook(look, redaction))).join('\n');
    expect(has(all, 'the [redacted] client')).toBe(true);
    expect(has(all, 'correct-horse')).toBe(false);
  });

  it('keeps what is not a secret', () => {
    const text = 'billing worker 7 (eu-west), keyboard at 10.1.2.3:4222, 12 tokens';
    const look = lookWith({ text, key: 'team', secret: 'payments' });
    const clean = cleanLook(look, new Redaction());
    expect(clean.window.core.open?.[0]?.[0]?.name).toBe(text);
    expect(clean.window.streams[0]?.samples[0]?.config.metadata).toEqual({
      team: 'payments',
      note: text,
    });
    expect(clean.audit.connection.user?.publish.allow).toEqual(['orders.>']);
  });
});
