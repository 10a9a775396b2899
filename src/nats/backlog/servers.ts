import type { ClosedConnection, Missing, ServerSample } from '../../domain/backlog/snapshot.js';
import { closedConnection, type RawConnection } from './connections.js';
import { timeOf } from './samples.js';
import type { ServerSource, Varz } from '../server-source.js';

export interface ServerReading {
  readonly servers: readonly ServerSample[];
  readonly closed: readonly ClosedConnection[];
  readonly missing: readonly Missing[];
}

const DEFAULT_ACCOUNT = '$G';

/**
 * @param account whose closed connections are wanted; absent: those of all
 * @param withClosed closed connections are asked for once a run
 */
export async function readServers(
  source: ServerSource,
  account: string | undefined,
  withClosed: boolean,
): Promise<ServerReading> {
  const [varz, closed] = await Promise.all([source.varz(), withClosed ? source.closed() : []]);
  const isOwn = ({ account: its = DEFAULT_ACCOUNT }: RawConnection): boolean =>
    account === undefined || its === account;
  return {
    servers: varz.map(serverSample),
    closed: closed.flatMap(({ server, connections }) =>
      connections.filter(isOwn).map((raw) => closedConnection(server, raw)),
    ),
    missing: source.silent().map(({ what, reason }) => ({
      what,
      why: 'error' as const,
      detail: `${what} did not answer (${reason}): nothing is known of its limits, its API queue and its counts`,
    })),
  };
}

function serverSample(varz: Varz): ServerSample {
  const api = varz.jetstream?.stats?.api;
  return {
    server: varz.server_name ?? varz.server_id ?? '',
    atMs: timeOf(varz.now) ?? 0,
    startMs: timeOf(varz.start),
    maxPendingBytes: varz.max_pending,
    slowConsumers: varz.slow_consumers ?? 0,
    stalledClients: varz.stalled_clients,
    apiQueue:
      api === undefined
        ? undefined
        : Math.max(api.inflight ?? 0, varz.jetstream?.meta?.pending ?? 0),
  };
}
