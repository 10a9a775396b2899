import type { SeenServer, ServerSettings } from '../model/facts.js';
import type { BacklogRequests } from '../../streams/run/api/requests.js';
import type { Varz } from '../../backlog/run/reader/server-source.js';

/** Who answers, as the server puts it into each answer of a system subject. */
interface Identity {
  readonly name: string;
  readonly ver?: string;
  readonly cluster?: string;
  readonly jetstream?: boolean;
}

/** All servers that an ordinary account reaches; empty when it may not ask. Their connections are not asked for. */
export async function readSeenServers(requests: BacklogRequests): Promise<readonly SeenServer[]> {
  const answers = await requests.everyServer<{ readonly server: Identity }>(
    '$SYS.REQ.ACCOUNT.PING.CONNZ',
    { limit: 1 },
  );
  return answers.map(({ server }) => ({
    name: server.name,
    version: server.ver ?? '',
    cluster: server.cluster,
    jetstream: server.jetstream === true,
  }));
}

/** How a server is configured, as far as an audit reads it. */
export function serverSettings(varz: Varz): ServerSettings {
  const { cluster, jetstream } = varz;
  return {
    name: varz.server_name ?? '',
    version: varz.version ?? '',
    cluster: cluster?.name,
    routes: varz.routes ?? 0,
    routesTls: cluster?.tls_required === true,
    connections: varz.connections ?? 0,
    maxConnections: varz.max_connections,
    clusterSize: jetstream?.meta?.cluster_size,
    ...storeSettings(jetstream ?? {}),
  };
}

type StoreSettings = Pick<
  ServerSettings,
  | 'jetstream'
  | 'syncIntervalMs'
  | 'syncAlways'
  | 'storageBytes'
  | 'maxStorageBytes'
  | 'memoryBytes'
  | 'maxMemoryBytes'
>;

/** A server without JetStream answers with an empty object. */
function storeSettings({ config, stats }: NonNullable<Varz['jetstream']>): StoreSettings {
  const interval = config?.sync_interval;
  return {
    jetstream: config !== undefined && config !== null,
    syncIntervalMs: interval === undefined ? undefined : interval / 1e6,
    syncAlways: config?.sync_always === true,
    storageBytes: stats?.storage ?? 0,
    maxStorageBytes: config?.max_storage,
    memoryBytes: stats?.memory ?? 0,
    maxMemoryBytes: config?.max_memory,
  };
}
