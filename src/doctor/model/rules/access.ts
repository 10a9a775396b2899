import type { SubjectRights } from '../../../connection/model/connection-facts.js';
import type { DeploymentAudit } from '../facts.js';
import type { DeploymentRule } from './deployment-rule.js';
import { someNames } from '../../../core/wording.js';
import { formatDurationMs } from '../../../core/values/duration.js';

export const noAuthentication: DeploymentRule = {
  id: 'NO_AUTHENTICATION',
  area: 'exposure',
  severity: 'critical',
  scope: 'server',
  meaning:
    'Anyone who can reach the server’s port can read, publish, and remove streams: no credentials are required.',
  signs:
    'The server requires no authentication, or accepted this connection without any credentials (no_auth_user). A warning on the local host, where only this machine is known to reach it.',
  advice: 'Configure users, tokens, NKEYs or JWTs, and remove no_auth_user.',
  test: ({ connection }) => {
    const { authRequired, identified, certificateRequired, address, user } = connection;
    if (certificateRequired || (authRequired && identified)) return undefined;
    const name = user?.name === undefined ? '' : ` as ${user.name}`;
    // Before 2.11 a server with no_auth_user reports that it requires nothing; a user name shows otherwise.
    const asDefaultUser = authRequired || (!identified && user?.name !== undefined);
    return {
      severity: isLoopback(address) ? 'warning' : 'critical',
      summary: asDefaultUser
        ? `${address} lets anyone in without credentials${name} (no_auth_user).`
        : `${address} does not require credentials.`,
      evidence: {
        auth_required: authRequired,
        credentials_given: identified,
        user: user?.name,
        account: user?.account,
      },
    };
  },
  remedy: () => ['nats server passwd', 'natsx info'],
};

export const guessableCredentials: DeploymentRule = {
  id: 'GUESSABLE_CREDENTIALS',
  area: 'exposure',
  severity: 'critical',
  scope: 'connection',
  meaning: 'The credentials in use are among the first that an attacker would try.',
  signs:
    'The password is the user name, empty, or one used in configuration examples; the same goes for the token. Only the credentials of this connection are checked, and nothing is tried out.',
  advice:
    'Create new credentials and replace the old ones everywhere. Better still, use NKEYs or JWTs.',
  test: ({ connection: { guessable, user, authRequired } }) =>
    guessable === undefined || !authRequired
      ? undefined
      : {
          summary: `The credentials${user?.name === undefined ? '' : ` of ${user.name}`} can be guessed: ${guessable}.`,
          evidence: { reason: guessable, user: user?.name },
        },
  remedy: () => ['nats server passwd'],
};

export const noTls: DeploymentRule = {
  id: 'NO_TLS',
  area: 'exposure',
  severity: 'warning',
  scope: 'connection',
  meaning:
    'Messages, passwords and tokens cross the network in the clear, and nothing proves the identity of the server.',
  signs: 'This connection is not encrypted.',
  advice:
    'Configure tls on the server, and connect with tls:// and the certificate of its authority.',
  test: ({ connection: { encrypted, address, server } }) =>
    encrypted
      ? undefined
      : {
          summary: `The connection to ${server} (${address}) is not encrypted.`,
          evidence: { encrypted: false, address, local: isLoopback(address) },
        },
  remedy: ({ connection: { address } }) => [`natsx info --server tls://${address} --tls-ca ca.pem`],
};

export const routesWithoutTls: DeploymentRule = {
  id: 'ROUTES_WITHOUT_TLS',
  area: 'exposure',
  severity: 'info',
  scope: 'server',
  meaning:
    'The servers of the cluster communicate in the clear: anyone listening between them can read all messages.',
  signs:
    'A server has routes and its cluster block has no tls. Needs --system-context or --monitor.',
  advice: 'Configure cluster { tls { … } }, unless you control the network between the servers.',
  test: ({ settings, thresholds }) => {
    const plain = (settings ?? []).filter(({ routes, routesTls }) => routes > 0 && !routesTls);
    if (plain.length === 0) return undefined;
    const names = plain.map(({ name }) => name);
    return {
      summary: `The routes of ${someNames(names, thresholds.namesShown)} are not encrypted.`,
      evidence: { servers: names },
    };
  },
  remedy: () => ['nats server report routes'],
};

export const widePermissions: DeploymentRule = {
  id: 'WIDE_PERMISSIONS',
  area: 'exposure',
  severity: 'warning',
  scope: 'connection',
  meaning:
    'The user may do anything in its account. A mistake in one program, or its stolen credentials, affects all messages and all streams.',
  signs:
    'The server lists no permissions for the user, or the allow list for publish or subscribe contains ">" or "*.>" and nothing is denied.',
  advice:
    'Allow only the subjects that the program uses, its own inbox, and the JetStream API calls that it makes.',
  test: ({ connection: { user } }) => {
    if (user === undefined) return undefined;
    const wide = [
      ...(isWide(user.publish) ? ['publish'] : []),
      ...(isWide(user.subscribe) ? ['subscribe'] : []),
    ];
    if (wide.length === 0) return undefined;
    const who = user.name === undefined || user.name === '' ? 'The user' : user.name;
    return {
      summary: `${who} may ${wide.join(' and ')} on every subject of account ${user.account ?? '(unknown)'}.`,
      evidence: { user: user.name, account: user.account, unlimited: wide },
    };
  },
  remedy: () => ['natsx info', 'nats auth user edit'],
};

function isWide({ allow, deny }: SubjectRights): boolean {
  if (deny.length > 0) return false;
  return allow === undefined || allow.some((subject) => subject === '>' || subject === '*.>');
}

export const credentialsExpire: DeploymentRule = {
  id: 'CREDENTIALS_EXPIRE',
  area: 'availability',
  severity: 'warning',
  scope: 'connection',
  meaning:
    'The credentials in use expire soon. The server then closes the connection and accepts no new one.',
  signs: 'They expire within 14 days; critical within two days.',
  advice:
    'Renew them before then. Programs that read the file again when they reconnect pick up the new ones.',
  test: ({ connection: { user }, thresholds }: DeploymentAudit) => {
    const left = user?.expiresInMs;
    if (left === undefined || left > thresholds.expiresSoonMs) return undefined;
    return {
      severity: left <= thresholds.expiresVerySoonMs ? 'critical' : 'warning',
      summary: `The credentials${user?.name === undefined ? '' : ` of ${user.name}`} expire in ${formatDurationMs(left)}.`,
      evidence: { expires_in_ms: left, user: user?.name },
    };
  },
  remedy: () => ['natsx info'],
};

/** `127.0.0.1:4222`, `[::1]:4222`, `localhost:4222`. */
function isLoopback(address: string): boolean {
  return /^(\w+:\/\/)?(127\.|localhost(:|$)|\[::1\]|::1)/.test(address);
}
