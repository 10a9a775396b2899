/** A client connection as a server lists it. */
export interface ListedConnection {
  readonly server: string;
  readonly cid: number;
  readonly name: string;
  readonly address: string;
  /** Only where the server says so. */
  readonly account?: string | undefined;
  readonly user?: string | undefined;
  readonly language?: string | undefined;
  readonly version?: string | undefined;
  readonly subscriptionCount: number;
  readonly subjects: readonly string[];
  /** In is what the client sends to the server. */
  readonly inMessages: number;
  readonly outMessages: number;
  readonly inBytes: number;
  readonly outBytes: number;
  /** What the server holds for it, because it has not read it yet. */
  readonly pendingBytes: number;
  readonly idleMs?: number | undefined;
  readonly rttMs?: number | undefined;
  readonly uptimeMs?: number | undefined;
}

/** What changed between two readings, per second. */
export interface ConnectionRates {
  readonly inPerS: number;
  readonly outPerS: number;
  readonly inBytesPerS: number;
  readonly outBytesPerS: number;
}

/** A connection; one that is new since the previous reading has no rates yet. */
export interface ConnectionRow extends ListedConnection {
  readonly rates: ConnectionRates | undefined;
}

/** Whose connections are listed. */
export type ConnectionScope =
  { readonly type: 'account'; readonly account: string | undefined } | { readonly type: 'servers' };

/** A list of connections at one time. */
export interface ConnectionList {
  readonly atMs: number;
  readonly scope: ConnectionScope;
  /** Between the two readings that the rates are from. */
  readonly windowMs: number;
  readonly rows: readonly ConnectionRow[];
  /** Connections that the servers have and did not list, because there are too many. */
  readonly unread: number;
  readonly missing: readonly { readonly what: string; readonly reason: string }[];
}

/** Pairs two readings, `seconds` apart. */
export function connectionRows(
  before: readonly ListedConnection[],
  after: readonly ListedConnection[],
  seconds: number,
): readonly ConnectionRow[] {
  const earlier = new Map(before.map((one) => [keyOf(one), one]));
  return after.map((now) => ({ ...now, rates: ratesOf(earlier.get(keyOf(now)), now, seconds) }));
}

function ratesOf(
  before: ListedConnection | undefined,
  now: ListedConnection,
  seconds: number,
): ConnectionRates | undefined {
  if (before === undefined || seconds <= 0) return undefined;
  const perS = (key: 'inMessages' | 'outMessages' | 'inBytes' | 'outBytes'): number =>
    Math.max(0, now[key] - before[key]) / seconds;
  return {
    inPerS: perS('inMessages'),
    outPerS: perS('outMessages'),
    inBytesPerS: perS('inBytes'),
    outBytesPerS: perS('outBytes'),
  };
}

/** Connection ids are unique for the lifetime of one server. */
function keyOf({ server, cid }: ListedConnection): string {
  return `${server} ${String(cid)}`;
}

/** Which connections are wanted; all without any of these. */
export interface ConnectionFilter {
  readonly name?: ((name: string) => boolean) | undefined;
  /** Has a subscription of which this is true. */
  readonly subject?: ((subscription: string) => boolean) | undefined;
  readonly account?: string | undefined;
  readonly user?: string | undefined;
  /** Idle for this long or longer. */
  readonly idleMs?: number | undefined;
  readonly onlyPending: boolean;
}

export function isWanted(row: ListedConnection, filter: ConnectionFilter): boolean {
  const { name, subject, account, user, idleMs, onlyPending } = filter;
  if (name?.(row.name) === false) return false;
  if (subject !== undefined && !row.subjects.some(subject)) return false;
  if (account !== undefined && row.account !== account) return false;
  if (user !== undefined && row.user !== user) return false;
  if (idleMs !== undefined && (row.idleMs ?? 0) < idleMs) return false;
  return !onlyPending || row.pendingBytes > 0;
}

export const CONNECTION_ORDERS = [
  'traffic',
  'pending',
  'idle',
  'rtt',
  'subscriptions',
  'name',
] as const;
export type ConnectionOrder = (typeof CONNECTION_ORDERS)[number];

/** The largest first, by name the first; equal ones by name. */
export function sortedConnections(
  rows: readonly ConnectionRow[],
  order: ConnectionOrder,
): readonly ConnectionRow[] {
  const sizeOf = SIZES[order];
  return rows.toSorted(
    (a, b) =>
      sizeOf(b) - sizeOf(a) ||
      a.name.localeCompare(b.name, 'en') ||
      a.server.localeCompare(b.server, 'en') ||
      a.cid - b.cid,
  );
}

const SIZES: Readonly<Record<ConnectionOrder, (row: ConnectionRow) => number>> = {
  traffic: ({ rates }) => (rates === undefined ? 0 : rates.inPerS + rates.outPerS),
  pending: ({ pendingBytes }) => pendingBytes,
  idle: ({ idleMs = 0 }) => idleMs,
  rtt: ({ rttMs = 0 }) => rttMs,
  subscriptions: ({ subscriptionCount }) => subscriptionCount,
  name: () => 0,
};

/** All connections together. */
export interface ConnectionTotals {
  readonly connections: number;
  readonly servers: number;
  readonly inPerS: number;
  readonly outPerS: number;
  readonly pendingBytes: number;
}

export function connectionTotals(rows: readonly ConnectionRow[]): ConnectionTotals {
  const sum = (value: (row: ConnectionRow) => number): number =>
    rows.reduce((total, row) => total + value(row), 0);
  return {
    connections: rows.length,
    servers: new Set(rows.map(({ server }) => server)).size,
    inPerS: sum(({ rates }) => rates?.inPerS ?? 0),
    outPerS: sum(({ rates }) => rates?.outPerS ?? 0),
    pendingBytes: sum(({ pendingBytes }) => pendingBytes),
  };
}

/** The document of `natsx connections --json`. */
export function connectionListJson(list: ConnectionList, rows: readonly ConnectionRow[]): unknown {
  const { scope, missing } = list;
  return {
    schema: 'natsx.connections/1',
    at: new Date(list.atMs).toISOString(),
    window_ms: Math.round(list.windowMs),
    scope: scope.type,
    account: scope.type === 'account' ? (scope.account ?? null) : null,
    connections: rows.map(rowJson),
    unread: list.unread,
    missing: missing.map(({ what, reason }) => ({ what, why: reason })),
  };
}

function rowJson(row: ConnectionRow): unknown {
  return {
    server: row.server,
    cid: row.cid,
    name: row.name,
    address: row.address,
    account: row.account ?? null,
    user: row.user ?? null,
    language: row.language ?? null,
    version: row.version ?? null,
    subscriptions: row.subscriptionCount,
    subjects: row.subjects,
    in_msgs: row.inMessages,
    out_msgs: row.outMessages,
    in_bytes: row.inBytes,
    out_bytes: row.outBytes,
    ...ratesJson(row.rates),
    pending_bytes: row.pendingBytes,
    idle_ms: row.idleMs ?? null,
    rtt_ms: row.rttMs ?? null,
    uptime_ms: row.uptimeMs ?? null,
  };
}

function ratesJson(rates: ConnectionRates | undefined): Readonly<Record<string, number | null>> {
  return {
    in_per_s: rates?.inPerS ?? null,
    out_per_s: rates?.outPerS ?? null,
    in_bytes_per_s: rates?.inBytesPerS ?? null,
    out_bytes_per_s: rates?.outBytesPerS ?? null,
  };
}
