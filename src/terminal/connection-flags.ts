import * as Flags from '@oclif/core/flags';

import {
  SETTING_WORDS,
  type SettingLevel,
  type SettingName,
} from '../connection/model/connection-settings.js';
import { waitFlag } from './flag-types.js';

const helpGroup = 'CONNECTION';

/** How to reach the server and how to log in; every command has them. */
export const connectionFlags = {
  server: Flags.string({
    char: 's',
    multiple: true,
    // Otherwise the subject after `-s url` would count as another server.
    multipleNonGreedy: true,
    delimiter: ',',
    helpValue: '<url>',
    summary: 'server to connect to; repeat it or separate with commas for several (NATS_URL)',
    helpGroup,
  }),
  context: Flags.string({
    helpValue: '<name>',
    summary: 'context with the settings to use, by name or .json file (NATS_CONTEXT)',
    helpGroup,
  }),
  'no-context': Flags.boolean({ summary: 'ignore the selected context', helpGroup }),
  user: Flags.string({ helpValue: '<name>', summary: 'user name (NATS_USER)', helpGroup }),
  password: Flags.string({ helpValue: '<text>', summary: 'password (NATS_PASSWORD)', helpGroup }),
  token: Flags.string({ helpValue: '<text>', summary: 'token (NATS_TOKEN)', helpGroup }),
  creds: Flags.string({ helpValue: '<file>', summary: 'credentials file (NATS_CREDS)', helpGroup }),
  nkey: Flags.string({
    helpValue: '<file>',
    summary: 'file with an NKEY seed (NATS_NKEY)',
    helpGroup,
  }),
  jwt: Flags.string({
    helpValue: '<text>',
    summary: 'user JWT, with --seed (NATS_JWT)',
    helpGroup,
  }),
  seed: Flags.string({
    helpValue: '<text>',
    summary: 'NKEY seed for --jwt (NATS_SEED)',
    helpGroup,
  }),
  'tls-ca': Flags.string({
    aliases: ['tlsca'],
    helpValue: '<file>',
    summary: 'certificate authority of the server (NATS_CA)',
    helpGroup,
  }),
  'tls-cert': Flags.string({
    aliases: ['tlscert'],
    helpValue: '<file>',
    summary: 'client certificate (NATS_CERT)',
    helpGroup,
  }),
  'tls-key': Flags.string({
    aliases: ['tlskey'],
    helpValue: '<file>',
    summary: 'key of the client certificate (NATS_KEY)',
    helpGroup,
  }),
  'tls-first': Flags.boolean({
    aliases: ['tlsfirst'],
    summary: 'start TLS before the server sends anything',
    helpGroup,
  }),
  'inbox-prefix': Flags.string({
    helpValue: '<subject>',
    summary: 'prefix of reply subjects',
    helpGroup,
  }),
  'js-domain': Flags.string({
    aliases: ['domain'],
    helpValue: '<name>',
    summary: 'JetStream domain',
    helpGroup,
  }),
  'js-api-prefix': Flags.string({
    helpValue: '<subject>',
    summary: 'prefix of the JetStream API',
    helpGroup,
  }),
  'socks-proxy': Flags.string({ hidden: true, helpGroup }),
  'connection-name': Flags.string({
    helpValue: '<text>',
    summary: "name of this connection in the server's lists",
    helpGroup,
  }),
  timeout: waitFlag({
    summary: 'how long to wait for an answer or a server [default: 5s] (NATS_TIMEOUT)',
    helpGroup,
  }),
  'wait-for-server': waitFlag({
    summary: 'how long to keep trying to connect at the start',
    helpGroup,
  }),
  'give-up-after': waitFlag({
    summary: 'how long to keep trying to reconnect before failing',
    helpGroup,
  }),
} as const;

/** The nats CLI's environment variables. */
const VARIABLE_OF: Readonly<Partial<Record<SettingName, string>>> = {
  servers: 'NATS_URL',
  user: 'NATS_USER',
  password: 'NATS_PASSWORD',
  token: 'NATS_TOKEN',
  creds: 'NATS_CREDS',
  nkey: 'NATS_NKEY',
  jwt: 'NATS_JWT',
  seed: 'NATS_SEED',
  tlsCa: 'NATS_CA',
  tlsCert: 'NATS_CERT',
  tlsKey: 'NATS_KEY',
  socksProxy: 'NATS_SOCKS_PROXY',
  timeout: 'NATS_TIMEOUT',
};

const names = Object.keys(SETTING_WORDS) as SettingName[];

/** The settings on the command line. */
export function flagLevel(flags: Readonly<Record<string, unknown>>): SettingLevel {
  const given = names.flatMap((name): [SettingName, string][] => {
    const value = flags[SETTING_WORDS[name]];
    if (Array.isArray(value)) return [[name, value.join(',')]];
    if (value === true) return [[name, 'true']];
    if (typeof value === 'number') return [[name, `${value}ms`]];
    return typeof value === 'string' ? [[name, value]] : [];
  });
  return {
    origin: 'flag',
    values: Object.fromEntries(given),
    source: (name) => `--${SETTING_WORDS[name]}`,
  };
}

/** The settings in the environment. */
export function environmentLevel(environment: NodeJS.ProcessEnv): SettingLevel {
  const given = names.flatMap((name): [SettingName, string][] => {
    const variable = VARIABLE_OF[name];
    const value = variable === undefined ? undefined : environment[variable];
    return value === undefined || value === '' ? [] : [[name, value]];
  });
  return {
    origin: 'environment',
    values: Object.fromEntries(given),
    source: (name) => VARIABLE_OF[name] ?? name,
  };
}
