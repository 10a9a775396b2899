import type { Confidence } from './confidence.js';
import { confidenceIn } from './confidence.js';
import type { DrainForecast } from './drain.js';
import { forecastDrain } from './drain.js';
import type { LossClock, LossFacts } from './loss-clock.js';
import { lossClock } from './loss-clock.js';
import type { Motion } from './motion.js';
import { motionOf, usableSamples } from './motion.js';
import type { ConsumerPace } from './pace.js';
import { paceOf } from './pace.js';
import { slopeOf, type Slope } from './regression.js';
import type { ConsumerLookups, ConsumerSeries, StreamSeries } from './series.js';
import type { ConsumerSample, Missing, StreamSample } from '../../streams/model/snapshot.js';
import type { Thresholds } from './thresholds.js';
import { keepsUp } from './keeps-up.js';

/** What is known of the account's connections, as far as a consumer's rules need it. */
export interface ClientFacts {
  /** Open connections besides natsx's own; absent when they could not be read. */
  readonly open?: number | undefined;
  /**
   * Silent connections that wait for replies and whose last traffic was the consumer's last delivery: one of them, as
   * a rule the only one, has its messages.
   */
  readonly stoppedHolders?: readonly string[] | undefined;
  /** All messages that the only holder ever received: it has at most this many in flight. */
  readonly holderReceived?: number | undefined;
  /** Others that fell silent before it and owe, together with it, as many messages as are in flight. */
  readonly earlierHolders?: readonly string[] | undefined;
  /** Whether any open connection can have received the last delivery; absent if connections could not be read. */
  readonly holderIsOpen?: boolean | undefined;
  /** No connection that can have received the last delivery was closed since; absent if closed ones are not reported. */
  readonly noneLeft?: boolean | undefined;
  /** Members of a push consumer's group that took messages all through the window and answered none. */
  readonly silentMembers?: readonly SilentMember[] | undefined;
  /** The one connection whose traffic counts match the consumer's; never a guess between two. */
  readonly puller?: PullerTraffic | undefined;
  /** The one connection that received as many messages as the consumer delivered; never a guess between two. */
  readonly receiver?: ReceiverTraffic | undefined;
  /** How long the longest connection has been up: the server has been up for at least this long. */
  readonly serverUpMs?: number | undefined;
  /** The connection that was closed and had to do with it: by its subscription, or by its last traffic. */
  readonly lastClosed?:
    { readonly name: string; readonly reason: string; readonly stopMs: number } | undefined;
  /** Median round trip of the connections; absent when unknown. */
  readonly medianRttMs?: number | undefined;
  /** Connections whose pulls were heard, or that subscribe to its deliver subject; absent if they were not observed. */
  readonly serving?: readonly ServingClient[] | undefined;
  /** Median round trip of those that pull. */
  readonly pullerRttMs?: number | undefined;
  /** Unsent bytes for the subscriber of a push consumer. */
  readonly subscriberPendingBytes?: number | undefined;
}

export interface ServingClient {
  readonly name: string;
  readonly address: string;
  readonly rttMs: number | undefined;
}

/** Name and address. */
export function clientName({ name, address }: Pick<ServingClient, 'name' | 'address'>): string {
  return name === '' ? address : `${name} (${address})`;
}

export interface SilentMember {
  readonly name: string;
  /** Messages that it was sent in the window. */
  readonly taken: number;
  readonly members: number;
}

export interface ReceiverTraffic {
  readonly name: string;
  /** Messages to it and from it in the window. */
  readonly got: number;
  readonly sent: number;
}

export interface PullerTraffic {
  readonly name: string;
  readonly rttMs: number;
  /** Messages a pull, by its deliveries and what it sent beyond acknowledgements. */
  readonly batch: number;
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
  readonly pace: ConsumerPace | undefined;
  readonly drain: DrainForecast;
  readonly loss: LossClock | undefined;
  readonly catchUpFactor: number | undefined;
  /** Messages a second into the whole stream. */
  readonly ingestPerS: number | undefined;
  readonly averageBytes: number | undefined;
  readonly keepsUp: boolean;
  readonly confidence: Confidence;
  readonly lookups: ConsumerLookups;
  readonly clients: ClientFacts;
  readonly thresholds: Thresholds;
  readonly missing: readonly Missing[];
  /** Of the server that was asked. */
  readonly serverVersion: string;
}

export interface FactsContext {
  readonly clients: ClientFacts;
  readonly serverVersion: string;
  readonly thresholds: Thresholds;
  readonly missing: readonly Missing[];
}

const NO_LOOKUPS: ConsumerLookups = {};

/** Undefined when the server never answered for this consumer. */
export function consumerFacts(
  series: ConsumerSeries,
  streamSeries: StreamSeries,
  context: FactsContext,
): ConsumerFacts | undefined {
  const samples = usableSamples(series.samples);
  const last = samples.at(-1);
  if (last === undefined) return undefined;
  const lookups = series.lookups ?? NO_LOOKUPS;
  const motion = motionOf(series, streamSeries.samples);
  const pace = motion && paceOf(motion, average(samples.map((sample) => sample.ackPending)));
  const backlog = last.pending + last.ackPending;
  const points = samples.map(({ atMs, pending, ackPending }) => ({
    atMs,
    value: pending + ackPending,
  }));
  const streamLast = streamSeries.samples.at(-1);
  const oldestAgeMs = ageOf(last, backlog, lookups);
  const catchUpFactor = catchUp(lookups, motion);
  const ingestPerS = ingestOf(streamSeries.samples);
  const loss =
    backlog === 0 || streamLast === undefined
      ? undefined
      : lossClock({
          stream: streamLast,
          ingestPerS,
          startSeq: firstUnsettled(last, streamLast, lookups),
          oldestAgeMs,
          expiresMs: lookups.expiresMs,
          ...advance(motion, catchUpFactor),
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
    drain: drainOf(backlog, slopeOf(points), motion),
    loss,
    catchUpFactor,
    ingestPerS,
    averageBytes:
      streamLast && streamLast.messages > 0 ? streamLast.bytes / streamLast.messages : undefined,
    keepsUp: keepsUp(samples, {
      motion,
      pace,
      tap: lookups.tap,
      thresholds: context.thresholds,
    }),
    confidence: confidenceIn(series.samples, motion, series.unavailable !== undefined),
    lookups,
    ...context,
  };
}

/** With a filter, many messages that do not match may be between the ack floor and the oldest message. */
function firstUnsettled(
  { ackFloor }: ConsumerSample,
  { firstSeq }: StreamSample,
  { oldest }: ConsumerLookups,
): number {
  const known = oldest?.estimated === false ? oldest.seq : undefined;
  return Math.max(known ?? ackFloor.streamSeq + 1, firstSeq);
}

/** How fast the consumer moves towards the end of the stream, without the effect of limits that removed messages. */
function advance(
  motion: Motion | undefined,
  catchUpFactor: number | undefined,
): Pick<LossFacts, 'floorPerS' | 'catchUpFactor'> {
  if (motion === undefined) return { floorPerS: 0, catchUpFactor };
  if (motion.evictedUnread > 0) return { floorPerS: 0, catchUpFactor: 0 };
  const { settled, removedInFlight } = motion;
  const own = removedInFlight === 0 ? 1 : settled / (settled + removedInFlight);
  return {
    floorPerS: (own * 1000 * Math.max(0, motion.floor)) / motion.dtMs,
    catchUpFactor: catchUpFactor === undefined ? undefined : own * catchUpFactor,
  };
}

/** A backlog that shrinks only because limits discard it has no drain time. */
function drainOf(
  backlog: number,
  slope: Slope | undefined,
  motion: Motion | undefined,
): DrainForecast {
  const forecast = forecastDrain(backlog, slope, motion?.dtMs ?? 0);
  if (motion === undefined || forecast.trend !== 'draining') return forecast;
  const eaten = motion.evictedUnread > 0 || (motion.settled === 0 && motion.removedInFlight > 0);
  return eaten ? { trend: 'flat' } : forecast;
}

function ageOf(
  last: ConsumerSample,
  backlog: number,
  lookups: ConsumerLookups,
): number | undefined {
  if (backlog === 0) return 0;
  if (lookups.oldest === undefined) return undefined;
  return Math.max(0, last.atMs - lookups.oldest.storedMs);
}

/** Seconds of publish time that the oldest unsettled message moved per second of the window. */
function catchUp(lookups: ConsumerLookups, motion: Motion | undefined): number | undefined {
  const { oldest, oldestAtStart } = lookups;
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
