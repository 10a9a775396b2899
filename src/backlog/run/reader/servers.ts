import type {
  ClosedConnection,
  Missing,
  ServerProblem,
  ServerSample,
  ServerStore,
} from '../../../streams/model/snapshot.js';
import { closedConnection, type RawConnection } from './connections.js';
import { timeOf } from '../../../streams/run/api/samples.js';
import type { ServerSource, Varz } from './server-source.js';

export interface ServerReading {
  readonly servers: readonly ServerSample[];
  readonly closed: readonly ClosedConnection[];
  readonly missing: readonly Missing[];
}

const DEFAULT_ACCOUNT = '$G';

/**
 * @param account the account of the closed connections; absent: all accounts
 * @param withClosed read closed connections as well, once per run
 */
export async function readServers(
  source: ServerSource,
  account: string | undefined,
  withClosed: boolean,
): Promise<ServerReading> {
  const [varz, closed] = await Promise.all([source.varz(), withClosed ? source.closed() : []]);
  // Which server answers at a port is known by now.
  const health = new Map((await source.health()).map((one) => [one.server, one.problems]));
  const isOwn = ({ account: its = DEFAULT_ACCOUNT }: RawConnection): boolean =>
    account === undefined || its === account;
  return {
    servers: varz.map((one) => serverSample(one, health)),
    closed: closed.flatMap(({ server, connections }) =>
      connections.filter(isOwn).map((raw) => closedConnection(server, raw)),
    ),
    missing: source.silent().map(({ what, reason }) => ({
      kind: 'servers',
      what,
      why: 'error',
      detail: `${what} did not answer (${reason}): its limits, API queue and counts are unknown`,
    })),
  };
}

function serverSample(
  varz: Varz,
  health: ReadonlyMap<string, readonly ServerProblem[]>,
): ServerSample {
  const api = varz.jetstream?.stats?.api;
  const server = varz.server_name ?? varz.server_id ?? '';
  return {
    server,
    atMs: timeOf(varz.now) ?? 0,
    startMs: timeOf(varz.start),
    maxPendingBytes: varz.max_pending,
    slowConsumers: varz.slow_consumers ?? 0,
    stalledClients: varz.stalled_clients,
    apiQueue:
      api === undefined
        ? undefined
        : Math.max(api.inflight ?? 0, varz.jetstream?.meta?.pending ?? 0),
    stores: storesOf(varz.jetstream ?? {}),
    problems: health.get(server),
  };
}

function storesOf({ config, stats }: NonNullable<Varz['jetstream']>): readonly ServerStore[] {
  const store = (
    kind: ServerStore['kind'],
    usedBytes = 0,
    limitBytes = 0,
  ): readonly ServerStore[] => (limitBytes > 0 ? [{ kind, usedBytes, limitBytes }] : []);
  return [
    ...store('file', stats?.storage, config?.max_storage),
    ...store('memory', stats?.memory, config?.max_memory),
  ];
}
