import type { NatsConnection } from '@nats-io/transport-node';

import { pauseUntil } from '../../connection/pause-until.js';
import { translateError } from '../../connection/translate-error.js';
import { NatsxError } from '../../core/errors.js';
import { collectAnswers } from '../../streams/run/api/requests.js';
import {
  connectionRows,
  type ConnectionList,
  type ConnectionScope,
  type ListedConnection,
} from '../model/connection-list.js';
import {
  addressOf,
  goDurationMs,
  listConnections,
  type RawConnection,
  type ServerConnections,
} from './reader/connections.js';
import { systemAccount, type ServerSource, type SilentServer } from './reader/server-source.js';

type Port = Pick<NatsConnection, 'request' | 'requestMany' | 'info'>;

/** One reading of all connections. */
interface Reading {
  readonly connections: readonly ListedConnection[];
  readonly unread: number;
  readonly missing: ConnectionList['missing'];
}

/** Where connections are read. */
export interface ConnectionSource {
  readonly scope: () => ConnectionScope;
  readonly read: () => Promise<Reading>;
}

const SUBJECT = '$SYS.REQ.ACCOUNT.PING.CONNZ';

/** The connections of the user's own account, on all servers, without this one. */
export function accountConnections(port: Port, timeoutMs: number): ConnectionSource {
  let account: string | undefined;
  return {
    scope: () => ({ type: 'account', account }),
    read: async () => {
      const { servers, unread } = await listConnections(
        (question) => collectAnswers(port, SUBJECT, question),
        { auth: true },
      );
      if (servers.length === 0) throw await whyNoAnswer(port, timeoutMs);
      account ??= servers.flatMap((one) => one.connections).find((one) => one.account)?.account;
      const connections = servers.flatMap(listed).filter((one) => !isOwn(port, one));
      return { connections, unread, missing: [] };
    },
  };
}

function isOwn({ info }: Port, { server, cid }: ListedConnection): boolean {
  return info?.server_name === server && info.client_id === cid;
}

/** Asks once more for the reason: a list without answers does not say why. */
async function whyNoAnswer(port: Port, timeoutMs: number): Promise<NatsxError> {
  try {
    await port.request(SUBJECT, '{}', { timeout: timeoutMs });
  } catch (error) {
    const failure = translateError(error, `asking "${SUBJECT}"`);
    if (failure.kind !== 'no-responders' && failure.kind !== 'timeout') return failure;
  }
  return new NatsxError('not-found', 'no server lists the connections of this account', {
    hint: 'update the server, or use --monitor URL',
  });
}

/** The connections of all accounts without this one, for a user of the system account. */
export function allConnections(port: Port): ConnectionSource {
  const servers = systemAccount(port);
  return {
    scope: () => ({ type: 'servers' }),
    read: async () => {
      const found = await servers.open();
      if (found.length === 0) {
        throw new NatsxError('auth', 'only a user of the system account may list all connections', {
          hint: 'name its context with --system-context, or a monitoring port with --monitor',
        });
      }
      const connections = found.flatMap(listed).filter((one) => !isOwn(port, one));
      return { connections, unread: 0, missing: [] };
    },
  };
}

/** The connections of all accounts, as the servers themselves report them. */
export function serverConnections(servers: ServerSource): ConnectionSource {
  return {
    scope: () => ({ type: 'servers' }),
    read: async () => {
      const found = await servers.open();
      const missing = servers.silent();
      if (found.length === 0) throw noServer(missing);
      return { connections: found.flatMap(listed), unread: 0, missing };
    },
  };
}

function noServer([first]: readonly SilentServer[]): NatsxError {
  const message =
    first === undefined
      ? 'no server lists its connections'
      : `${first.what} did not answer: ${first.reason}`;
  return new NatsxError('connection', message, { hint: 'check --system-context or --monitor' });
}

/**
 * Lists of connections, one each window, until the signal aborts; each with the rates since the reading before.
 *
 * @throws {NatsxError} auth — the user may not ask; not-found, connection — no server answers
 */
export async function* connectionLists(
  source: ConnectionSource,
  windowMs: number,
  signal: AbortSignal,
): AsyncGenerator<ConnectionList> {
  let beforeMs = performance.now();
  let before = await source.read();
  while (await pausedUntil(beforeMs + windowMs, signal)) {
    const nowMs = performance.now();
    const now = await source.read();
    yield {
      atMs: Date.now(),
      scope: source.scope(),
      windowMs: nowMs - beforeMs,
      rows: connectionRows(before.connections, now.connections, (nowMs - beforeMs) / 1000),
      unread: now.unread,
      missing: now.missing,
    };
    [before, beforeMs] = [now, nowMs];
  }
}

/** @returns false when the signal aborted */
async function pausedUntil(dueMs: number, signal: AbortSignal): Promise<boolean> {
  await pauseUntil(dueMs, signal);
  return !signal.aborted;
}

function listed({ server, connections }: ServerConnections): readonly ListedConnection[] {
  return connections.map((raw) => listedConnection(server, raw));
}

function listedConnection(server: string, raw: RawConnection): ListedConnection {
  return {
    server,
    cid: raw.cid,
    name: raw.name ?? '',
    address: addressOf(raw),
    account: raw.account,
    user: raw.authorized_user,
    language: raw.lang,
    version: raw.version,
    subscriptionCount: raw.subscriptions ?? 0,
    subjects: raw.subscriptions_list ?? [],
    inMessages: raw.in_msgs ?? 0,
    outMessages: raw.out_msgs ?? 0,
    inBytes: raw.in_bytes ?? 0,
    outBytes: raw.out_bytes ?? 0,
    pendingBytes: raw.pending_bytes ?? 0,
    idleMs: goDurationMs(raw.idle),
    rttMs: goDurationMs(raw.rtt),
    uptimeMs: goDurationMs(raw.uptime),
  };
}
