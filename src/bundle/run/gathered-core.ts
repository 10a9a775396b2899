import type { CoreSeries } from '../../backlog/model/series.js';
import { connectionsUnread } from '../../backlog/run/missing.js';
import { openConnection, type RawConnection } from '../../backlog/run/reader/connections.js';
import {
  healthOf,
  type Healthz,
  type ServerHealth,
  type ServerSource,
  type Varz,
} from '../../backlog/run/reader/server-source.js';
import { readServers } from '../../backlog/run/reader/servers.js';
import type { ConnectionSample, Missing } from '../../streams/model/snapshot.js';
import { timeOf } from '../../streams/run/api/samples.js';
import type { GatheredArchive, ServerReply } from './gathered-archive.js';

interface Connz {
  readonly now?: string;
  readonly total?: number;
  readonly connections?: readonly GatheredConnection[] | null;
}

interface GatheredConnection extends RawConnection {
  readonly subscriptions_list_detail?: readonly { readonly subject?: string }[] | null;
}

const CLOSED: Missing = {
  kind: 'closed-connections',
  what: 'closed connections',
  why: 'unsupported',
  detail: 'the archive has only the open ones',
  isBeside: true,
};

export async function readHealth(archive: GatheredArchive): Promise<readonly ServerHealth[]> {
  const answers = await archive.answers<Healthz>('health');
  return answers.flatMap(({ artifact, answer }) =>
    answer.data === undefined ? [] : [healthOf(artifact.server, answer.data)],
  );
}

export async function readCore(
  archive: GatheredArchive,
  account: string,
  varz: readonly Varz[],
): Promise<{ readonly series: CoreSeries; readonly missing: readonly Missing[] }> {
  const source: ServerSource = {
    varz: () => Promise.resolve(varz),
    closed: () => Promise.resolve([]),
    open: () => Promise.resolve([]),
    health: () => readHealth(archive),
    silent: () => [],
  };
  const { servers } = await readServers(source, account, false);
  const limits = servers.flatMap(({ maxPendingBytes }) => maxPendingBytes ?? []);
  const { open, missing } = await readOpen(archive, account);
  return {
    series: {
      ...(open === undefined ? {} : { open: [open] }),
      ...(servers.length === 0 ? {} : { servers: [servers] }),
      ...(limits.length === 0 ? {} : { maxPendingBytes: Math.min(...limits) }),
    },
    missing,
  };
}

function withoutConnections(what: string): Missing {
  const detail = `the archive was gathered without ${what}`;
  return { kind: 'connections', what: 'connections', why: 'unsupported', detail };
}

interface OpenReading {
  /** Undefined where not everything is known that rules need. */
  readonly open: readonly ConnectionSample[] | undefined;
  readonly missing: readonly Missing[];
}

/**
 * The connections of the account, as they were when JetStream was asked. Servers list them with subscriptions but
 * without accounts, and for each account without subscriptions.
 */
async function readOpen(archive: GatheredArchive, account: string): Promise<OpenReading> {
  const byServer = await archive.answers<Connz>('connections');
  const lists = await archive.answers<Connz>('account_connections');
  const unknown = (what: string): OpenReading => ({
    open: undefined,
    missing: [withoutConnections(what)],
  });
  if (byServer.length === 0) return unknown('the connections of servers');
  if (lists.length === 0) return unknown('the connections of accounts');
  const others = cidsOf(lists.filter(({ artifact }) => artifact.account !== account));
  const own = byServer.flatMap(({ artifact: { server }, answer }) => {
    const atMs = timeOf(answer.data?.now ?? answer.server?.time) ?? 0;
    const connections = answer.data?.connections ?? [];
    return connections
      .filter(({ cid }) => !others.has(`${server}/${cid}`))
      .map((raw) => ({ server, atMs, raw }));
  });
  if (own.some(({ raw }) => hidesSubscriptions(raw))) return unknown('subscriptions');
  const unread = unreadOf(lists.filter(({ artifact }) => artifact.account === account));
  return {
    open: own.map(({ server, atMs, raw }) => ({
      ...openConnection(server, raw, atMs),
      subscriptions: (raw.subscriptions_list_detail ?? []).flatMap(({ subject }) => subject ?? []),
    })),
    missing: [CLOSED, ...connectionsUnread(unread || undefined)],
  };
}

/** A client that seems to listen to nothing could not have received anything. */
function hidesSubscriptions(raw: GatheredConnection): boolean {
  return (raw.subscriptions ?? 0) > 0 && (raw.subscriptions_list_detail ?? undefined) === undefined;
}

function unreadOf(lists: readonly ServerReply<Connz>[]): number {
  return lists.reduce((sum, { answer: { data } }) => {
    const listed = (data?.connections ?? []).length;
    return sum + Math.max(0, (data?.total ?? 0) - listed);
  }, 0);
}

function cidsOf(lists: readonly ServerReply<Connz>[]): ReadonlySet<string> {
  return new Set(
    lists.flatMap(({ artifact, answer }) =>
      (answer.data?.connections ?? []).map(({ cid }) => `${artifact.server}/${cid}`),
    ),
  );
}
