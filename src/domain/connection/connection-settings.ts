import { usageError } from '../errors.js';

/** The settings that flags, environment and contexts can give, by one name each; all texts as the user wrote them. */
export interface SettingValues {
  readonly servers?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly token?: string | undefined;
  readonly creds?: string | undefined;
  readonly nkey?: string | undefined;
  readonly jwt?: string | undefined;
  readonly seed?: string | undefined;
  readonly tlsCa?: string | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly tlsFirst?: string | undefined;
  readonly inboxPrefix?: string | undefined;
  readonly jsDomain?: string | undefined;
  readonly jsApiPrefix?: string | undefined;
  readonly socksProxy?: string | undefined;
  readonly timeout?: string | undefined;
}

export type SettingName = keyof SettingValues;

/** What a user calls each setting: its flag, and its key in JSON with underscores. In the order of lists. */
export const SETTING_WORDS: Readonly<Record<SettingName, string>> = {
  servers: 'server',
  user: 'user',
  password: 'password',
  token: 'token',
  creds: 'creds',
  nkey: 'nkey',
  jwt: 'jwt',
  seed: 'seed',
  tlsCa: 'tls-ca',
  tlsCert: 'tls-cert',
  tlsKey: 'tls-key',
  tlsFirst: 'tls-first',
  inboxPrefix: 'inbox-prefix',
  jsDomain: 'js-domain',
  jsApiPrefix: 'js-api-prefix',
  socksProxy: 'socks-proxy',
  timeout: 'timeout',
};

/** Where a value came from, strongest first. */
export type SettingOrigin = 'flag' | 'environment' | 'context' | 'url' | 'default';

export interface Setting {
  readonly value: string;
  readonly origin: SettingOrigin;
  /** The flag, variable or context it came from, such as `NATS_URL`. */
  readonly source: string;
}

/** The settings in force. A name that nobody gave is absent. */
export type ConnectionSettings = ReadonlyMap<SettingName, Setting>;

/** The settings in force and the context that took part, if any. */
export interface SettingsView {
  readonly context: string | undefined;
  readonly settings: ConnectionSettings;
}

export interface SettingLevel {
  readonly origin: SettingOrigin;
  readonly values: SettingValues;
  /** How a reader would recognise the source of one value. */
  readonly source: (name: SettingName) => string;
}

export const DEFAULT_SERVER = 'nats://127.0.0.1:4222';

/** The ways to prove who one is; a stronger level that names one way silences the others of weaker levels. */
const AUTH_METHODS: readonly (readonly SettingName[])[] = [
  ['user', 'password'],
  ['creds'],
  ['nkey'],
  ['jwt', 'seed'],
  ['token'],
];
const AUTH_NAMES: ReadonlySet<SettingName> = new Set(AUTH_METHODS.flat());

/** The authentication that new values silence: every way but those they name; none when they name none at all. */
export function silencedAuthentication(values: SettingValues): readonly SettingName[] {
  const isNamed = (name: SettingName): boolean => values[name] !== undefined;
  const others = AUTH_METHODS.filter((method) => !method.some(isNamed));
  return others.length === AUTH_METHODS.length ? [] : others.flat();
}

/**
 * Merges levels of settings, strongest first, into the one set in force: each value from the strongest
 * level that has it, but authentication as a whole from the strongest level that names any of it (a
 * `--creds` on the command line is never mixed with the password of a context).
 *
 * @throws {NatsxError} usage — a server URL that cannot be read
 */
export function resolveSettings(levels: readonly SettingLevel[]): ConnectionSettings {
  const settings = new Map<SettingName, Setting>();
  const expanded = levels.flatMap(splitUrlCredentials);
  for (const level of expanded) {
    for (const [name, value] of definedValues(level.values)) {
      if (settings.has(name) || AUTH_NAMES.has(name)) continue;
      settings.set(name, { value, origin: level.origin, source: level.source(name) });
    }
  }
  for (const [name, setting] of resolveAuthentication(expanded)) settings.set(name, setting);
  return settings;
}

function resolveAuthentication(levels: readonly SettingLevel[]): [SettingName, Setting][] {
  const strongest = levels.find((level) =>
    definedValues(level.values).some(([name]) => AUTH_NAMES.has(name)),
  );
  if (strongest === undefined) return [];
  const named = new Set(definedValues(strongest.values).map(([name]) => name));
  const wanted = AUTH_METHODS.filter((method) => method.some((name) => named.has(name))).flat();
  return wanted.flatMap((name) => {
    const level = levels.find((candidate) => (candidate.values[name] ?? '') !== '');
    const value = level?.values[name];
    if (level === undefined || value === undefined) return [];
    const setting = { value, origin: level.origin, source: level.source(name) };
    return [[name, setting] as [SettingName, Setting]];
  });
}

/** `nats://user:secret@host` names credentials too: they count as given one step below their level. */
function splitUrlCredentials(level: SettingLevel): readonly SettingLevel[] {
  const given = level.values.servers;
  if (given === undefined) return [level];
  const servers = parseServers(given);
  const withLogin = servers.find((server) => server.login !== undefined);
  const plain = {
    ...level,
    values: { ...level.values, servers: servers.map((s) => s.url).join(',') },
  };
  if (withLogin?.login === undefined) return [plain];
  const source = (): string => `the server URL of ${level.source('servers')}`;
  return [plain, { origin: 'url', values: withLogin.login, source }];
}

interface ServerUrl {
  /** `nats://host:port` or `tls://host:port`. */
  readonly url: string;
  readonly login?: SettingValues;
}

/**
 * Reads a comma-separated list of servers. The scheme may be missing (`demo.nats.io`), the port is 4222 by default.
 *
 * @throws {NatsxError} usage — an empty entry, an unknown scheme, a port that is no number
 */
export function parseServers(text: string): readonly ServerUrl[] {
  const entries = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  if (entries.length === 0) {
    throw usageError('the server list is empty', 'give a URL such as nats://127.0.0.1:4222');
  }
  return entries.map(parseServer);
}

function parseServer(entry: string): ServerUrl {
  const [scheme, rest] = entry.includes('://') ? splitScheme(entry) : ['nats', entry];
  if (scheme !== 'nats' && scheme !== 'tls') {
    throw usageError(
      `the server scheme "${scheme}" is not supported`,
      'use nats://host:port or tls://host:port',
    );
  }
  const url = parseHttpLike(rest);
  if (url === undefined || url.hostname === '' || hasMoreThanAnOrigin(url)) {
    throw notAServer(scheme, rest);
  }
  const port = url.port === '' ? (/:80\/?$/.test(rest) ? '80' : '4222') : url.port;
  const login = loginOf(url);
  return { url: `${scheme}://${url.hostname}:${port}`, ...(login === undefined ? {} : { login }) };
}

function notAServer(scheme: string, rest: string): Error {
  if (rest.includes('@')) {
    return usageError(
      `the server URL "${scheme}://…@${rest.replace(/^.*@/s, '')}" cannot be read`,
      'in its user name and password write %2F for /, %3F for ?, %23 for #, %40 for @ and %3A for :',
    );
  }
  const isBareIpv6 = /^[\da-f]*:[\da-f]*:[\da-f:.]*$/i.test(rest);
  return usageError(
    `"${scheme}://${rest}" is no server URL`,
    isBareIpv6
      ? `write an IPv6 address in brackets: ${scheme}://[${rest}]:4222`
      : 'give a URL such as nats://127.0.0.1:4222',
  );
}

function splitScheme(entry: string): [string, string] {
  const at = entry.indexOf('://');
  return [entry.slice(0, at).toLowerCase(), entry.slice(at + 3)];
}

/** The URL class knows user info, ports and IPv6, but only for schemes that it calls special. */
function parseHttpLike(rest: string): URL | undefined {
  try {
    return new URL(`http://${rest}`);
  } catch {
    return undefined;
  }
}

/** A path, a query or a fragment; most often a password with a `/`, `?` or `#` that was not escaped. */
function hasMoreThanAnOrigin(url: URL): boolean {
  return (url.pathname !== '/' && url.pathname !== '') || url.search !== '' || url.hash !== '';
}

/** A user name alone is a token, as every NATS client reads it. */
function loginOf(url: URL): SettingValues | undefined {
  if (url.username === '') return undefined;
  const user = unescaped(url.username);
  return url.password === '' ? { token: user } : { user, password: unescaped(url.password) };
}

/** A password may hold a percent sign that escapes nothing. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function definedValues(values: SettingValues): [SettingName, string][] {
  return (Object.entries(values) as [SettingName, string | undefined][]).filter(
    (entry): entry is [SettingName, string] => entry[1] !== undefined && entry[1] !== '',
  );
}
