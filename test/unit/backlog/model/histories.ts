import type {
  ConsumerSettings,
  ConsumerSample,
  StreamSettings,
  StreamSample,
} from '../../../../src/streams/model/snapshot.js';
import type {
  ConsumerLookups,
  CoreSeries,
  ScanWindow,
  StreamSeries,
} from '../../../../src/backlog/model/series.js';

/** An instant to count from; nothing in a test depends on the real clock. */
export const T0 = Date.UTC(2026, 0, 15, 3, 0, 0);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

const STREAM: StreamSettings = {
  retention: 'limits',
  discard: 'old',
  subjects: ['orders.>'],
  replicas: 1,
  allowDirect: true,
};

/** Settings of a durable pull consumer as the server creates it. */
export const CONSUMER: ConsumerSettings = {
  durable: true,
  ackPolicy: 'explicit',
  ackWaitMs: 30_000,
  backoffMs: [],
  maxAckPending: 1000,
  maxWaiting: 512,
  filters: [],
  deliverPolicy: 'all',
  replayOriginal: false,
  headersOnly: false,
  flowControl: false,
  metadata: {},
};

/** One reading of a consumer, in the short names of the arithmetic: P pending, A in flight, D deliveries, F ack floor. */
export interface Reading {
  readonly P?: number;
  readonly A?: number;
  readonly D?: number;
  readonly F?: number;
  /** Delivered stream sequence; the number of deliveries unless it is said. */
  readonly S?: number;
  /** Redelivered. */
  readonly R?: number;
  readonly W?: number;
  /** Last delivery in milliseconds after T0 (so mostly negative); this very moment unless said; null: not remembered. */
  readonly deliveredAt?: number | null;
  readonly ackedAt?: number | null;
  /** The stream's last sequence; S + P unless it is said. */
  readonly L?: number;
  readonly firstSeq?: number;
  readonly messages?: number;
}

export interface History {
  /** Two seconds apart. */
  readonly readings: readonly Reading[];
  readonly stepMs?: number;
  readonly config?: Partial<ConsumerSettings>;
  readonly sample?: Partial<ConsumerSample>;
  readonly stream?: Partial<StreamSettings>;
  readonly streamSample?: Partial<StreamSample>;
  readonly lookups?: ConsumerLookups;
  readonly core?: CoreSeries;
  readonly subjects?: StreamSeries['subjects'];
  readonly siblings?: readonly {
    readonly name: string;
    readonly readings: readonly Reading[];
    readonly config?: Partial<ConsumerSettings>;
  }[];
}

/** The same reading three times: nothing moves. */
export function still(reading: Reading): readonly Reading[] {
  return [reading, reading, reading];
}

/** The window that one consumer, `worker` on `ORDERS`, and its history make. */
export function windowOf(history: History): ScanWindow {
  const stepMs = history.stepMs ?? 2000;
  const worker = { name: 'worker', readings: history.readings, config: history.config ?? {} };
  const all = [worker, ...(history.siblings ?? [])];
  const consumers = all.map(({ name, readings, config }) => ({
    stream: 'ORDERS',
    name,
    samples: readings.map((reading, index) => ({
      ...consumerSample(reading, T0 + index * stepMs, config ?? {}),
      ...(name === 'worker' ? history.sample : {}),
      name,
    })),
    ...(name === 'worker' && history.lookups !== undefined ? { lookups: history.lookups } : {}),
  }));
  const samples = history.readings.map((reading, index) => ({
    ...streamSample(reading, T0 + index * stepMs, history.stream ?? {}),
    consumerCount: all.length,
    ...history.streamSample,
  }));
  const windowMs = stepMs * (history.readings.length - 1);
  return {
    atMs: T0 + windowMs,
    windowMs,
    server: { name: 'one', version: '2.15.2', jetstream: true },
    account: [],
    streams: [{ name: 'ORDERS', samples, consumers, subjects: history.subjects }],
    core: history.core ?? {},
    missing: [],
  };
}

function consumerSample(
  reading: Reading,
  atMs: number,
  config: Partial<ConsumerSettings> = {},
): ConsumerSample {
  const { P = 0, A = 0, D = 0, R = 0, W = 0 } = reading;
  const S = reading.S ?? D;
  const deliveredAt = reading.deliveredAt === undefined ? atMs - T0 : reading.deliveredAt;
  const ackedAt = reading.ackedAt === undefined ? deliveredAt : reading.ackedAt;
  const time = (at: number | null): number | undefined => (at === null ? undefined : T0 + at);
  return {
    stream: 'ORDERS',
    name: 'worker',
    atMs,
    createdMs: T0 - 24 * HOUR,
    config: { ...CONSUMER, ...config },
    delivered: { consumerSeq: D, streamSeq: S, lastActiveMs: time(deliveredAt) },
    ackFloor: { consumerSeq: D - A, streamSeq: reading.F ?? S - A, lastActiveMs: time(ackedAt) },
    pending: P,
    ackPending: A,
    redelivered: R,
    waiting: W,
    pushBound: false,
    paused: false,
    priorityGroups: [],
  };
}

export function streamSample(
  reading: Reading,
  atMs: number,
  config: Partial<StreamSettings> = {},
): StreamSample {
  const S = reading.S ?? reading.D ?? 0;
  const lastSeq = reading.L ?? S + (reading.P ?? 0);
  const firstSeq = reading.firstSeq ?? 1;
  const messages = reading.messages ?? Math.max(0, lastSeq - firstSeq + 1);
  return {
    name: 'ORDERS',
    atMs,
    createdMs: T0 - 24 * HOUR,
    config: { ...STREAM, ...config },
    messages,
    bytes: messages * 100,
    firstSeq,
    firstMs: T0 - HOUR,
    lastSeq,
    lastMs: atMs - 10,
    deleted: 0,
    subjectCount: 3,
    consumerCount: 1,
    upstreams: [],
  };
}
