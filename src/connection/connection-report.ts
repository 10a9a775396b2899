import type { NatsConnection } from '@nats-io/transport-node';

import type {
  ConnectionReport,
  JetStreamAccount,
  JetStreamFacts,
  ServerFacts,
  SubjectRights,
  UserFacts,
} from './model/connection-facts.js';
import { isOffCode } from './model/api-scope.js';
import { NatsxError } from '../core/errors.js';
import { translateError } from './translate-error.js';

type Port = Pick<NatsConnection, 'info' | 'request' | 'flush' | 'getServer'>;

/**
 * Asks the server for what an ordinary user may see. What it does not answer (an old server, a missing
 * permission) is absent in the report, never an error.
 *
 * @param apiPrefix subject prefix of the JetStream API, `$JS.API` or a domain's
 * @throws {NatsxError} connection — the server went away meanwhile
 */
export async function readConnectionReport(
  connection: Port,
  apiPrefix: string,
  { timeoutMs, name }: ReportOptions,
): Promise<ConnectionReport> {
  const rttNs = await shortestRoundTripNs(connection);
  const user = await readUser(connection, timeoutMs);
  const jetStream = await readJetStream(connection, apiPrefix, timeoutMs);
  const server = serverFacts(connection);
  if (!(user instanceof NatsxError)) {
    return { server, user, unknownUser: { name, reason: '' }, jetStream, rttNs };
  }
  const unknownUser = { name, reason: user.message, hint: user.hint };
  return { server, user: undefined, unknownUser, jetStream, rttNs };
}

interface ReportOptions {
  readonly timeoutMs: number;
  /** The user name that was given to connect, if any. */
  readonly name: string | undefined;
}

/** The client's own figure has whole milliseconds only; the first round trip also warms up the code. */
async function shortestRoundTripNs(connection: Port): Promise<number> {
  let shortestMs = Infinity;
  for (let i = 0; i < 5; i++) {
    const startMs = performance.now();
    await connection.flush();
    shortestMs = Math.min(shortestMs, performance.now() - startMs);
  }
  return Math.round(shortestMs * 1e6);
}

function serverFacts(connection: Port): ServerFacts {
  const info = connection.info;
  if (info === undefined) throw new NatsxError('connection', 'the server is gone');
  const raw = info as typeof info & { readonly domain?: string; readonly cluster?: string };
  return {
    name: info.server_name,
    id: info.server_id,
    version: info.version,
    address: connection.getServer(),
    cluster: raw.cluster,
    domain: raw.domain,
    clientId: info.client_id,
    clientIp: info.client_ip,
    maxPayloadBytes: info.max_payload,
    headers: info.headers ?? false,
    authRequired: info.auth_required ?? false,
    tls: info.tls_required ?? false,
    alternatives: info.connect_urls ?? [],
  };
}

interface UserInfoAnswer {
  readonly server?: { readonly id?: string };
  readonly data?: {
    readonly user?: string;
    readonly account?: string;
    readonly permissions?: { readonly publish?: RawRights; readonly subscribe?: RawRights };
    /** Nanoseconds; 0 for never. */
    readonly expires?: number;
  };
}

interface RawRights {
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
}

/** Each question to a cluster of 2.10 goes to some other server now and then. */
const MOST_ASKED = 8;

async function readUser(connection: Port, timeoutMs: number): Promise<UserFacts | NatsxError> {
  for (let asked = 0; asked < MOST_ASKED; asked += 1) {
    const answer = await ask<UserInfoAnswer>(connection, '$SYS.REQ.USER.INFO', timeoutMs);
    if (answer instanceof NatsxError) return answer.kind === 'no-responders' ? tooOld() : answer;
    if (answer.data === undefined) return tooOld();
    // Another server does not know the permissions of this connection, and answers as if there were none.
    if (answer.server?.id === connection.info?.server_id) return userFacts(answer.data);
  }
  return new NatsxError('timeout', 'only other servers of the cluster answered');
}

function tooOld(): NatsxError {
  return new NatsxError('not-found', 'servers before 2.10 do not describe it');
}

function userFacts(data: NonNullable<UserInfoAnswer['data']>): UserFacts {
  const { user, account, permissions, expires } = data;
  return {
    name: user === '' ? undefined : user,
    account,
    publish: rights(permissions?.publish),
    subscribe: rights(permissions?.subscribe),
    expiresInMs: expires === undefined || expires === 0 ? undefined : expires / 1e6,
  };
}

function rights(raw: RawRights | undefined): SubjectRights {
  return { allow: raw?.allow, deny: raw?.deny ?? [] };
}

interface AccountAnswer {
  readonly error?: { readonly err_code?: number; readonly description?: string };
  readonly streams?: number;
  readonly consumers?: number;
  readonly storage?: number;
  readonly memory?: number;
  readonly limits?: Readonly<
    Record<'max_streams' | 'max_consumers' | 'max_storage' | 'max_memory', number>
  >;
}

async function readJetStream(
  connection: Port,
  apiPrefix: string,
  timeoutMs: number,
): Promise<JetStreamFacts> {
  const answer = await ask<AccountAnswer>(connection, `${apiPrefix}.INFO`, timeoutMs);
  if (answer instanceof NatsxError) {
    if (answer.kind === 'no-responders') return { state: 'off' };
    return { state: 'unknown', reason: answer.message };
  }
  if (answer.error !== undefined) {
    if (isOffCode(answer.error.err_code)) return { state: 'off' };
    return { state: 'unknown', reason: answer.error.description ?? 'the server gave no reason' };
  }
  return { state: 'on', account: jetStreamAccount(answer) };
}

function jetStreamAccount(answer: AccountAnswer): JetStreamAccount {
  return {
    streams: answer.streams ?? 0,
    maxStreams: answer.limits?.max_streams ?? -1,
    consumers: answer.consumers ?? 0,
    maxConsumers: answer.limits?.max_consumers ?? -1,
    storeBytes: answer.storage ?? 0,
    maxStoreBytes: answer.limits?.max_storage ?? -1,
    memoryBytes: answer.memory ?? 0,
    maxMemoryBytes: answer.limits?.max_memory ?? -1,
  };
}

/** @returns the answer, or the failure as a value: a missing answer is not a reason to give up */
async function ask<T>(
  connection: Port,
  subject: string,
  timeoutMs: number,
): Promise<T | NatsxError> {
  try {
    const reply = await connection.request(subject, '', { timeout: timeoutMs });
    return reply.json<T>();
  } catch (error) {
    return translateError(error, `asking "${subject}"`);
  }
}
