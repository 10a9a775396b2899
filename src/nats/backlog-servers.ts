import type { NatsConnection } from '@nats-io/transport-node';

import type { ClosedConnection, Missing, ServerSample } from '../domain/backlog/snapshot.js';
import { closedConnection, type RawConnection } from './backlog-connections.js';
import { collectAnswers } from './backlog-requests.js';
import { timeOf } from './backlog-samples.js';

/** The servers' own word, for those who may hear it: through a system account or the monitoring ports. */
export interface ServerSource {
  readonly varz: () => Promise<readonly Varz[]>;
  /** Closed connections of all accounts, the latest first. */
  readonly closed: () => Promise<readonly ServerConnections[]>;
  /** Who was asked and did not answer, in words. */
  readonly silent: () => readonly string[];
}

interface ServerConnections {
  readonly server: string;
  readonly connections: readonly RawConnection[];
}

interface Varz {
  readonly server_name?: string;
  readonly server_id?: string;
  readonly now?: string;
  readonly start?: string;
  readonly max_pending?: number;
  readonly slow_consumers?: number;
  readonly stalled_clients?: number;
  readonly jetstream?: {
    readonly stats?: { readonly api?: { readonly inflight?: number } };
    readonly meta?: { readonly pending?: number };
  };
}

interface Connz {
  readonly server_id?: string;
  readonly connections?: readonly RawConnection[] | null;
}

export interface ServerReading {
  readonly servers: readonly ServerSample[];
  readonly closed: readonly ClosedConnection[];
  readonly missing: readonly Missing[];
}

/** The server keeps its last ten thousand; who looks for a cause wants the latest. */
const MOST_CLOSED = 1024;
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
    missing: source.silent().map((what) => ({
      what,
      why: 'error' as const,
      detail: `${what} did not answer: nothing is known of its limits, its API queue and its counts`,
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

interface Envelope<T> {
  readonly server: { readonly name: string };
  readonly data?: T;
}

/** Asks every server at once, as a user of the system account. */
export function systemAccount(connection: Pick<NatsConnection, 'requestMany'>): ServerSource {
  let heard = true;
  return {
    varz: async () => {
      const answers = await collectAnswers<Envelope<Varz>>(
        connection,
        '$SYS.REQ.SERVER.PING.VARZ',
        {},
      );
      heard = answers.length > 0;
      return answers.flatMap(({ data }) => data ?? []);
    },
    closed: async () => {
      const question = {
        state: 1,
        sort: 'stop',
        subscriptions: true,
        auth: true,
        limit: MOST_CLOSED,
      };
      const answers = await collectAnswers<Envelope<Connz>>(
        connection,
        '$SYS.REQ.SERVER.PING.CONNZ',
        question,
      );
      return answers.map(({ server, data }) => ({
        server: server.name,
        connections: data?.connections ?? [],
      }));
    },
    silent: () => (heard ? [] : ['the system account']),
  };
}

/** Asks the monitoring ports that were named, each of one server. */
export function monitoringPorts(urls: readonly string[], timeoutMs: number): ServerSource {
  const silent = new Set<string>();
  const names = new Map<string, string>();
  const ask = async <T>(url: string, path: string): Promise<T | undefined> => {
    try {
      const address = new URL(path, url.endsWith('/') ? url : `${url}/`);
      const response = await fetch(address, { signal: AbortSignal.timeout(timeoutMs) });
      if (!response.ok) throw new Error(`status ${String(response.status)}`);
      return (await response.json()) as T;
    } catch {
      silent.add(url);
      return undefined;
    }
  };
  const each = async <T>(path: string): Promise<readonly T[]> => {
    const answers = await Promise.all(urls.map((url) => ask<T>(url, path)));
    return answers.filter((answer) => answer !== undefined);
  };
  return {
    varz: async () => {
      const answers = await each<Varz>('varz');
      for (const { server_id: id = '', server_name: name = id } of answers) names.set(id, name);
      return answers;
    },
    closed: async () => {
      const path = `connz?state=closed&sort=stop&subs=1&auth=1&limit=${String(MOST_CLOSED)}`;
      const answers = await each<Connz>(path);
      return answers.map(({ server_id: id = '', connections }) => ({
        server: names.get(id) ?? id,
        connections: connections ?? [],
      }));
    },
    silent: () => [...silent].map((url) => `the monitoring port ${new URL(url).host}`),
  };
}

/** Several sources as one. */
export function allSources(sources: readonly ServerSource[]): ServerSource | undefined {
  if (sources.length < 2) return sources[0];
  const join = async <T>(parts: readonly Promise<readonly T[]>[]): Promise<readonly T[]> =>
    (await Promise.all(parts)).flat();
  return {
    varz: () => join(sources.map((source) => source.varz())),
    closed: () => join(sources.map((source) => source.closed())),
    silent: () => sources.flatMap((source) => source.silent()),
  };
}
