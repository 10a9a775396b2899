// How many bytes a history takes for a reading of a consumer, and how much time: an account with 1,000 consumers, of
// which some are busy, some get a message now and then, and half are idle, looked at every ten seconds.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';

import { loadHistory } from './support/history-bundle.mjs';

const { values } = parseArgs({
  options: {
    consumers: { type: 'string', default: '1000' },
    streams: { type: 'string', default: '50' },
    readings: { type: 'string', default: '360' },
    busy: { type: 'string', default: '0.2' },
    light: { type: 'string', default: '0.3' },
  },
});
const consumers = Number(values.consumers);
const streamCount = Number(values.streams);
const readings = Number(values.readings);
const EVERY_MS = 10_000;
const START_MS = Date.UTC(2026, 10, 29);

let seed = 1;
/** A number from 0 to 1, the same in every run. */
function random() {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed / 2_147_483_647;
}

/** Messages in a time at a mean rate: as people and machines send, in bursts. */
function arrivals(perS, seconds) {
  const mean = perS * seconds;
  const spread = Math.sqrt(mean) * 2;
  return Math.max(0, Math.round(mean + spread * (random() + random() + random() - 1.5)));
}

function newStream(index) {
  const share = index / streamCount;
  const kind =
    share < Number(values.busy)
      ? 'busy'
      : share < Number(values.busy) + Number(values.light)
        ? 'light'
        : 'idle';
  const perS = kind === 'busy' ? 20 + 200 * random() : kind === 'light' ? 0.1 + random() : 0;
  const own = Array.from({ length: consumers / streamCount }, (_, number) => ({
    name: `worker-${number}`,
    seq: 0,
    floor: 0,
    lag: Math.floor(random() * 20),
  }));
  return {
    name: `STREAM_${index}`,
    kind,
    perS,
    lastSeq: Math.floor(random() * 1e6),
    first: 1,
    own,
    lastMs: START_MS,
  };
}

const consumerConfig = {
  durable: true,
  ackPolicy: 'explicit',
  ackWaitMs: 30_000,
  maxDeliver: 5,
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

function sampleOf(stream, consumer, atMs) {
  const got = arrivals(stream.perS, EVERY_MS / 1000);
  const inFlight = stream.perS === 0 ? 0 : Math.floor(random() * consumer.lag);
  consumer.seq += got;
  consumer.floor = Math.max(consumer.floor, consumer.seq - inFlight);
  const gap = stream.perS === 0 ? 0 : Math.floor((random() * 1000) / stream.perS);
  const active = consumer.seq === 0 ? undefined : got > 0 ? atMs - gap : consumer.active;
  consumer.active = active;
  return {
    stream: stream.name,
    name: consumer.name,
    atMs,
    createdMs: START_MS - 1e7,
    config: consumerConfig,
    delivered: { consumerSeq: consumer.seq, streamSeq: consumer.seq + 1000, lastActiveMs: active },
    ackFloor: {
      consumerSeq: consumer.floor,
      streamSeq: consumer.floor + 1000,
      lastActiveMs: active && active - Math.floor(random() * 5),
    },
    pending: stream.perS === 0 ? 0 : Math.floor(random() * 3),
    ackPending: consumer.seq - consumer.floor,
    redelivered: 0,
    waiting: stream.kind === 'busy' ? Math.floor(random() * 3) : 1,
    pushBound: false,
    paused: false,
    priorityGroups: [],
  };
}

function readingOf(streams, number) {
  const atMs = START_MS + number * EVERY_MS + 8 * random();
  return {
    atMs,
    streams: streams.map((stream) => {
      const published = arrivals(stream.perS, EVERY_MS / 1000);
      stream.lastSeq += published;
      if (published > 0) stream.lastMs = atMs - Math.floor(random() * 50);
      const offset = 30 * random();
      return {
        name: stream.name,
        sample: {
          name: stream.name,
          atMs: atMs + offset,
          createdMs: START_MS - 1e7,
          config: {
            retention: 'limits',
            discard: 'old',
            subjects: [`${stream.name}.>`],
            replicas: 1,
            allowDirect: true,
            storage: 'file',
            duplicateWindowMs: 120_000,
          },
          messages: stream.lastSeq,
          bytes: stream.lastSeq * 230 + Math.floor(random() * 100),
          firstSeq: 1,
          firstMs: START_MS - 1e6,
          lastSeq: stream.lastSeq,
          lastMs: stream.lastMs,
          deleted: 0,
          subjectCount: 12,
          consumerCount: stream.own.length,
          upstreams: [],
        },
        consumers: stream.own.map((consumer, place) =>
          sampleOf(stream, consumer, atMs + offset + place / 7),
        ),
      };
    }),
  };
}

function windowOf(recent) {
  const last = recent.at(-1);
  return {
    atMs: last.atMs,
    windowMs: last.atMs - recent[0].atMs,
    server: { name: 'n1', version: '2.15.3', jetstream: true },
    account: [],
    missing: [],
    core: {},
    streams: last.streams.map(({ name, consumers: own }, index) => ({
      name,
      samples: recent.map(({ streams }) => streams[index].sample),
      churned: 0,
      consumers: own.map(({ name: consumer }, place) => ({
        stream: name,
        name: consumer,
        samples: recent.map(({ streams }) => streams[index].consumers[place]),
      })),
    })),
  };
}

const { LogWriter, WindowSplitter } = await loadHistory();
const dir = mkdtempSync(join(tmpdir(), 'natsx-history-'));
try {
  const writer = await LogWriter.open(dir, { keepMs: Infinity, maxBytes: Infinity });
  const splitter = new WindowSplitter();
  const streams = Array.from({ length: streamCount }, (_, index) => newStream(index));
  const recent = [];
  let spentMs = 0;
  const cpu = process.cpuUsage();
  let generatorUs = 0;
  for (let number = 0; number < readings; number += 1) {
    const before = process.cpuUsage();
    recent.push(readingOf(streams, number));
    if (recent.length > 3) recent.shift();
    const window = windowOf(recent);
    const generated = process.cpuUsage(before);
    generatorUs += generated.user + generated.system;
    const startMs = performance.now();
    const trees = splitter.split(window, writer.isAtStart);
    await writer.append(trees, { atMs: window.atMs, everyMs: EVERY_MS, wasDisconnected: false });
    spentMs += performance.now() - startMs;
  }
  const used = process.cpuUsage(cpu);
  const cpuMs = (used.user + used.system - generatorUs) / 1000;
  const perReading = writer.bytes / (readings * consumers);
  const aWeek = (perReading * consumers * 7 * 86_400_000) / EVERY_MS;
  console.log(
    [
      `${consumers} consumers, ${readings} readings: ${(writer.bytes / 1024).toFixed(0)} KiB`,
      `${perReading.toFixed(2)} bytes for a reading of a consumer, ${(aWeek / 1e6).toFixed(0)} MB a week`,
      `${(spentMs / readings).toFixed(1)} ms a reading, ${((100 * cpuMs) / (readings * EVERY_MS)).toFixed(2)} % of a core`,
      `${(process.memoryUsage().rss / 1e6).toFixed(0)} MB of memory`,
    ].join('\n'),
  );
  await writer.close();
} finally {
  rmSync(dir, { recursive: true, force: true });
}
