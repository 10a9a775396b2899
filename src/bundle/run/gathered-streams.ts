import type { ConsumerSeries, StreamSeries } from '../../backlog/model/series.js';
import type { ConsumerInfo } from '../../streams/model/consumer-info.js';
import { hasExactSequences, INEXACT_SEQUENCES } from '../../streams/model/sequence.js';
import type { Missing } from '../../streams/model/snapshot.js';
import type { ClusterInfo, StreamInfo } from '../../streams/model/stream-info.js';
import { consumerSample, streamSample } from '../../streams/run/api/samples.js';

/** What a server reports of a stream in its JetStream document. */
export interface StreamDetail extends Omit<Partial<StreamInfo>, 'cluster'> {
  readonly name: string;
  readonly cluster?: ClusterInfo;
  readonly consumer_detail?: readonly ConsumerInfo[] | null;
}

/** A stream as one server sees it. */
export interface StreamView {
  readonly server: string;
  readonly atMs: number;
  readonly detail: StreamDetail;
}

interface ReadStreams {
  readonly streams: readonly StreamSeries[];
  readonly missing: readonly Missing[];
}

/**
 * The streams of an account. Servers report what they know themselves; only the leader of a stream or consumer knows
 * its counts, so the others' are not used.
 */
export function gatheredStreams(views: readonly StreamView[]): ReadStreams {
  const byName = new Map<string, StreamView[]>();
  for (const view of views) {
    byName.set(view.detail.name, [...(byName.get(view.detail.name) ?? []), view]);
  }
  const streams = [...byName].map(([name, own]) => streamSeries(name, own));
  return {
    streams,
    missing: streams.flatMap(({ unavailable, consumers }) => [
      ...(unavailable === undefined ? [] : [unavailable]),
      ...consumers.flatMap((consumer) => consumer.unavailable ?? []),
    ]),
  };
}

function streamSeries(name: string, views: readonly StreamView[]): StreamSeries {
  const leading = views.find(({ server, detail }) => leads(server, detail.cluster));
  const consumers = consumersOf(name, views);
  if (leading === undefined) {
    const unavailable = leaderless(
      views.map(({ detail }) => detail.cluster),
      { stream: name },
    );
    return { name, samples: [], consumers, unavailable };
  }
  const { config, state, created = '' } = leading.detail;
  if (config === undefined || state === undefined) {
    const detail = 'it was gathered without the details of streams';
    return {
      name,
      samples: [],
      consumers,
      unavailable: missingStream(name, 'unsupported', detail),
    };
  }
  if (!hasExactSequences(state)) {
    const unavailable = missingStream(name, 'unsupported', INEXACT_SEQUENCES);
    return { name, samples: [], consumers, unavailable };
  }
  const { cluster, ...rest } = leading.detail;
  const sample = streamSample(
    { ...rest, config, state, created, ...clusterOf(cluster) },
    leading.atMs,
  );
  const isWithout = leading.detail.consumer_detail === undefined && sample.consumerCount > 0;
  return {
    name,
    samples: [sample],
    consumers,
    ...(isWithout && consumers.length === 0 ? { unavailable: WITHOUT_CONSUMERS(name) } : {}),
  };
}

const WITHOUT_CONSUMERS = (stream: string): Missing => ({
  kind: 'consumers',
  what: `consumers of ${stream}`,
  why: 'unsupported',
  detail: 'the archive was gathered without consumers',
  stream,
});

function consumersOf(stream: string, views: readonly StreamView[]): readonly ConsumerSeries[] {
  const byName = new Map<
    string,
    (Omit<StreamView, 'detail'> & { readonly info: ConsumerInfo })[]
  >();
  for (const { server, atMs, detail } of views) {
    for (const info of detail.consumer_detail ?? []) {
      byName.set(info.name, [...(byName.get(info.name) ?? []), { server, atMs, info }]);
    }
  }
  return [...byName].map(([name, own]) => {
    const leading = own.find(({ server, info }) => leads(server, info.cluster));
    if (leading === undefined) {
      const clusters = own.map(({ info }) => info.cluster);
      return {
        stream,
        name,
        samples: [],
        unavailable: leaderless(clusters, { stream, consumer: name }),
      };
    }
    const { cluster, ...rest } = leading.info;
    const sample = consumerSample({ ...rest, ...clusterOf(cluster) }, leading.atMs, { stream });
    return { stream, name, samples: [sample] };
  });
}

/** A lone server leads everything, and names itself as the leader. */
function leads(server: string, cluster: ClusterInfo | undefined): boolean {
  return cluster === undefined || cluster.leader === server;
}

/** Of a lone server there is no group that could lose its leader. */
function clusterOf(cluster: ClusterInfo | undefined): { readonly cluster?: ClusterInfo } {
  return cluster?.name === undefined || cluster.name === '' ? {} : { cluster };
}

/** Nobody leads it, or its leader is not in the archive. */
function leaderless(
  clusters: readonly (ClusterInfo | undefined)[],
  { stream, consumer }: { readonly stream: string; readonly consumer?: string },
): Missing {
  const leader = clusters.find((cluster) => (cluster?.leader ?? '') !== '')?.leader;
  return {
    kind: consumer === undefined ? 'stream' : 'consumer',
    what: consumer === undefined ? `stream ${stream}` : `consumer ${stream}/${consumer}`,
    why: leader === undefined ? 'no-leader' : 'unsupported',
    detail:
      leader === undefined
        ? 'no server of the archive knows a leader of it'
        : `the archive has nothing from its leader ${leader}, and only the leader knows its counts`,
    stream,
    consumer,
  };
}

function missingStream(stream: string, why: Missing['why'], detail: string): Missing {
  return { kind: 'stream', what: `stream ${stream}`, why, detail, stream };
}
