import type { ConnectionSettings, Setting, SettingName } from './model/connection-settings.js';
import { DEFAULT_SERVER } from './model/connection-settings.js';
import type { Credentials, DialOptions, TlsMaterial } from './model/dial.js';
import { usageError } from '../core/errors.js';
import { encodeUserKey, isNkeySeed, seedKeyBytes } from './model/nkey-seed.js';
import { parseSubjectPrefix } from '../core/subject/subject-prefix.js';
import { contextKey } from './model/context.js';
import { jwtUser } from './model/expired-credential.js';
import { parseServers } from './model/server-url.js';
import { quoted } from '../core/printable.js';
import type { Origin } from './credential-text.js';
import { fileNamedBy, nameOf, readCredential, readProfile } from './credential-text.js';
import type { NamedFile } from './tls-material.js';
import { readTlsMaterial } from './tls-material.js';
import { createPrivateKey, createPublicKey } from 'node:crypto';

/** What the settings do not hold. */
export interface DialIdentity {
  readonly name: string;
  readonly timeoutMs: number;
}

/**
 * Turns settings into what both engines dial with: files are read, credentials are checked once, and
 * again at each reconnect.
 *
 * @throws {NatsxError} usage — an unreadable file, half a TLS pair, a seed without its JWT, an inbox prefix that no
 * subject has
 */
export function dialOptions(settings: ConnectionSettings, identity: DialIdentity): DialOptions {
  const get = (name: SettingName): string | undefined => settings.get(name)?.value;
  const proxy = get('socksProxy');
  if (proxy !== undefined && proxy !== 'none' && proxy !== '-') {
    throw usageError(
      'SOCKS proxies are not supported',
      'connect without one: set NATS_SOCKS_PROXY=none or use a context without socks_proxy',
    );
  }
  const { urls, logins } = readServers(settings);
  const credentials = (place = 0): Credentials => logins[place] ?? readCredentials(settings);
  // Once, however many servers there are: a setting may name a program that asks its owner.
  const isNeeded = urls.some((_url, place) => logins[place] === undefined);
  if (isNeeded) readCredentials(settings);
  return {
    servers: urls,
    name: identity.name,
    credentials,
    tls: readTls(settings, urls),
    tlsFirst: get('tlsFirst') === 'true',
    inboxPrefix: parseSubjectPrefix(get('inboxPrefix') ?? '_INBOX', 'inbox prefix'),
    timeoutMs: identity.timeoutMs,
  };
}

interface Servers {
  readonly urls: readonly string[];
  /** By the place of the server: the login that its URL holds, where that is not the login of all. */
  readonly logins: readonly (Credentials | undefined)[];
}

/** A profile of nsc names its servers, where no setting does. */
function readServers(settings: ConnectionSettings): Servers {
  const given = settings.get('servers');
  if (given !== undefined) return { urls: given.value.split(','), logins: given.logins ?? [] };
  const profile = settings.get('nsc') ?? settings.get('creds');
  const isProfile = settings.has('nsc') || profile?.value.startsWith('nsc://') === true;
  if (profile === undefined || !isProfile) return { urls: [DEFAULT_SERVER], logins: [] };
  const { servers } = readProfile(profile.value, originOf('nsc', profile));
  if (servers === undefined) return { urls: [DEFAULT_SERVER], logins: [] };
  const parsed = parseServers(servers);
  return { urls: parsed.map(({ url }) => url), logins: parsed.map(({ login }) => login) };
}

/** natscli's order when several kinds are given: user, creds, nkey, JWT with seed; a token is used in addition. */
function readCredentials(settings: ConnectionSettings): Credentials {
  const token = readLiteral(settings, 'token');
  const base = token === undefined ? {} : { token };
  const user = settings.get('user')?.value;
  if (user !== undefined) {
    const password = readLiteral(settings, 'password');
    // A user name without a password is a token, as natscli and the URL form have it.
    return { ...base, ...(password === undefined ? { token: user } : { user, password }) };
  }
  const creds = settings.get('creds');
  if (creds !== undefined) return { ...base, ...readCreds(creds) };
  const nkey = settings.get('nkey');
  if (nkey !== undefined) return { ...base, seed: readNkey(nkey) };
  const jwt = readLiteral(settings, 'jwt');
  const seed = readLiteral(settings, 'seed');
  const what = nameOf(originOf('seed', settings.get('seed')));
  return {
    ...base,
    ...(jwt === undefined ? {} : { jwt }),
    ...(seed === undefined ? {} : { seed: seedBytes(seed, what) }),
  };
}

/** In a URL it is literal; elsewhere it may say where the secret is. */
function readLiteral(settings: ConnectionSettings, name: SettingName): string | undefined {
  const setting = settings.get(name);
  if (setting === undefined || setting.origin === 'url') return setting?.value;
  return readCredential(setting.value, 'literal', originOf(name, setting));
}

function readCreds(setting: Setting): Credentials {
  const origin = originOf('creds', setting);
  const text = readCredential(setting.value, 'path', origin);
  return parseCreds(text, fileName('credentials', setting.value, origin));
}

function readNkey(setting: Setting): Uint8Array {
  const origin = originOf('nkey', setting);
  const text = readCredential(setting.value, 'path', origin);
  return seedBytes(text, fileName('NKEY', setting.value, origin));
}

/** `the credentials file "/home/ann/a.creds" of --creds`, or without a file of its own `the credentials of --creds`. */
function fileName(kind: string, value: string, origin: Origin): string {
  const file = fileNamedBy(value);
  if (file !== undefined) return `the ${kind} file "${file}" of ${origin.owner}`;
  return kind === 'NKEY' ? `the NKEY of ${origin.owner}` : `the ${kind} of ${origin.owner}`;
}

/** Where a setting comes from: a flag or a variable by its name, a context with the key. */
function originOf(name: SettingName, setting: Setting | undefined): Origin {
  if (setting?.origin !== 'context') return { owner: setting?.source ?? `--${name}` };
  const context = setting.source.replace(/^context /, '');
  return { owner: `the context ${quoted(context)}`, key: contextKey(name) };
}

const BLOCK = /-+BEGIN ([A-Z ]+)-+\s*\n([\s\S]*?)\n?-+END [A-Z ]+-+/g;

/**
 * Reads the text of a creds file: a user JWT and the seed that signs for it.
 *
 * @param file how errors name it
 * @throws {NatsxError} usage — what is missing in it, or that its parts do not belong together
 */
export function parseCreds(text: string, file: string): Credentials {
  const blocks = new Map([...text.matchAll(BLOCK)].map((m) => [m[1] ?? '', (m[2] ?? '').trim()]));
  const jwt = blocks.get('NATS USER JWT') ?? '';
  const seed = blocks.get('USER NKEY SEED') ?? '';
  if (jwt === '' || seed === '')
    throw usageError(`${file} ${missingParts(text, jwt, seed)}`, CREDS_HINT);
  const bytes = seedBytes(seed, file);
  if (!belongTogether(jwt, seed)) {
    throw usageError(`${file} contains a seed that does not belong to its user JWT`, CREDS_HINT);
  }
  return { jwt, seed: bytes, source: file };
}

const CREDS_HINT = 'create one with nsc: nsc generate creds';

function missingParts(text: string, jwt: string, seed: string): string {
  if (text.trim() === '') return 'is empty';
  if (/^\s*[{[]/.test(text)) return 'contains JSON instead of a user JWT and seed';
  if (jwt === '' && seed === '') return 'contains no user JWT and seed';
  return jwt === '' ? 'contains no user JWT, only a seed' : 'contains no seed, only a user JWT';
}

/** A JWT names the public key of its user; one that cannot be read is the server's to judge. */
function belongTogether(jwt: string, seed: string): boolean {
  const { sub, isBearer } = jwtUser(jwt);
  if (sub === undefined || isBearer) return true;
  return publicKeyOf(seed) === sub;
}

function seedBytes(text: string, what: string): Uint8Array {
  const seed = /\bS[A-Z2-7]{57}\b/.exec(text)?.[0];
  if (seed === undefined) {
    throw usageError(`${what} contains no NKEY seed`, 'a user seed begins with SU');
  }
  if (!isNkeySeed(seed)) {
    throw usageError(
      `${what} contains an NKEY seed that is not valid: its checksum is wrong`,
      'it was changed or cut off: copy it again from its source',
    );
  }
  return new TextEncoder().encode(seed);
}

function readTls(settings: ConnectionSettings, urls: readonly string[]): TlsMaterial | undefined {
  const file = (name: SettingName): NamedFile | undefined => {
    const setting = settings.get(name);
    return setting && { path: setting.value, origin: originOf(name, setting) };
  };
  const material = readTlsMaterial({
    ca: file('tlsCa'),
    cert: file('tlsCert'),
    key: file('tlsKey'),
  });
  const isWanted =
    urls.some((server) => server.startsWith('tls://')) ||
    settings.get('tlsFirst')?.value === 'true';
  return isWanted || Object.keys(material).length > 0 ? material : undefined;
}

/** What precedes the 32 bytes of an Ed25519 key in PKCS #8. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const KEY_BYTES = 32;

/** The public key (`U…`) of a user's seed, whose checksum is right. */
function publicKeyOf(seed: string): string {
  const der = Buffer.concat([PKCS8, seedKeyBytes(seed)]);
  const key = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
  return encodeUserKey(key.export({ format: 'der', type: 'spki' }).subarray(-KEY_BYTES));
}
