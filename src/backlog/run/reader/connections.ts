import type {
  ClosedConnection,
  ConnectionSample,
  ServerStatistics,
} from '../../../streams/model/snapshot.js';
import { allPages, type Page } from '../../../connection/pages.js';
import { isRefusal, type BacklogRequests } from '../../../streams/run/api/requests.js';
import { timeOf } from '../../../streams/run/api/samples.js';

/** What all servers report to an ordinary user about the connections of its account. */
export interface ConnectionReading {
  readonly open: readonly ConnectionSample[];
  readonly closed: readonly ClosedConnection[];
  readonly statistics: readonly ServerStatistics[];
  /** How many connections of a server were not read; absent if all were. */
  readonly unread?: number | undefined;
  /** The server's clock minus ours, in milliseconds; for servers whose answers have no time. */
  readonly clockOffsetMs: number;
}

const PAGE = 1024;
/** Per server; beyond this, only the slowest readers are read and the rest is counted. */
const MOST_CONNECTIONS = 64 * PAGE;
const OPEN = 0;
const CLOSED = 1;

interface Envelope<T> {
  readonly server: { readonly name: string; readonly id: string; readonly time?: string };
  readonly data?: T;
  readonly error?: unknown;
}

interface Connz {
  readonly now?: string;
  readonly total?: number;
  readonly connections?: readonly RawConnection[] | null;
}

export interface RawConnection {
  readonly cid: number;
  readonly name?: string;
  readonly ip?: string;
  readonly port?: number;
  readonly lang?: string;
  readonly start?: string;
  readonly stop?: string;
  readonly reason?: string;
  readonly last_activity?: string;
  readonly rtt?: string;
  readonly pending_bytes?: number;
  readonly in_msgs?: number;
  readonly out_msgs?: number;
  readonly in_bytes?: number;
  readonly out_bytes?: number;
  readonly idle?: string;
  readonly uptime?: string;
  readonly version?: string;
  readonly authorized_user?: string;
  readonly stalls?: number;
  readonly subscriptions?: number;
  readonly subscriptions_list?: readonly string[] | null;
  readonly account?: string;
}

/** The connections of one server. */
export interface ServerConnections {
  readonly server: string;
  readonly connections: readonly RawConnection[];
}

interface Statz {
  readonly statz?: readonly StatzAccount[] | null;
  readonly accounts?: readonly StatzAccount[] | null;
}

interface StatzAccount {
  readonly conns?: number;
  readonly slow_consumers?: number;
}

/** The account of this user; undefined if the server does not report it (before 2.10) or the user may not ask. */
export async function readOwnAccount(requests: BacklogRequests): Promise<string | undefined> {
  const reply = await requests.raw('$SYS.REQ.USER.INFO', {});
  if (isRefusal(reply)) return undefined;
  return reply.json<Envelope<{ readonly account?: string }>>().data?.account;
}

/** This program's own connection, which is left out. */
export interface OwnConnection {
  readonly serverId: string;
  readonly cid: number;
}

/**
 * One reading of connections and statistics; undefined when no server answers (no permission, or a server
 * that is too old).
 *
 * @param withClosed read closed connections as well, once per run, because they change little
 */
export async function readConnections(
  requests: BacklogRequests,
  own: OwnConnection,
  withClosed: boolean,
): Promise<ConnectionReading | undefined> {
  const startMs = Date.now();
  const everyServer = (question: object) =>
    requests.everyServer<Envelope<Connz>>('$SYS.REQ.ACCOUNT.PING.CONNZ', question);
  const [open, closed, statistics] = await Promise.all([
    connz(everyServer, OPEN),
    withClosed ? connz(everyServer, CLOSED) : NO_PAGES,
    requests.everyServer<Envelope<Statz>>('$SYS.REQ.ACCOUNT.PING.STATZ', {}),
  ]);
  if (open.answers.length === 0 && statistics.length === 0) return undefined;
  const halfWayMs = (startMs + Date.now()) / 2;
  const clock = timeOf((open.answers[0] ?? statistics[0])?.server.time);
  return {
    open: open.answers.flatMap((answer) => openOf(answer, own)),
    closed: closed.answers.flatMap(closedOf),
    ...(open.unread === 0 ? {} : { unread: open.unread }),
    statistics: statistics.map(statisticsOf),
    clockOffsetMs: clock === undefined ? 0 : clock - halfWayMs,
  };
}

interface ConnectionPages {
  readonly answers: readonly Envelope<Connz>[];
  readonly unread: number;
}

/** The open connections of each server; the slowest readers first where there are too many to read. */
export async function listConnections(
  ask: (question: object) => Promise<readonly unknown[]>,
  further: object = {},
): Promise<{ readonly servers: readonly ServerConnections[]; readonly unread: number }> {
  const everyServer = async (question: object) =>
    (await ask({ ...question, ...further })) as readonly Envelope<Connz>[];
  const { answers, unread } = await connz(everyServer, OPEN);
  const servers = answers.map(({ server, data }) => ({
    server: server.name,
    connections: data?.connections ?? [],
  }));
  return { servers, unread };
}

const NO_PAGES: ConnectionPages = { answers: [], unread: 0 };

async function connz(
  everyServer: (question: object) => Promise<readonly Envelope<Connz>[]>,
  state: number,
): Promise<ConnectionPages> {
  const answers: Envelope<Connz>[] = [];
  // Slow readers first, so that the first pages have the important ones even if there are too many.
  const sort = state === OPEN ? 'pending' : 'stop';
  let unread = 0;
  const pages = allPages<Page & { readonly servers: readonly Envelope<Connz>[] }>({
    read: async (offset) => {
      if (offset >= MOST_CONNECTIONS) return undefined;
      const servers = await everyServer({
        state,
        sort,
        subscriptions: true,
        limit: PAGE,
        offset,
      });
      const totals = servers.map(({ data }) => data?.total ?? 0);
      unread = totals.reduce((sum, total) => sum + Math.max(0, total - offset - PAGE), 0);
      return { servers, limit: PAGE, total: Math.max(0, ...totals) };
    },
    size: ({ servers }) => servers.length,
  });
  for await (const { servers } of pages) answers.push(...servers);
  return { answers, unread };
}

function openOf({ server, data }: Envelope<Connz>, own: OwnConnection): ConnectionSample[] {
  const atMs = timeOf(data?.now ?? server.time) ?? 0;
  return (data?.connections ?? [])
    .filter(({ cid }) => server.id !== own.serverId || cid !== own.cid)
    .map((raw) => openConnection(server.name, raw, atMs));
}

export function openConnection(server: string, raw: RawConnection, atMs: number): ConnectionSample {
  return {
    server,
    cid: raw.cid,
    atMs,
    name: raw.name ?? '',
    address: addressOf(raw),
    language: raw.lang,
    rttMs: goDurationMs(raw.rtt),
    startMs: timeOf(raw.start),
    lastActivityMs: timeOf(raw.last_activity),
    pendingBytes: raw.pending_bytes ?? 0,
    outMessages: raw.out_msgs ?? 0,
    inMessages: raw.in_msgs ?? 0,
    stalls: raw.stalls,
    subscriptionCount: raw.subscriptions ?? 0,
    subscriptions: raw.subscriptions_list ?? [],
  };
}

function closedOf({ server, data }: Envelope<Connz>): ClosedConnection[] {
  return (data?.connections ?? []).map((raw) => closedConnection(server.name, raw));
}

export function closedConnection(server: string, raw: RawConnection): ClosedConnection {
  return {
    server,
    cid: raw.cid,
    name: raw.name ?? '',
    address: addressOf(raw),
    startMs: timeOf(raw.start),
    stopMs: timeOf(raw.stop) ?? 0,
    lastActivityMs: timeOf(raw.last_activity),
    outMessages: raw.out_msgs,
    inMessages: raw.in_msgs,
    reason: raw.reason ?? 'unknown',
    subscriptions: raw.subscriptions_list ?? [],
    subscriptionCount: raw.subscriptions ?? raw.subscriptions_list?.length ?? 0,
  };
}

function statisticsOf({ server, data }: Envelope<Statz>): ServerStatistics {
  const accounts = data?.statz ?? data?.accounts ?? [];
  return {
    server: server.name,
    atMs: timeOf(server.time) ?? 0,
    connections: accounts.reduce((sum, { conns = 0 }) => sum + conns, 0),
    slowConsumers: accounts.reduce((sum, { slow_consumers: slow = 0 }) => sum + slow, 0),
  };
}

export function addressOf({ ip = '', port = 0 }: RawConnection): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  µs: 1e-3,
  us: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  y: 31_536_000_000,
};

/** Go's own spelling of durations, such as `1.2ms` or `1m3.5s`, and the server's of long ones: `1y2d3h4m5s`. */
export function goDurationMs(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/([\d.]+)(ns|µs|us|ms|s|m|h|d|y)/g)) {
    total += Number(amount) * (UNIT_MS[unit ?? ''] ?? 0);
  }
  return total;
}
