import type { NatsConnection } from '@nats-io/transport-node';

import type { ServerProblem } from '../../../streams/model/snapshot.js';
import type { RawConnection, ServerConnections } from './connections.js';
import { collectAnswers } from '../../../streams/run/api/requests.js';
import { allPages, type Page } from '../../../connection/pages.js';

/** Data of the servers themselves, from a system account or the monitoring ports. */
export interface ServerSource {
  readonly varz: () => Promise<readonly Varz[]>;
  /** Closed connections of all accounts, the latest first. */
  readonly closed: () => Promise<readonly ServerConnections[]>;
  /** Open connections of all accounts, the slowest readers first. */
  readonly open: () => Promise<readonly ServerConnections[]>;
  /** The servers' health checks; servers that may not be asked, or are too old, are left out. */
  readonly health: () => Promise<readonly ServerHealth[]>;
  /** Servers that were asked and did not answer. */
  readonly silent: () => readonly SilentServer[];
}

export interface SilentServer {
  /** `the system account`, `the monitoring port 10.0.0.1:8222`. */
  readonly what: string;
  readonly reason: string;
}

/** `/healthz`; from 2.10 on it names what is unhealthy. */
export interface ServerHealth {
  readonly server: string;
  readonly status: string;
  readonly problems: readonly ServerProblem[];
}

export interface Healthz {
  readonly status?: string;
  readonly error?: string;
  readonly errors?: readonly {
    readonly type?: string;
    readonly account?: string;
    readonly stream?: string;
    readonly consumer?: string;
    readonly error?: string;
  }[];
}

/** `/varz`, and the answer to `$SYS.REQ.SERVER.PING.VARZ`, as far as it is used here. Servers of many versions answer. */
export interface Varz {
  readonly server_name?: string;
  readonly server_id?: string;
  readonly version?: string;
  readonly now?: string;
  readonly start?: string;
  readonly max_pending?: number;
  readonly slow_consumers?: number;
  readonly stalled_clients?: number;
  readonly cluster?: { readonly name?: string; readonly tls_required?: boolean };
  readonly routes?: number;
  readonly connections?: number;
  readonly max_connections?: number;
  readonly jetstream?: {
    readonly config?: {
      readonly domain?: string;
      readonly sync_interval?: number;
      readonly sync_always?: boolean;
      readonly max_memory?: number;
      readonly max_storage?: number;
    } | null;
    readonly stats?: {
      readonly memory?: number;
      readonly storage?: number;
      readonly api?: { readonly inflight?: number };
    } | null;
    readonly meta?: { readonly cluster_size?: number; readonly pending?: number } | null;
  } | null;
}

interface Connz {
  readonly server_id?: string;
  readonly total?: number;
  readonly connections?: readonly RawConnection[] | null;
}

/** A server also keeps its last ten thousand closed connections, of all accounts together. */
const PAGE = 1024;

interface Envelope<T> {
  readonly server: { readonly name: string };
  readonly data?: T;
}

/** Asks every server at once, as a user of the system account. */
export function systemAccount(connection: Pick<NatsConnection, 'requestMany'>): ServerSource {
  let heard = true;
  const ask = <T>(what: string, question: object): Promise<readonly Envelope<T>[]> =>
    collectAnswers<Envelope<T>>(connection, `$SYS.REQ.SERVER.PING.${what}`, question);
  let isSystem = false;
  const varz = async (): Promise<readonly Varz[]> => {
    const answers = await ask<Varz>('VARZ', {});
    heard = answers.length > 0;
    return answers.flatMap(({ data }) => data ?? []);
  };
  const connections = async (
    state: number,
    sort: string,
  ): Promise<readonly ServerConnections[]> => {
    const found: ServerConnections[] = [];
    const pages = allPages<Page & { readonly servers: readonly Envelope<Connz>[] }>({
      read: async (offset) => {
        const servers = await ask<Connz>('CONNZ', {
          state,
          sort,
          subscriptions: true,
          auth: true,
          limit: PAGE,
          offset,
        });
        const total = Math.max(0, ...servers.map(({ data }) => data?.total ?? 0));
        return { servers, limit: PAGE, total };
      },
      size: ({ servers }) => servers.length,
    });
    for await (const { servers } of pages) {
      for (const { server, data } of servers)
        found.push({ server: server.name, connections: data?.connections ?? [] });
    }
    return joined(found);
  };
  return {
    varz,
    closed: () => connections(1, 'stop'),
    open: async () => {
      // To a user of another account servers answer as well, with the connections of that account alone.
      if (!isSystem && (await varz()).length === 0) return [];
      isSystem = true;
      return connections(0, 'pending');
    },
    health: async () => {
      const answers = await ask<Healthz>('HEALTHZ', { details: true });
      return answers.flatMap(({ server, data }) =>
        data === undefined ? [] : [healthOf(server.name, data)],
      );
    },
    silent: () => (heard ? [] : [SYSTEM_SILENT]),
  };
}

/** One entry per server, whatever the number of its pages. */
function joined(parts: readonly ServerConnections[]): readonly ServerConnections[] {
  const servers = new Map<string, RawConnection[]>();
  for (const { server, connections } of parts) {
    servers.set(server, [...(servers.get(server) ?? []), ...connections]);
  }
  return [...servers].map(([server, connections]) => ({ server, connections }));
}

const SYSTEM_SILENT: SilentServer = {
  what: 'the system account',
  reason: 'no server answers on $SYS.REQ.SERVER.PING.VARZ',
};

export function healthOf(server: string, { status = '', error, errors }: Healthz): ServerHealth {
  const problems =
    errors?.map(({ account, stream, consumer, error: what = '' }) => ({
      account,
      stream,
      consumer,
      error: what,
    })) ?? (error === undefined ? [] : [{ error }]);
  return { server, status, problems };
}

/** Asks the given monitoring ports, one per server. */
export function monitoringPorts(urls: readonly URL[], timeoutMs: number): ServerSource {
  const silent = new Map<string, SilentServer>();
  const names = new Map<string, string>();
  const nameAt = new Map<string, string>();
  const each = async <T>(
    page: string,
    isAnswer: (answer: T) => boolean,
    take?: (answer: T, url: URL) => void,
  ): Promise<readonly T[]> => {
    const answers = await Promise.all(
      urls.map(async (url) => {
        const what = `the monitoring port ${url.host}`;
        try {
          const answer = await readPage<T>(url, page, timeoutMs);
          if (!isAnswer(answer)) throw new Error('no nats-server answers there');
          silent.delete(what);
          take?.(answer, url);
          return answer;
        } catch (error) {
          silent.set(what, { what, reason: reasonOf(error) });
          return undefined;
        }
      }),
    );
    return answers.filter((answer) => answer !== undefined);
  };
  const varz = async (): Promise<readonly Varz[]> => {
    const answers = await each<Varz>(
      'varz',
      ({ version }) => version !== undefined,
      ({ server_name: name, server_id: id }, url) => nameAt.set(url.href, name ?? id ?? url.host),
    );
    for (const { server_id: id = '', server_name: name = id } of answers) names.set(id, name);
    return answers;
  };
  const connectionPages = (query: string): Promise<readonly ServerConnections[]> =>
    pagesOfConnections(
      (page) => each<Connz>(page, ({ server_id: id }) => id !== undefined),
      query,
      (id) => names.get(id) ?? id,
    );
  return {
    varz,
    closed: () => connectionPages('state=closed&sort=stop'),
    open: async () => {
      // Connections name their server by its id alone.
      if (names.size === 0) await varz();
      return connectionPages('state=open&sort=pending');
    },
    health: async () => {
      const answers = await Promise.all(
        urls.map(async (url) => {
          const answer = await readHealth(url, timeoutMs).catch(() => undefined);
          return answer && healthOf(nameAt.get(url.href) ?? url.host, answer);
        }),
      );
      return answers.filter((answer) => answer !== undefined);
    },
    silent: () => [...silent.values()],
  };
}

/** Every page of every server that answers. */
async function pagesOfConnections(
  readPages: (page: string) => Promise<readonly Connz[]>,
  query: string,
  nameOf: (serverId: string) => string,
): Promise<readonly ServerConnections[]> {
  const found: ServerConnections[] = [];
  const pages = allPages<Page & { readonly servers: readonly Connz[] }>({
    read: async (offset) => {
      const servers = await readPages(
        `connz?${query}&subs=1&auth=1&limit=${String(PAGE)}&offset=${String(offset)}`,
      );
      const total = Math.max(0, ...servers.map(({ total: own = 0 }) => own));
      return { servers, limit: PAGE, total };
    },
    size: ({ servers }) => servers.length,
  });
  for await (const { servers } of pages) {
    for (const { server_id: id = '', connections } of servers)
      found.push({ server: nameOf(id), connections: connections ?? [] });
  }
  return joined(found);
}

function fetchPage(url: URL, page: string, timeoutMs: number): Promise<Response> {
  const folder = new URL(url);
  if (!folder.pathname.endsWith('/')) folder.pathname += '/';
  return fetch(new URL(page, folder), { signal: AbortSignal.timeout(timeoutMs) });
}

/** An unhealthy server answers with 503 and the reason. */
async function readHealth(url: URL, timeoutMs: number): Promise<Healthz> {
  const response = await fetchPage(url, 'healthz?details=true', timeoutMs);
  return (await response.json()) as Healthz;
}

async function readPage<T>(url: URL, page: string, timeoutMs: number): Promise<T> {
  const response = await fetchPage(url, page, timeoutMs);
  if (!response.ok) throw new Error(`HTTP status ${String(response.status)}`);
  return (await response.json()) as T;
}

/** The error of `fetch` says little; the reason of a failed connection is in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

/** Several sources as one; a server that several of them reach is reported once. */
export function allSources(sources: readonly ServerSource[]): ServerSource | undefined {
  if (sources.length < 2) return sources[0];
  const join = async <T>(
    parts: readonly Promise<readonly T[]>[],
    keyOf: (one: T) => string | undefined,
  ): Promise<readonly T[]> => {
    const found = (await Promise.all(parts)).flat();
    return [...new Map(found.map((one) => [keyOf(one), one])).values()];
  };
  return {
    varz: () =>
      join(
        sources.map((source) => source.varz()),
        ({ server_id: id, server_name: name }) => id ?? name,
      ),
    closed: () =>
      join(
        sources.map((source) => source.closed()),
        ({ server }) => server,
      ),
    open: () =>
      join(
        sources.map((source) => source.open()),
        ({ server }) => server,
      ),
    health: () =>
      join(
        sources.map((source) => source.health()),
        ({ server }) => server,
      ),
    silent: () => sources.flatMap((source) => source.silent()),
  };
}
