import { ingestOf } from './consumer-facts.js';
import type { ConsumerSeries, StreamSeries } from './series.js';
import type { ConsumerSample, StreamSample } from '../../streams/model/snapshot.js';
import type { Thresholds } from './thresholds.js';

/** A stream that answered, with its consumers: what the stream rules look at. */
export interface StreamFacts {
  readonly name: string;
  readonly last: StreamSample;
  readonly samples: readonly StreamSample[];
  readonly series: StreamSeries;
  /** Last sample of every consumer that answered. */
  readonly consumers: readonly ConsumerSample[];
  /** Every consumer that the stream counts has been read. */
  readonly complete: boolean;
  readonly ingestPerS: number | undefined;
  readonly windowMs: number;
  readonly thresholds: Thresholds;
}

/** Undefined when the server never answered for the stream. */
export function streamFacts(series: StreamSeries, thresholds: Thresholds): StreamFacts | undefined {
  const last = series.samples.at(-1);
  const first = series.samples[0];
  if (last === undefined || first === undefined) return undefined;
  const consumers = series.consumers.map(lastSample).filter((sample) => sample !== undefined);
  return {
    name: series.name,
    last,
    samples: series.samples,
    series,
    consumers,
    complete:
      consumers.length === series.consumers.length && consumers.length >= last.consumerCount,
    ingestPerS: ingestOf(series.samples),
    windowMs: last.atMs - first.atMs,
    thresholds,
  };
}

function lastSample(consumer: ConsumerSeries): ConsumerSample | undefined {
  return consumer.samples.at(-1);
}
