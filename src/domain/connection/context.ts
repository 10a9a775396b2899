import type { SettingName, SettingValues } from './connection-settings.js';
import type { NatsxError } from '../errors.js';
import { usageError } from '../errors.js';
import { quoted } from '../printable.js';

/** A context file as it stands on disk: natscli's keys and whatever else somebody put there. */
export type ContextFile = Readonly<Record<string, unknown>>;

/** A context as `context ls` shows it. */
export interface ContextEntry {
  readonly name: string;
  readonly selected: boolean;
  readonly description: string;
  readonly url: string;
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
  socksProxy: 'socks_proxy',
};

/** natscli writes every one of these keys, so that a file made by natsx looks like its own. */
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

/** The settings that a context file gives; empty texts and `false` count as not given. */
export function contextSettings(file: ContextFile): SettingValues {
  const given = entries.flatMap(([name, key]): [SettingName, string][] => {
    const value = file[key];
    if (name === 'tlsFirst') return value === true ? [[name, 'true']] : [];
    return typeof value === 'string' && value !== '' ? [[name, value]] : [];
  });
  return { ...profileOf(file), ...Object.fromEntries(given) };
}

/** Contexts of older natscli versions name an nsc profile under a key of its own. */
function profileOf(file: ContextFile): SettingValues {
  const profile = file['nsc'];
  return typeof profile === 'string' && profile !== '' ? { creds: profile } : {};
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
    `${quoted(name)} is no context name`,
    'use letters, digits, dashes and dots, without slashes',
  );
}
