import type { ScanWindow } from '../../../src/backlog/model/series.js';
import type { ConsumerSample, StreamSample } from '../../../src/streams/model/snapshot.js';

const START_MS = Date.UTC(2026, 10, 29, 3);
export const EVERY_MS = 10_000;

function streamSample(name: string, reading: number): StreamSample {
  return {
    name,
    atMs: START_MS + reading * EVERY_MS,
    createdMs: START_MS - 1e6,
    config: {
      retention: 'limits',
      discard: 'old',
      subjects: [`${name}.>`],
      replicas: 1,
      allowDirect: true,
    },
    messages: 10 * reading,
    bytes: 1000 * reading,
    firstSeq: 1,
    lastSeq: 10 * reading,
    deleted: 0,
    consumerCount: 2,
    upstreams: [],
  };
}

function consumerSample(stream: string, name: string, reading: number): ConsumerSample {
  return {
    stream,
    name,
    atMs: START_MS + reading * EVERY_MS + 3,
    config: {
      durable: true,
      ackPolicy: 'explicit',
      ackWaitMs: 30_000,
      backoffMs: [],
      maxWaiting: 512,
      filters: [],
      deliverPolicy: 'all',
      replayOriginal: false,
      headersOnly: false,
      flowControl: false,
      metadata: {},
    },
    delivered: { consumerSeq: 9 * reading, streamSeq: 9 * reading, lastActiveMs: START_MS },
    ackFloor: { consumerSeq: 8 * reading, streamSeq: 8 * reading },
    pending: reading,
    ackPending: reading,
    redelivered: 0,
    waiting: 0,
    pushBound: false,
    paused: false,
    priorityGroups: [],
  };
}

const samples = new Map<string, unknown>();
/** The same object for the same reading, as a live run has it. */
function once<T>(key: string, make: () => T): T {
  const known = samples.get(key) as T | undefined;
  if (known !== undefined) return known;
  const made = make();
  samples.set(key, made);
  return made;
}

/** The windows of a run of natsx that looks at two streams and their consumers, a reading each. */
export function windowAt(reading: number): ScanWindow {
  const recent = [reading - 2, reading - 1, reading].filter((one) => one >= 0);
  const atMs = START_MS + reading * EVERY_MS + 3;
  return {
    atMs,
    windowMs: (recent.length - 1) * EVERY_MS,
    server: { name: 'n1', version: '2.15.3', jetstream: true },
    account: recent.map((one) =>
      once(`account ${one}`, () => ({
        atMs: START_MS + one * EVERY_MS,
        usages: [],
        streams: 2,
        consumers: 4,
        apiErrors: 0,
      })),
    ),
    streams: ['ORDERS', 'JOBS'].map((name) => ({
      name,
      samples: recent.map((one) => once(`${name} ${one}`, () => streamSample(name, one))),
      churned: 0,
      consumers: ['a', 'b'].map((consumer) => ({
        stream: name,
        name: consumer,
        samples: recent.map((one) =>
          once(`${name} ${consumer} ${one}`, () => consumerSample(name, consumer, one)),
        ),
        lookups: {
          oldest: once(`oldest ${name} ${consumer} ${reading}`, () => ({
            seq: 8 * reading + 1,
            storedMs: atMs - 500,
            subject: `${name}.${reading}`,
            estimated: false,
          })),
          oldestAtStart:
            reading < 2
              ? undefined
              : once(`oldest ${name} ${consumer} ${reading - 2}`, () => ({
                  seq: 1,
                  storedMs: atMs,
                  estimated: false,
                })),
        },
      })),
    })),
    core: {
      open: recent.map((one) =>
        once(`open ${one}`, () => [
          {
            server: 'n1',
            cid: 7,
            atMs: START_MS + one * EVERY_MS,
            name: 'worker',
            address: '127.0.0.1:4000',
            rttMs: 0.123456 + one,
            pendingBytes: 0,
            outMessages: one,
            inMessages: one,
            subscriptionCount: 1,
            subscriptions: ['_INBOX.>'],
          },
        ]),
      ),
      closed: Array.from({ length: reading }, (_, cid) => ({
        server: 'n1',
        cid: 100 + cid,
        name: 'gone',
        address: '127.0.0.1:4001',
        stopMs: START_MS - cid,
        reason: 'Client Closed',
        subscriptions: [],
        subscriptionCount: 0,
      })),
      statistics: recent.map((one) =>
        once(`statistics ${one}`, () => [
          { server: 'n1', atMs: START_MS + one * EVERY_MS, connections: 1, slowConsumers: 0 },
        ]),
      ),
    },
    elsewhere: false,
    api: { requests: 12, timeouts: 0, slowestMs: 3.25, medianMs: 1 },
    missing: [],
  };
}
