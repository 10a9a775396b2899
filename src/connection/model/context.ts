import type { SettingName, SettingValues } from './connection-settings.js';
import type { NatsxError } from '../../core/errors.js';
import { usageError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';

/** A context file as it is on disk: natscli's keys and any others. */
export type ContextFile = Readonly<Record<string, unknown>>;

/** A context as `context ls` shows it. */
export interface ContextEntry {
  readonly name: string;
  readonly selected: boolean;
  readonly description: string;
  /** Its servers, or the nsc profile that names them; empty for the default. */
  readonly url: string;
  /** Why it cannot be used, as far as its file says so. */
  readonly fault: NatsxError | undefined;
}

/** The outcome of checking one context; without an error it can be used. */
export interface ContextCheck {
  readonly name: string;
  readonly error: NatsxError | undefined;
}

/** natscli's key of each setting. */
const CONTEXT_KEYS: Readonly<Partial<Record<SettingName, string>>> = {
  servers: 'url',
  user: 'user',
  password: 'password',
  token: 'token',
  creds: 'creds',
  nsc: 'nsc',
  nkey: 'nkey',
  jwt: 'user_jwt',
  seed: 'user_seed',
  tlsCa: 'ca',
  tlsCert: 'cert',
  tlsKey: 'key',
  tlsFirst: 'tls_first',
  inboxPrefix: 'inbox_prefix',
  jsDomain: 'jetstream_domain',
  jsApiPrefix: 'jetstream_api_prefix',
  jsEventPrefix: 'jetstream_event_prefix',
  socksProxy: 'socks_proxy',
};

/** natscli writes every one of these keys, so that a file written by natsx looks like one of natscli's. */
export const EMPTY_CONTEXT: ContextFile = {
  description: '',
  url: '',
  socks_proxy: '',
  token: '',
  user: '',
  password: '',
  creds: '',
  nkey: '',
  cert: '',
  key: '',
  ca: '',
  nsc: '',
  jetstream_domain: '',
  jetstream_api_prefix: '',
  jetstream_event_prefix: '',
  inbox_prefix: '',
  user_jwt: '',
  color_scheme: '',
  tls_first: false,
};

const entries = Object.entries(CONTEXT_KEYS) as [SettingName, string][];

/** Keys that say nothing of a connection, or that natsx cannot follow; the nats CLI reads texts there. */
const OTHER_TEXTS = [
  'name',
  'description',
  'color_scheme',
  'windows_cert_store',
  'windows_cert_match_by',
  'windows_cert_match',
] as const;

/** Certificates out of a store of the system, and what they mean. */
const WINDOWS_STORE = [
  'windows_cert_store',
  'windows_cert_match',
  'windows_ca_certs_match',
] as const;

/**
 * The settings that a context file gives; empty texts, `null` and `false` count as not given.
 *
 * @param name of the context, for errors
 * @throws {NatsxError} usage — a value of another type than the nats CLI takes, or a key that natsx cannot follow
 */
export function contextSettings(file: ContextFile, name: string): SettingValues {
  checkTypes(file, name);
  const unsupported = WINDOWS_STORE.find((key) => isGiven(file[key]));
  if (unsupported !== undefined) {
    throw usageError(
      `the context ${quoted(name)} uses the certificate store of Windows (${unsupported}), which natsx cannot read`,
      'name files with the keys cert, key and ca',
    );
  }
  const given = entries.flatMap(([setting, key]): [SettingName, string][] => {
    const value = file[key];
    if (setting === 'tlsFirst') return value === true ? [[setting, 'true']] : [];
    return typeof value === 'string' && value !== '' ? [[setting, value]] : [];
  });
  const values: SettingValues = Object.fromEntries(given);
  const { nsc, creds } = values;
  if (nsc === undefined) return values;
  const profile = nsc.replace(/^nsc:\/\//, '');
  return { ...values, nsc: profile, creds: creds ?? `nsc://${profile}` };
}

function isGiven(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : typeof value === 'string' && value !== '';
}

/** A value of another type would be passed over, and with it where to connect, or as whom. */
function checkTypes(file: ContextFile, name: string): void {
  const texts = entries.map(([, key]) => key).filter((key) => key !== 'tls_first');
  for (const key of [...texts, ...OTHER_TEXTS]) checkType(file, key, name, 'text');
  checkType(file, 'tls_first', name, 'true or false');
  const authorities = file['windows_ca_certs_match'] ?? [];
  if (!Array.isArray(authorities)) throw wrongType('windows_ca_certs_match', name, 'list of texts');
}

const TYPE_OF = { text: 'string', 'true or false': 'boolean' } as const;

function checkType(file: ContextFile, key: string, name: string, type: keyof typeof TYPE_OF): void {
  const value = file[key] ?? undefined;
  if (value !== undefined && typeof value !== TYPE_OF[type]) throw wrongType(key, name, type);
}

function wrongType(key: string, name: string, wanted: string): Error {
  const article = wanted === 'true or false' ? '' : 'a ';
  return usageError(
    `the context ${quoted(name)} cannot be used: its ${quoted(key)} must be ${article}${wanted}`,
    `correct the file: natsx context save ${name} changes single settings`,
  );
}

/** The key of the nats CLI's files that holds a setting. */
export function contextKey(name: SettingName): string {
  return CONTEXT_KEYS[name] ?? name;
}

/** A copy of the file with the given settings put in; unknown keys stay as they are. */
export function withSettings(file: ContextFile, values: SettingValues): ContextFile {
  const changes = entries.flatMap(([name, key]) => {
    const value = values[name];
    if (value === undefined) return [];
    return [[key, key === 'tls_first' ? value === 'true' : value] as const];
  });
  return { ...file, ...Object.fromEntries(changes) };
}

/** A copy of the file in which the given settings are empty. */
export function withoutSettings(file: ContextFile, names: readonly SettingName[]): ContextFile {
  const keys = names.map((name) => CONTEXT_KEYS[name]).filter((key) => key !== undefined);
  // A profile of nsc is a creds file by another name.
  const all = names.includes('creds') && 'nsc' in file ? [...keys, 'nsc'] : keys;
  return { ...file, ...Object.fromEntries(all.map((key) => [key, ''])) };
}

/**
 * Refuses names that would leave the folder of contexts or that natscli would not find again.
 *
 * @throws {NatsxError} usage
 */
export function checkContextName(name: string): void {
  if (name === '' || name.includes('..') || /[/\\\0]/.test(name)) throw noContextName(name);
}

/** The same for a context that is to be written: no name that a terminal would obey. @throws {NatsxError} usage */
export function checkNewContextName(name: string): void {
  checkContextName(name);
  if (/\p{Cc}/u.test(name)) throw noContextName(name);
}

function noContextName(name: string): Error {
  return usageError(
    `${quoted(name)} is not a context name`,
    'use letters, digits, dashes and dots, without slashes',
  );
}
