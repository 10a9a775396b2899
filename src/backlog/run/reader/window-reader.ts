import { setTimeout as sleep } from 'node:timers/promises';

import type { NatsConnection } from '@nats-io/transport-node';

import type { ConsumerLookups, CoreSeries, ScanWindow } from '../../model/series.js';
import type { BacklogRequest } from '../../model/request.js';
import type {
  AccountSample,
  ConsumerSettings,
  Missing,
  StreamSample,
} from '../../../streams/model/snapshot.js';
import { isAtLeast } from '../../../core/server-needs.js';
import { SharedValues } from '../../../core/shared-values.js';
import {
  readConnections,
  readOwnAccount,
  type ConnectionReading,
  type OwnConnection,
} from './connections.js';
import { readServers, type ServerReading } from './servers.js';
import type { Listener } from './listener.js';
import type { AccountInfo } from '../../../streams/model/account-info.js';
import {
  isJetStreamOff,
  isRefusal,
  type BacklogRequests,
} from '../../../streams/run/api/requests.js';
import { accountSample } from '../../../streams/run/api/samples.js';
import type { ServerSource } from './server-source.js';
import {
  sweepAccount,
  sweepStream,
  type Sweep,
  type SweepScope,
} from '../../../streams/run/api/sweep.js';
import { heardBy, prefixElsewhere, wantsToListen } from '../listening.js';
import { lookUp } from '../lookups.js';
import {
  CLOSED_UNSEEN,
  CONNECTIONS_DENIED,
  connectionsUnread,
  outOfReach,
  unheard,
  unnamed,
  unreadableMessages,
} from '../missing.js';
import { latestMs, toSeries } from '../series.js';

/** The part of the connection that a reading needs. */
export type BacklogPort = Pick<
  NatsConnection,
  'request' | 'requestMany' | 'subscribe' | 'info' | 'flush' | 'status'
>;

export interface ReadingEvents {
  /** For the progress line. */
  readonly onProgress?: ((text: string) => void) | undefined;
  /** The servers themselves, if the user has a system account or the monitoring port. */
  readonly servers?: ServerSource | undefined;
}

/** Enough samples for a slope, and few enough for a small load. */
export const LEAST_SAMPLES = 3;
const MOST_SAMPLES = 31;
const STEP_MS = 2_000;
/** From this version on, answers have a time. */
const HAS_TIMES = '2.10';
/** Up to this many streams, everything is read each time. */
const FEW_STREAMS = 100;
/** An account has few kinds of consumers, and those of a kind are next to each other. */
const KINDS_OF_CONSUMERS = 16;

/** The state of one run: sweeps and readings so far. */
export class WindowReader {
  readonly #port: BacklogPort;
  readonly #request: BacklogRequest;
  readonly #requests: BacklogRequests;
  readonly #sweeps: Sweep[] = [];
  readonly #accounts: AccountSample[] = [];
  readonly #connections: ConnectionReading[] = [];
  readonly #source: ServerSource | undefined;
  readonly #servers: ServerReading[] = [];
  readonly #configs = new SharedValues<ConsumerSettings>(KINDS_OF_CONSUMERS);
  #account: string | undefined;
  #connectionsDenied = false;
  #jetstream = true;
  readonly #elsewhere: string | undefined;
  #clockOffsetMs = 0;
  #atStart = new Map<string, ConsumerLookups>();
  /** What was found after the earlier sweeps of a continuous run. */
  readonly #found: Map<string, ConsumerLookups>[] = [];

  constructor(
    port: BacklogPort,
    {
      request,
      servers,
    }: { readonly request: BacklogRequest; readonly servers: ServerSource | undefined },
    requests: BacklogRequests,
  ) {
    this.#port = port;
    this.#request = request;
    this.#source = servers;
    this.#requests = requests;
    this.#elsewhere = request.coreOnly ? undefined : prefixElsewhere(port, request);
  }

  async sweepRepeatedly(signal: AbortSignal, events: ReadingEvents): Promise<void> {
    const { windowMs } = this.#request;
    const samples = Math.min(
      MOST_SAMPLES,
      Math.max(LEAST_SAMPLES, Math.round(windowMs / STEP_MS) + 1),
    );
    const startMs = performance.now();
    for (let index = 0; index < samples && !(signal.aborted && index > 0); index += 1) {
      const dueMs = startMs + (windowMs * index) / (samples - 1);
      if (index > 0) await pauseUnlessAborted(dueMs - performance.now(), signal);
      const ends = index === 0 || index === samples - 1;
      const end = ends ? this.#readEnd(index === 0) : undefined;
      // If answers have no time, the clock offset to the server must be known before the first of them.
      if (index === 0 && !this.#hasTimes()) await end;
      await Promise.all([this.#sweep(ends, events), end]);
      // Waiting for an answer that does not arrive takes longer than any window.
      if (this.#request.stream !== undefined && this.#sweeps.at(-1)?.streams.size === 0) return;
      if (index === 0) this.#atStart = await this.#lookUpAtStart();
    }
  }

  /** One more sample; only those of the current window are kept. */
  async readAgain(listener: Listener | undefined): Promise<ScanWindow> {
    await Promise.all([this.#sweep(true, {}), this.#readEnd(false)]);
    for (const kept of [this.#sweeps, this.#accounts, this.#connections, this.#servers]) {
      kept.splice(0, Math.max(0, kept.length - LEAST_SAMPLES));
    }
    this.#found.splice(0, this.#found.length - this.#sweeps.length + 1);
    this.#atStart = this.#found[0] ?? this.#atStart;
    return this.finish(listener);
  }

  async finish(listener: Listener | undefined): Promise<ScanWindow> {
    const lookups = await lookUp(this.#requests, this.#sweeps, {
      apiPrefix: this.#request.scope.apiPrefix,
      detailed: this.#request.stream !== undefined,
      atStart: this.#atStart,
      ...heardBy(listener),
    });
    this.#found.push(lookups);
    const streams = toSeries(this.#sweeps, lookups, this.#request);
    const { info } = this.#port;
    const first = this.#sweeps[0];
    const last = this.#sweeps.at(-1);
    const atMs = latestMs(last) ?? this.#serverNowMs();
    return {
      atMs,
      windowMs: Math.max(0, atMs - (latestMs(first) ?? atMs)),
      server: {
        name: info?.server_name ?? '',
        version: info?.version ?? '',
        cluster: (info as { readonly cluster?: string } | undefined)?.cluster,
        domain: this.#accounts.at(-1)?.domain,
        jetstream: this.#jetstream,
      },
      account: this.#accounts,
      streams,
      core: this.#core(),
      elsewhere: this.#elsewhere !== undefined,
      api: this.#requests.facts(),
      missing: this.#missing(last, listener),
    };
  }

  /** Consumers with nothing to do on streams where nothing happened are not asked again. */
  async #sweep(full: boolean, events: ReadingEvents): Promise<void> {
    const { stream, consumer, subject, coreOnly } = this.#request;
    if (coreOnly) return;
    const first = this.#sweeps[0];
    const scope: SweepScope = {
      subject,
      serverNowMs: () => this.#serverNowMs(),
      wantsConsumers: (sample) =>
        first === undefined || first.streams.size <= FEW_STREAMS || isLively(sample, first, full),
      configs: this.#configs,
      earlier: this.#sweeps.at(-1),
      onProgress: (done, total) =>
        events.onProgress?.(`reading consumers: ${done} of ${total} streams`),
    };
    const sweep =
      stream === undefined
        ? await sweepAccount(this.#requests, scope)
        : await sweepStream(this.#requests, { stream, consumer }, scope);
    this.#sweeps.push(sweep);
  }

  async #readEnd(isStart: boolean): Promise<void> {
    const { info } = this.#port;
    const own: OwnConnection = { serverId: info?.server_id ?? '', cid: info?.client_id ?? 0 };
    const [account, connections] = await Promise.all([
      this.#requests.api<AccountInfo>('INFO'),
      this.#connectionsDenied ? undefined : readConnections(this.#requests, own, !isStart),
      this.#readServers(isStart),
    ]);
    if (connections === undefined) this.#connectionsDenied = true;
    else {
      this.#connections.push(connections);
      this.#clockOffsetMs = connections.clockOffsetMs;
    }
    if (isRefusal(account)) this.#jetstream = this.#jetstream && !isJetStreamOff(account);
    else this.#accounts.push(accountSample(account, this.#serverNowMs()));
  }

  async #readServers(isStart: boolean): Promise<void> {
    if (this.#source === undefined && !this.#request.coreOnly) return;
    this.#account ??= await readOwnAccount(this.#requests);
    if (this.#source === undefined) return;
    this.#servers.push(await readServers(this.#source, this.#account, !isStart));
  }

  async #lookUpAtStart(): Promise<Map<string, ConsumerLookups>> {
    const [first] = this.#sweeps;
    if (first === undefined) return new Map();
    return lookUp(this.#requests, [first], {
      apiPrefix: this.#request.scope.apiPrefix,
      detailed: false,
      onlyWhereTimeMatters: true,
      atStart: new Map(),
      advisories: new Map(),
      taps: new Map(),
    });
  }

  #core(): CoreSeries {
    return {
      ...connectionSeries(this.#connections),
      ...serverSeries(this.#servers, this.#connections),
    };
  }

  #missing(last: Sweep | undefined, listener: Listener | undefined): readonly Missing[] {
    // What was deleted is missing only if it was given by name.
    const missed = (last?.missing ?? []).filter(
      ({ gone }) => gone !== true || this.#request.stream !== undefined,
    );
    const assets: Missing[] = missed.map(({ gone: _, ...missing }) => missing);
    const streams = last?.streams.keys() ?? [];
    const { apiPrefix } = this.#request.scope;
    assets.push(...unreadableMessages(streams, apiPrefix, this.#requests.denied()));
    assets.push(...(this.#servers.at(-1)?.missing ?? []));
    if (this.#source === undefined && this.#account === '$G') assets.push(CLOSED_UNSEEN);
    assets.push(...connectionsUnread(this.#connections.at(-1)?.unread));
    if (this.#elsewhere !== undefined) {
      assets.push(...outOfReach(this.#elsewhere, wantsToListen(this.#request)));
    }
    if (listener !== undefined) {
      assets.push(...unheard(listener.denied()), ...unnamed(listener.pullsDenied()));
    }
    return this.#connectionsDenied ? [...assets, CONNECTIONS_DENIED] : assets;
  }

  #hasTimes(): boolean {
    return isAtLeast(this.#requests.serverVersion, HAS_TIMES);
  }

  #serverNowMs(): number {
    return Date.now() + this.#clockOffsetMs;
  }
}

export async function pauseUnlessAborted(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return;
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

/** Something may have moved since the first reading, or there was a backlog. */
function isLively(stream: StreamSample, first: Sweep, full: boolean): boolean {
  const before = first.streams.get(stream.name);
  const consumers = first.consumers.get(stream.name);
  if (before === undefined || consumers === undefined) return true;
  for (const { pending, ackPending } of consumers.values()) {
    if (pending + ackPending > 0) return true;
  }
  return (
    full && (before.lastSeq !== stream.lastSeq || before.consumerCount !== stream.consumerCount)
  );
}

/** What servers reported to an ordinary user about connections, if anything. */
function connectionSeries(readings: readonly ConnectionReading[]): CoreSeries {
  if (readings.length === 0) return {};
  return {
    open: readings.map(({ open }) => open),
    closed: readings.at(-1)?.closed ?? [],
    statistics: readings.map(({ statistics }) => statistics),
  };
}

/** What the servers themselves add: limits, counts, and closed connections that ordinary users cannot see. */
function serverSeries(
  readings: readonly ServerReading[],
  connections: readonly ConnectionReading[],
): CoreSeries {
  const last = readings.at(-1);
  if (last === undefined) return {};
  const known = connections.at(-1)?.closed ?? [];
  const keys = new Set(known.map(({ server, cid }) => `${server}/${String(cid)}`));
  const limits = last.servers.flatMap(({ maxPendingBytes }) => maxPendingBytes ?? []);
  return {
    servers: readings.map(({ servers }) => servers),
    closed: [
      ...known,
      ...last.closed.filter(({ server, cid }) => !keys.has(`${server}/${String(cid)}`)),
    ],
    ...(limits.length === 0 ? {} : { maxPendingBytes: Math.min(...limits) }),
  };
}
