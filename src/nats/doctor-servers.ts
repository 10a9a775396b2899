import type { SeenServer, ServerSettings } from '../domain/doctor/facts.js';
import type { BacklogRequests } from './backlog-requests.js';

/** Who answers, as the server puts it into each answer of a system subject. */
interface Identity {
  readonly name: string;
  readonly ver?: string;
  readonly cluster?: string;
  readonly jetstream?: boolean;
}

/** `/varz`, and the answer to `$SYS.REQ.SERVER.PING.VARZ`, as far as an audit reads it. */
interface Varz {
  readonly server_name?: string;
  readonly version?: string;
  readonly cluster?: { readonly name?: string; readonly tls_required?: boolean };
  readonly routes?: number;
  readonly connections?: number;
  readonly max_connections?: number;
  readonly jetstream?: {
    readonly config?: {
      readonly sync_interval?: number;
      readonly sync_always?: boolean;
      readonly max_memory?: number;
      readonly max_storage?: number;
    } | null;
    readonly stats?: { readonly memory?: number; readonly storage?: number } | null;
    readonly meta?: { readonly cluster_size?: number } | null;
  } | null;
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

/** Settings of all servers, over a connection of the system account; empty when none answers. */
export async function readSettings(requests: BacklogRequests): Promise<readonly ServerSettings[]> {
  const answers = await requests.everyServer<{ readonly data?: Varz }>(
    '$SYS.REQ.SERVER.PING.VARZ',
    {},
  );
  return answers.flatMap(({ data }) => (data === undefined ? [] : [serverSettings(data)]));
}

/**
 * Settings of one server from its monitoring port.
 *
 * @param url such as `http://localhost:8222`
 * @throws {Error} unreachable, or no answer of a nats-server
 */
export async function readMonitor(url: URL, timeoutMs: number): Promise<ServerSettings> {
  const page = new URL(`${url.pathname.replace(/\/$/, '')}/varz`, url);
  const response = await fetch(page, { signal: AbortSignal.timeout(timeoutMs) });
  if (!response.ok) throw new Error(`HTTP status ${String(response.status)}`);
  const varz = (await response.json()) as Varz;
  if (varz.version === undefined) throw new Error('no nats-server answers there');
  return serverSettings(varz);
}

function serverSettings(varz: Varz): ServerSettings {
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
