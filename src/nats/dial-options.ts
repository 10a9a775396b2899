import type { ConnectionSettings, SettingName } from '../domain/connection/connection-settings.js';
import { DEFAULT_SERVER } from '../domain/connection/connection-settings.js';
import type { Credentials, DialOptions, TlsMaterial } from '../domain/connection/dial.js';
import { usageError } from '../domain/errors.js';
import { isNkeySeed } from '../domain/connection/nkey-seed.js';
import { parseSubjectPrefix } from '../domain/subject/subject-prefix.js';
import { readCredential } from './credential-text.js';
import { readTlsMaterial } from './tls-material.js';

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
  const credentials = (): Credentials => readCredentials(get);
  credentials();
  return {
    servers: (get('servers') ?? DEFAULT_SERVER).split(','),
    name: identity.name,
    credentials,
    tls: readTls(get),
    tlsFirst: get('tlsFirst') === 'true',
    inboxPrefix: parseSubjectPrefix(get('inboxPrefix') ?? '_INBOX', 'inbox prefix'),
    timeoutMs: identity.timeoutMs,
  };
}

type Get = (name: SettingName) => string | undefined;

/** natscli's order when several kinds are given: user, creds, nkey, JWT with seed; a token stands beside. */
function readCredentials(get: Get): Credentials {
  const token = readOptional(get('token'), '--token');
  const base = token === undefined ? {} : { token };
  const user = get('user');
  if (user !== undefined) return { ...base, ...readUser(user, get('password')) };
  const creds = get('creds');
  if (creds !== undefined)
    return { ...base, ...parseCreds(readCredential(creds, 'path', '--creds')) };
  const nkey = get('nkey');
  if (nkey !== undefined)
    return { ...base, seed: seedBytes(readCredential(nkey, 'path', '--nkey')) };
  return { ...base, ...readJwt(get('jwt'), get('seed')) };
}

function readOptional(value: string | undefined, what: string): string | undefined {
  return value === undefined ? undefined : readCredential(value, 'literal', what);
}

/** A user name without a password is a token, as natscli and the URL form have it. */
function readUser(user: string, password: string | undefined): Credentials {
  if (password === undefined) return { token: user };
  return { user, password: readCredential(password, 'literal', '--password') };
}

function readJwt(jwt: string | undefined, seed: string | undefined): Credentials {
  if (jwt === undefined) {
    if (seed === undefined) return {};
    return { seed: seedBytes(readCredential(seed, 'literal', '--seed')) };
  }
  const text = readCredential(jwt, 'literal', '--jwt');
  if (seed === undefined) return { jwt: text };
  return { jwt: text, seed: seedBytes(readCredential(seed, 'literal', '--seed')) };
}

const BLOCK = /-+BEGIN ([A-Z ]+)-+\s*\n([\s\S]*?)\n?-+END [A-Z ]+-+/g;

/**
 * Reads the text of a creds file: a user JWT and the seed that signs for it.
 *
 * @throws {NatsxError} usage — one of the two blocks is missing
 */
export function parseCreds(text: string): Credentials {
  const blocks = new Map([...text.matchAll(BLOCK)].map((m) => [m[1] ?? '', (m[2] ?? '').trim()]));
  const jwt = blocks.get('NATS USER JWT');
  const seed = blocks.get('USER NKEY SEED');
  if (jwt === undefined || seed === undefined) {
    throw usageError(
      'the credentials file holds no user JWT and seed',
      'make one with nsc: nsc generate creds',
    );
  }
  return { jwt, seed: seedBytes(seed) };
}

function seedBytes(text: string): Uint8Array {
  const seed = /\bS[A-Z2-7]{57}\b/.exec(text)?.[0];
  if (seed === undefined) {
    throw usageError('there is no NKEY seed where one was expected', 'a user seed begins with SU');
  }
  if (!isNkeySeed(seed)) {
    throw usageError(
      'the NKEY seed is not valid: its checksum is wrong',
      'it was changed or cut off: take it from where it was made',
    );
  }
  return new TextEncoder().encode(seed);
}

function readTls(get: Get): TlsMaterial | undefined {
  const material = readTlsMaterial({
    ca: get('tlsCa'),
    cert: get('tlsCert'),
    key: get('tlsKey'),
  });
  const isWanted =
    (get('servers') ?? '').split(',').some((server) => server.startsWith('tls://')) ||
    get('tlsFirst') === 'true';
  return isWanted || Object.keys(material).length > 0 ? material : undefined;
}
