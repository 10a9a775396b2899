import { eventually } from './eventually.js';
import { freePort } from './free-port.js';
import { startNatsServer, type NatsServer, type ServerOptions } from './nats-server.js';
import { configText } from './server-config.js';

export interface NatsCluster {
  readonly servers: readonly NatsServer[];
  /** Client URLs of all members. */
  readonly urls: readonly string[];
  stop(): Promise<void>;
}

/**
 * Starts `size` servers (`n1`, `n2`, …) that route to each other; resolves when all routes stand and, with JetStream,
 * when the group has a meta leader and each member says that it is healthy. Takes seconds with JetStream: an election.
 */
export async function startCluster(
  size: number,
  options: ServerOptions = {},
): Promise<NatsCluster> {
  // Somebody else may take a route's port before its server does. And now and then members of 2.10 who meet while they
  // start begin a group that leaves one of them out for good: then others have to begin anew.
  const servers = await eventually('a cluster stands', () => startTogether(size, options), {
    timeoutMs: 120_000,
  });
  return {
    servers,
    urls: servers.map(({ url }) => url),
    stop: async () => {
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}

/** @throws {Error} when one of them does not start, or they do not find together; all are stopped then */
async function startTogether(size: number, options: ServerOptions): Promise<NatsServer[]> {
  const servers = await startMembers(size, options);
  const ready = options.jetstream ? hasMetaGroup : hasRoutes;
  try {
    await Promise.all(
      servers.map((server) => eventually('the cluster stands', () => ready(server, size))),
    );
    return servers;
  } catch (error) {
    await Promise.all(servers.map((server) => server.stop()));
    throw error;
  }
}

/** @throws {Error} when one of them does not start; the others are stopped then */
async function startMembers(size: number, options: ServerOptions): Promise<NatsServer[]> {
  // Members of a JetStream cluster must know their routes before they start.
  const routePorts = await freePorts(size);
  const routesFor = (own: number) =>
    routePorts.filter((port) => port !== own).map((port) => `nats-route://127.0.0.1:${port}`);
  const attempts = await Promise.allSettled(
    routePorts.map((port, place) =>
      startNatsServer({
        ...options,
        name: `n${place + 1}`,
        config: configText([
          { cluster: { name: 'test', host: '127.0.0.1', port, routes: routesFor(port) } },
          options.config ?? '',
        ]),
      }),
    ),
  );
  const started = attempts.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = attempts.find((one) => one.status === 'rejected');
  if (failed === undefined) return started;
  await Promise.all(started.map((server) => server.stop()));
  throw new Error('a member of the cluster did not start', { cause: failed.reason });
}

/** Name of the member that leads a JetStream cluster's meta group. */
export async function metaLeader(cluster: NatsCluster): Promise<string> {
  return eventually('a meta leader is known', async () => {
    for (const server of cluster.servers) {
      const leader = metaGroup(await server.monitor('/jsz').catch(() => ({})))['leader'];
      if (typeof leader === 'string' && leader !== '') return leader;
    }
    return undefined;
  });
}

async function hasRoutes(server: NatsServer, size: number): Promise<boolean> {
  const { routes } = await server.monitor('/routez');
  const remotes = (routes as readonly { remote_id: string }[]).map((route) => route.remote_id);
  return new Set(remotes).size === size - 1;
}

async function hasMetaGroup(server: NatsServer, size: number): Promise<boolean> {
  const meta = metaGroup(await server.monitor('/jsz'));
  if (meta['cluster_size'] !== size || !meta['leader']) return false;
  const { status } = await server.monitor('/healthz');
  return status === 'ok';
}

function metaGroup(jsz: Record<string, unknown>): Record<string, unknown> {
  return (jsz['meta_cluster'] ?? {}) as Record<string, unknown>;
}

async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}
