import { isAnswered, type ConsumerInfo, type ListedConsumer } from '../../model/consumer-info.js';
import type { MissingAsset } from '../../model/listing.js';
import type { ConsumerSettings, ConsumerSample, StreamSample } from '../../model/snapshot.js';
import { hasExactSequences, INEXACT_SEQUENCES } from '../../model/sequence.js';
import type { StreamInfo } from '../../model/stream-info.js';
import { API_CODE } from '../../model/api-failure.js';
import type { SharedValues } from '../../../core/shared-values.js';
import { allPages, type Page } from '../../../connection/pages.js';
import type { BacklogRequests, Refusal } from './requests.js';
import { isRefusal, withConcurrency } from './requests.js';
import { consumerSample, streamSample } from './samples.js';

/** One reading of many streams and consumers. What did not answer is listed, never taken for nothing. */
export interface Sweep {
  readonly streams: ReadonlyMap<string, StreamSample>;
  /** By stream, then by consumer. */
  readonly consumers: ReadonlyMap<string, ReadonlyMap<string, ConsumerSample>>;
  readonly missing: readonly MissingAsset[];
}

export interface SweepScope {
  /** Only streams with a subject that matches. */
  readonly subject?: string | undefined;
  /** Which streams' consumers are read; all that have some unless it says no. */
  readonly wantsConsumers: (stream: StreamSample) => boolean;
  /** The server's clock now, for servers that send no `ts`. */
  readonly serverNowMs: () => number;
  /** Kept by the caller over several sweeps. */
  readonly configs?: SharedValues<ConsumerSettings>;
  readonly earlier?: Sweep | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

interface AssetPage extends Page {
  readonly missing?: readonly string[] | null;
  readonly offline?: Readonly<Record<string, string>> | null;
}

interface StreamPage extends AssetPage {
  readonly streams?: readonly StreamInfo[] | null;
}

interface ConsumerPage extends AssetPage {
  readonly consumers?: readonly ListedConsumer[] | null;
}

const NO_CONSUMERS: ReadonlyMap<string, ConsumerSample> = new Map();

/** Lists all streams, then the consumers of those that the scope wants. */
export async function sweepAccount(requests: BacklogRequests, scope: SweepScope): Promise<Sweep> {
  const missing: MissingAsset[] = [];
  const streams = await listStreams(requests, scope, missing);
  const consumers = new Map<string, ReadonlyMap<string, ConsumerSample>>();
  const wanted: StreamSample[] = [];
  for (const stream of streams.values()) {
    // Without a request it is known that there are none.
    if (stream.consumerCount === 0) consumers.set(stream.name, NO_CONSUMERS);
    else if (scope.wantsConsumers(stream)) wanted.push(stream);
  }
  let done = 0;
  await withConcurrency(wanted, requests.concurrency, async ({ name }) => {
    consumers.set(name, await listConsumers(requests, name, { scope, missing }));
    done += 1;
    scope.onProgress?.(done, wanted.length);
  });
  return { streams, consumers, missing };
}

/** The same for one stream, and of its consumers for one if it is named. */
export async function sweepStream(
  requests: BacklogRequests,
  target: { readonly stream: string; readonly consumer?: string | undefined },
  scope: SweepScope,
): Promise<Sweep> {
  const missing: MissingAsset[] = [];
  const { stream, consumer } = target;
  const [info, consumers] = await Promise.all([
    requests.api<StreamInfo>(`STREAM.INFO.${stream}`),
    consumer === undefined
      ? listConsumers(requests, stream, { scope, missing })
      : readConsumer(requests, { stream, consumer }, { scope, missing }),
  ]);
  const streams = new Map<string, StreamSample>();
  if (isRefusal(info)) missing.push(missingAsset(stream, info));
  else if (!hasExactSequences(info.state)) {
    missing.push(inexact(stream));
    return { streams, consumers: new Map(), missing };
  } else streams.set(stream, streamSample(info, scope.serverNowMs()));
  return { streams, consumers: new Map([[stream, consumers]]), missing };
}

async function listStreams(
  requests: BacklogRequests,
  scope: SweepScope,
  missing: MissingAsset[],
): Promise<Map<string, StreamSample>> {
  const streams = new Map<string, StreamSample>();
  const filter = scope.subject === undefined ? {} : { subject: scope.subject };
  const pages = allPages<StreamPage>({
    read: async (offset) => {
      const page = await requests.api<StreamPage>('STREAM.LIST', { ...filter, offset });
      if (!isRefusal(page)) return page;
      missing.push(missingAsset('', page));
      return undefined;
    },
    size: (page) => (page.streams ?? []).length,
  });
  for await (const page of pages) {
    for (const raw of page.streams ?? []) {
      const { name } = raw.config;
      if (!hasExactSequences(raw.state)) {
        missing.push(inexact(name));
        continue;
      }
      const known = scope.earlier?.streams.get(name);
      streams.set(name, streamSample(raw, scope.serverNowMs(), known));
    }
    for (const stream of absent(page)) missing.push(leaderless(stream));
  }
  return streams;
}

interface Collector {
  readonly scope: SweepScope;
  readonly missing: MissingAsset[];
}

async function listConsumers(
  requests: BacklogRequests,
  stream: string,
  { scope, missing }: Collector,
): Promise<Map<string, ConsumerSample>> {
  const consumers = new Map<string, ConsumerSample>();
  const pages = allPages<ConsumerPage>({
    read: async (offset) => {
      const page = await requests.api<ConsumerPage>(`CONSUMER.LIST.${stream}`, { offset });
      if (!isRefusal(page)) return page;
      missing.push({
        ...missingAsset(stream, page),
        kind: 'consumers',
        what: `consumers of ${stream}`,
      });
      return undefined;
    },
    size: (page) => (page.consumers ?? []).length,
  });
  for await (const page of pages) {
    for (const raw of page.consumers ?? []) {
      if (!isAnswered(raw)) continue;
      const sample = consumerSample(raw, scope.serverNowMs(), { shared: scope.configs, stream });
      consumers.set(sample.name, sample);
    }
    for (const consumer of absent(page)) missing.push(leaderless(stream, consumer));
  }
  return consumers;
}

async function readConsumer(
  requests: BacklogRequests,
  target: { readonly stream: string; readonly consumer: string },
  { scope, missing }: Collector,
): Promise<Map<string, ConsumerSample>> {
  const { stream, consumer } = target;
  const raw = await requests.api<ConsumerInfo>(`CONSUMER.INFO.${stream}.${consumer}`);
  if (isRefusal(raw)) {
    missing.push(missingAsset(stream, raw, consumer));
    return new Map();
  }
  return new Map([
    [consumer, consumerSample(raw, scope.serverNowMs(), { shared: scope.configs, stream })],
  ]);
}

function absent(page: AssetPage): ReadonlySet<string> {
  return new Set([...(page.missing ?? []), ...Object.keys(page.offline ?? {})]);
}

function leaderless(stream: string, consumer?: string): MissingAsset {
  return {
    kind: assetKind(stream, consumer),
    what: assetName(stream, consumer),
    why: 'no-leader',
    detail: 'the cluster lists it, but no server answers for it',
    stream,
    consumer,
  };
}

function inexact(stream: string): MissingAsset {
  return {
    kind: 'stream',
    what: assetName(stream),
    why: 'unsupported',
    detail: INEXACT_SEQUENCES,
    stream,
  };
}

/** No such stream, no such consumer. */
const NOT_FOUND: ReadonlySet<number> = new Set([
  API_CODE.streamNotFound,
  API_CODE.consumerNotFound,
]);

function missingAsset(
  stream: string,
  { why, detail, code, hint }: Refusal,
  consumer?: string,
): MissingAsset {
  const gone = NOT_FOUND.has(code);
  const kind = assetKind(stream, consumer);
  return { kind, what: assetName(stream, consumer), why, detail, hint, stream, consumer, gone };
}

function assetKind(stream: string, consumer?: string): MissingAsset['kind'] {
  if (stream === '') return 'streams';
  return consumer === undefined ? 'stream' : 'consumer';
}

function assetName(stream: string, consumer?: string): string {
  if (stream === '') return 'streams';
  return consumer === undefined ? `stream ${stream}` : `consumer ${stream}/${consumer}`;
}
