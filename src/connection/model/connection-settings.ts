import { usageError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';
import { parseServers, type UrlLogin } from './server-url.js';

/** The settings that flags, environment and contexts can give, by one name each; all texts as the user wrote them. */
export interface SettingValues {
  readonly servers?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly token?: string | undefined;
  readonly creds?: string | undefined;
  /** A profile of nsc, which names the credentials and the servers: `operator/account/user`. */
  readonly nsc?: string | undefined;
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
  /** Where the server's events arrive instead of under `$JS.EVENT`; contexts alone give it. */
  readonly jsEventPrefix?: string | undefined;
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
  nsc: 'nsc',
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
  jsEventPrefix: 'js-event-prefix',
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
  /** Of the servers alone, where their URLs do not all have the same login: that of each, in their order. */
  readonly logins?: readonly (UrlLogin | undefined)[];
}

/** The effective settings. A setting that was not given is absent. */
export type ConnectionSettings = ReadonlyMap<SettingName, Setting>;

/** The effective settings and the context that was used, if any. */
export interface SettingsView {
  readonly context: string | undefined;
  /** What the context says about itself; empty where it says nothing. */
  readonly description: string;
  readonly settings: ConnectionSettings;
  /** Settings of a named context that a command would not use, with what it uses instead. */
  readonly overridden: ReadonlyMap<SettingName, Override>;
}

/** What is used instead of a setting: another value, or another way to authenticate. */
export interface Override {
  readonly value: string | undefined;
  /** Such as `NATS_URL`. */
  readonly source: string;
}

export interface SettingLevel {
  readonly origin: SettingOrigin;
  readonly values: SettingValues;
  /** How a reader would recognise the source of one value. */
  readonly source: (name: SettingName) => string;
}

export const DEFAULT_SERVER = 'nats://127.0.0.1:4222';

/** The ways to authenticate; a stronger level that names one way silences the others of weaker levels. */
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
 * Merges levels of settings, strongest first, into the effective ones: each value from the strongest
 * level that has it, but authentication as a whole from the strongest level that names any of it (a
 * `--creds` on the command line is never mixed with the password of a context).
 *
 * A login in a URL is one step weaker than its level, and is for that server alone.
 *
 * @throws {NatsxError} usage — a server URL that cannot be read, a password without a user or of another one
 */
export function resolveSettings(levels: readonly SettingLevel[]): ConnectionSettings {
  const settings = new Map<SettingName, Setting>();
  for (const level of levels) {
    for (const [name, value] of definedValues(level.values)) {
      if (settings.has(name) || AUTH_NAMES.has(name)) continue;
      settings.set(name, { value, origin: level.origin, source: level.source(name) });
    }
  }
  for (const [name, setting] of resolveLogins(levels, settings)) settings.set(name, setting);
  return settings;
}

/** Settings of a context that the environment replaces. */
export function overridesOf(
  own: ConnectionSettings,
  effective: ConnectionSettings,
): ReadonlyMap<SettingName, Override> {
  const found = new Map<SettingName, Override>();
  const login = [...effective].find(
    ([name, { origin }]) => origin === 'environment' && AUTH_NAMES.has(name),
  )?.[1];
  for (const [name, { value, origin }] of own) {
    if (origin !== 'context' && origin !== 'url') continue;
    const used = effective.get(name);
    if (used?.value === value) continue;
    if (used !== undefined) found.set(name, { value: used.value, source: used.source });
    else if (login !== undefined) found.set(name, { value: undefined, source: login.source });
  }
  return found;
}

function resolveLogins(
  levels: readonly SettingLevel[],
  settings: ConnectionSettings,
): readonly [SettingName, Setting][] {
  const given = settings.get('servers');
  if (given === undefined) return resolveAuthentication(levels);
  const servers = parseServers(given.value);
  const setting = { ...given, value: servers.map(({ url }) => url).join(',') };
  const logins = servers.map(({ login }) => login);
  const at = levels.findIndex(({ values }) => (values.servers ?? '') !== '');
  const strongest = levels.findIndex(namesAuthentication);
  const areSilenced = strongest >= 0 && strongest <= at;
  if (areSilenced || logins.every((login) => login === undefined)) {
    return [['servers', setting], ...resolveAuthentication(levels)];
  }
  const [first] = logins;
  if (first !== undefined && logins.every((login) => isSameLogin(login, first))) {
    const source = `the server URL of ${given.source}`;
    const parts = Object.entries(first).map(([name, value]): [SettingName, Setting] => [
      name as SettingName,
      { value: value as string, origin: 'url', source },
    ]);
    return [['servers', setting], ...parts];
  }
  return [['servers', { ...setting, logins }], ...resolveAuthentication(levels)];
}

function isSameLogin(one: UrlLogin | undefined, other: UrlLogin): boolean {
  return one?.user === other.user && one?.password === other.password && one?.token === other.token;
}

function namesAuthentication(level: SettingLevel): boolean {
  return definedValues(level.values).some(([name]) => AUTH_NAMES.has(name));
}

function resolveAuthentication(levels: readonly SettingLevel[]): [SettingName, Setting][] {
  const strongest = levels.find(namesAuthentication);
  if (strongest === undefined) return [];
  const named = new Set(definedValues(strongest.values).map(([name]) => name));
  const wanted = AUTH_METHODS.filter((method) => method.some((name) => named.has(name))).flat();
  const found = new Map(
    wanted.flatMap((name) => {
      const level = levels.find((candidate) => (candidate.values[name] ?? '') !== '');
      const value = level?.values[name];
      if (level === undefined || value === undefined) return [];
      return [[name, { level, value }] as const];
    }),
  );
  checkPair(found, 'user', 'password');
  checkPair(found, 'jwt', 'seed');
  const password = found.get('password');
  if (password !== undefined && !found.has('user')) {
    const source = password.level.source('password');
    throw usageError(
      `there is a password (${source}) and no user name`,
      'give the user with --user',
    );
  }
  return [...found].map(([name, { level, value }]) => [
    name,
    { value, origin: level.origin, source: level.source(name) },
  ]);
}

type Found = ReadonlyMap<SettingName, { readonly level: SettingLevel; readonly value: string }>;

/** A secret belongs to the identity that it was given with: one of a weaker level for another identity is not used. */
function checkPair(found: Found, who: SettingName, secret: SettingName): void {
  const [identity, proof] = [found.get(who), found.get(secret)];
  if (identity === undefined || proof === undefined || identity.level === proof.level) return;
  const other = proof.level.values[who] ?? '';
  if (other === '' || other === identity.value) return;
  const whose = who === 'user' ? `the user ${quoted(other)}` : 'another user';
  throw usageError(
    `the ${SETTING_WORDS[who]} (${identity.level.source(who)}) has no ${SETTING_WORDS[secret]}, and that of ${proof.level.source(secret)} is for ${whose}`,
    `give --${SETTING_WORDS[secret]} as well`,
  );
}

function definedValues(values: SettingValues): [SettingName, string][] {
  return (Object.entries(values) as [SettingName, string | undefined][]).filter(
    (entry): entry is [SettingName, string] => entry[1] !== undefined && entry[1] !== '',
  );
}
