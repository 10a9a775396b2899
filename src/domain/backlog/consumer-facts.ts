import type { Confidence } from './confidence.js';
import { confidenceIn } from './confidence.js';
import type { DrainForecast } from './drain.js';
import { forecastDrain } from './drain.js';
import type { LossClock } from './loss-clock.js';
import { lossClock } from './loss-clock.js';
import type { Motion } from './motion.js';
import { motionOf, usableSamples } from './motion.js';
import type { Pace } from './pace.js';
import { paceOf } from './pace.js';
import { slopeOf } from './regression.js';
import type { ConsumerExtras, ConsumerSeries, StreamSeries } from './series.js';
import type { ConsumerSample, Missing, StreamSample } from './snapshot.js';
import type { Thresholds } from './thresholds.js';
import { keepsUp } from './keeps-up.js';

/** What is known of the account's connections, as far as a consumer's rules need it. */
export interface ClientFacts {
  /** Open connections besides natsx's own; absent when they could not be read. */
  readonly open?: number | undefined;
  /** A silent connection whose last traffic was the consumer's last delivery. */
  readonly stoppedHolder?: string | undefined;
  /** The connection that was closed last and had to do with it. */
  readonly lastClosed?:
    { readonly name: string; readonly reason: string; readonly stopMs: number } | undefined;
  /** Median round trip of the connections; absent when unknown. */
  readonly medianRttMs?: number | undefined;
  /** Connections whose pulls were heard, by name and address; only with taps. */
  readonly pullers?: readonly string[] | undefined;
  /** Median round trip of those that pull. */
  readonly pullerRttMs?: number | undefined;
  /** Unsent bytes for the subscriber of a push consumer. */
  readonly subscriberPendingBytes?: number | undefined;
}

/** A consumer that answered, with everything that its rules look at. All rules of a consumer are tests of this value. */
export interface ConsumerFacts {
  readonly stream: string;
  readonly name: string;
  readonly last: ConsumerSample;
  readonly samples: readonly ConsumerSample[];
  readonly streamLast: StreamSample | undefined;
  readonly streamSeries: StreamSeries;
  /** How many consumers the stream has in this reading. */
  readonly siblings: number;
  readonly backlog: number;
  /** Age of the oldest unsettled message; 0 for an empty backlog, absent when it was not read. */
  readonly oldestAgeMs: number | undefined;
  readonly motion: Motion | undefined;
  readonly pace: Pace | undefined;
  readonly drain: DrainForecast;
  readonly loss: LossClock | undefined;
  readonly catchUpFactor: number | undefined;
  /** Messages a second into the whole stream. */
  readonly ingestPerS: number | undefined;
  readonly averageBytes: number | undefined;
  readonly keepsUp: boolean;
  readonly confidence: Confidence;
  readonly extras: ConsumerExtras;
  readonly clients: ClientFacts;
  readonly thresholds: Thresholds;
  readonly missing: readonly Missing[];
}

export interface FactsContext {
  readonly clients: ClientFacts;
  readonly thresholds: Thresholds;
  readonly missing: readonly Missing[];
}

const NO_EXTRAS: ConsumerExtras = {};

/** Undefined when the server never answered for this consumer. */
export function consumerFacts(
  series: ConsumerSeries,
  streamSeries: StreamSeries,
  context: FactsContext,
): ConsumerFacts | undefined {
  const samples = usableSamples(series.samples);
  const last = samples.at(-1);
  if (last === undefined) return undefined;
  const extras = series.extras ?? NO_EXTRAS;
  const motion = motionOf(series, streamSeries.samples);
  const pace = motion && paceOf(motion, average(samples.map((sample) => sample.ackPending)));
  const backlog = last.pending + last.ackPending;
  const points = samples.map(({ atMs, pending, ackPending }) => ({
    atMs,
    value: pending + ackPending,
  }));
  const streamLast = streamSeries.samples.at(-1);
  const oldestAgeMs = ageOf(last, backlog, extras);
  const catchUpFactor = catchUp(extras, motion);
  const ingestPerS = ingestOf(streamSeries.samples);
  const loss =
    backlog === 0 || streamLast === undefined
      ? undefined
      : lossClock({
          stream: streamLast,
          ingestPerS,
          startSeq: firstUnsettled(last, streamLast, extras),
          oldestAgeMs,
          floorPerS: motion === undefined ? 0 : (1000 * Math.max(0, motion.floor)) / motion.dtMs,
          catchUpFactor,
        });
  return {
    stream: series.stream,
    name: series.name,
    last,
    samples,
    streamLast,
    streamSeries,
    siblings: streamSeries.consumers.length,
    backlog,
    oldestAgeMs,
    motion,
    pace,
    drain: forecastDrain(backlog, slopeOf(points), motion?.dtMs ?? 0),
    loss,
    catchUpFactor,
    ingestPerS,
    averageBytes:
      streamLast && streamLast.messages > 0 ? streamLast.bytes / streamLast.messages : undefined,
    keepsUp: keepsUp(samples, motion, pace, context.thresholds),
    confidence: confidenceIn(series.samples, motion, series.unavailable !== undefined),
    extras,
    ...context,
  };
}

/** With a filter, much that is none of the consumer's may lie between its floor and its oldest message. */
function firstUnsettled(
  { ackFloor }: ConsumerSample,
  { firstSeq }: StreamSample,
  { oldest }: ConsumerExtras,
): number {
  const known = oldest?.estimated === false ? oldest.seq : undefined;
  return Math.max(known ?? ackFloor.streamSeq + 1, firstSeq);
}

function ageOf(last: ConsumerSample, backlog: number, extras: ConsumerExtras): number | undefined {
  if (backlog === 0) return 0;
  if (extras.oldest === undefined) return undefined;
  return Math.max(0, last.atMs - extras.oldest.storedMs);
}

/** Seconds of publish time that the oldest unsettled message moved per second of the window. */
function catchUp(extras: ConsumerExtras, motion: Motion | undefined): number | undefined {
  const { oldest, oldestAtStart } = extras;
  if (oldest === undefined || oldestAtStart === undefined || motion === undefined) return undefined;
  if (oldest.estimated || oldestAtStart.estimated) return undefined;
  return Math.max(0, oldest.storedMs - oldestAtStart.storedMs) / motion.dtMs;
}

/** Messages a second that a stream takes in, by its last sequence; undefined with fewer than two samples. */
export function ingestOf(samples: readonly StreamSample[]): number | undefined {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || last.atMs <= first.atMs) return undefined;
  if (last.lastSeq < first.lastSeq) return undefined;
  return (1000 * (last.lastSeq - first.lastSeq)) / (last.atMs - first.atMs);
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
