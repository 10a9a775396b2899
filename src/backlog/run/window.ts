import { setTimeout as sleep } from 'node:timers/promises';

import type { NatsConnection } from '@nats-io/transport-node';

import type { ConsumerExtras, CoreSeries, ScanWindow } from '../model/series.js';
import type { BacklogRequest } from '../model/request.js';
import type { AccountSample, ConsumerSettings, Missing } from '../../streams/model/snapshot.js';
import { isAtLeast } from '../../core/server-needs.js';
import { SharedValues } from '../../core/shared-values.js';
import {
  readConnections,
  readOwnAccount,
  type ConnectionReading,
  type OwnConnection,
} from './reader/connections.js';
import { readServers, type ServerReading } from './reader/servers.js';
import type { Listener } from './reader/listener.js';
import type { AccountInfo } from '../../streams/model/account-info.js';
import {
  isJetStreamOff,
  isRefusal,
  openBacklogRequests,
  type BacklogRequests,
} from '../../streams/run/api/requests.js';
import { accountSample } from '../../streams/run/api/samples.js';
import type { ServerSource } from './reader/server-source.js';
import {
  sweepAccount,
  sweepStream,
  type Sweep,
  type SweepScope,
} from '../../streams/run/api/sweep.js';
import { heardBy, prefixElsewhere, startListening, wantsToListen } from './listening.js';
import { followLink } from './link.js';
import { lookUp } from './lookups.js';
import { connectionSeries, serverSeries } from './core-series.js';
import {
  CLOSED_UNSEEN,
  CONNECTIONS_DENIED,
  connectionsUnread,
  outOfReach,
  unheard,
  unnamed,
  unreadableMessages,
} from './missing.js';
import { isLively } from './lively.js';
import { latestMs, toSeries } from './series.js';

/** What of the connection a reading needs. */
export type BacklogPort = Pick<
  NatsConnection,
  'request' | 'requestMany' | 'subscribe' | 'info' | 'flush' | 'status'
>;

export interface ReadingEvents {
  /** For the progress line. */
  readonly onProgress?: ((text: string) => void) | undefined;
  /** The servers' own word, where the user has a system account or the monitoring port. */
  readonly servers?: ServerSource | undefined;
}

/** Enough points for a slope, and not so many that reading itself is load. */
const LEAST_SAMPLES = 3;
const MOST_SAMPLES = 31;
const STEP_MS = 2_000;
/** Since then every answer says when it was true. */
const TELLS_TIME = '2.10';
const CLUSTER_REQUESTS_PER_S = 200;
/** Up to so many streams, reading everything each time costs nothing worth saving. */
const FEW_STREAMS = 100;
/** An account has few kinds of consumers, and those of a kind stand together. */
const KINDS_OF_CONSUMERS = 16;

/**
 * Reads everything that a diagnosis needs: several sweeps spread over the window, connections at both ends, and
 * the messages that tell ages. Changes nothing and makes no consumer. An abort ends the window early; what was
 * read by then is told.
 *
 * @throws {NatsxError} connection — lost for good
 */
export async function readWindow(
  port: BacklogPort,
  request: BacklogRequest,
  signal: AbortSignal,
  events: ReadingEvents = {},
): Promise<ScanWindow> {
  const clustered = port.info?.cluster !== undefined;
  const usual = clustered ? CLUSTER_REQUESTS_PER_S : undefined;
  const requests = openBacklogRequests(port, request.scope, request.maxPerSecond ?? usual);
  const run = new Reading(port, { request, servers: events.servers }, requests);
  const listener = startListening(port, request);
  try {
    await port.flush();
    await run.sweepRepeatedly(signal, events);
    events.onProgress?.('reading ages');
    return await run.finish(listener);
  } finally {
    listener?.stop();
  }
}

/**
 * The same without an end: a reading every step, and after each what the last few of them show. The first two come
 * with less history, and say so.
 *
 * @throws {NatsxError} connection — lost for good
 */
export async function* readContinuously(
  port: BacklogPort,
  request: BacklogRequest,
  signal: AbortSignal,
  { servers }: Pick<ReadingEvents, 'servers'> = {},
): AsyncGenerator<ScanWindow> {
  const link = followLink(port);
  const begin = () => {
    const requests = openBacklogRequests(port, request.scope, request.maxPerSecond);
    return new Reading(port, { request, servers }, requests);
  };
  let run = begin();
  // One for each reading that makes the window, so that what was heard is as old as what was read.
  const listeners: (Listener | undefined)[] = [];
  try {
    while (!signal.aborted) {
      const startMs = performance.now();
      if (listeners.push(startListening(port, request)) > LEAST_SAMPLES) listeners.shift()?.stop();
      const { losses } = link;
      const window = link.isUp ? await run.readAgain(listeners[0]) : undefined;
      // What was not answered for want of a connection says nothing of the streams.
      if (link.losses !== losses) run = begin();
      else if (window !== undefined) yield window;
      await pause(request.windowMs / (LEAST_SAMPLES - 1) - (performance.now() - startMs), signal);
    }
  } finally {
    for (const listener of listeners) listener?.stop();
  }
}

/** The state of one run: sweeps and readings so far. */
class Reading {
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
  #atStart = new Map<string, ConsumerExtras>();
  /** What was found after the earlier sweeps of a run without an end. */
  readonly #found: Map<string, ConsumerExtras>[] = [];

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
      if (index > 0) await pause(dueMs - performance.now(), signal);
      const ends = index === 0 || index === samples - 1;
      const end = ends ? this.#readEnd(index === 0) : undefined;
      // Without times in the answers, our own clock must be set by the server's before the first of them.
      if (index === 0 && !this.#tellsTime()) await end;
      await Promise.all([this.#sweep(ends, events), end]);
      // Waiting for somebody who does not answer takes longer than any window.
      if (this.#request.stream !== undefined && this.#sweeps.at(-1)?.streams.size === 0) return;
      if (index === 0) this.#atStart = await this.#lookUpAtStart();
    }
  }

  /** One more reading; of the earlier ones only as many are kept as make a window. */
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
    const extras = await lookUp(this.#requests, this.#sweeps, {
      apiPrefix: this.#request.scope.apiPrefix,
      detailed: this.#request.stream !== undefined,
      atStart: this.#atStart,
      ...heardBy(listener),
    });
    this.#found.push(extras);
    const streams = toSeries(this.#sweeps, extras, this.#request);
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

  async #lookUpAtStart(): Promise<Map<string, ConsumerExtras>> {
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
    // What is deleted is missed only by those who named it.
    const missed = (last?.missing ?? []).filter(
      ({ gone }) => gone !== true || this.#request.stream !== undefined,
    );
    const assets = missed.map(({ what, why, detail }) => ({ what, why, detail }));
    assets.push(...unreadableMessages(this.#requests.denied()));
    assets.push(...(this.#servers.at(-1)?.missing ?? []));
    if (this.#source === undefined && this.#account === '$G') assets.push(CLOSED_UNSEEN);
    assets.push(...connectionsUnread(this.#connections.at(-1)?.unread));
    if (this.#elsewhere !== undefined) {
      assets.push(...outOfReach(this.#elsewhere, wantsToListen(this.#request)));
    }
    assets.push(...unheard(listener?.denied() ?? []), ...unnamed(listener?.pullsDenied()));
    return this.#connectionsDenied ? [...assets, CONNECTIONS_DENIED] : assets;
  }

  #tellsTime(): boolean {
    return isAtLeast(this.#requests.serverVersion, TELLS_TIME);
  }

  #serverNowMs(): number {
    return Date.now() + this.#clockOffsetMs;
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return;
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
