import type { ConsumerSeries } from './series.js';
import type { ConsumerSample, StreamSample } from './snapshot.js';
import { coversAll } from './subject-cover.js';

/**
 * What moved between the first and the last usable sample of one consumer: messages, not rates. Counted on the
 * consumer's own cursors wherever that is possible, because the stream is read at a slightly different instant.
 */
export interface Motion {
  readonly dtMs: number;
  /** Deliveries, redeliveries included. */
  readonly deliveries: number;
  readonly firstDeliveries: number;
  readonly redeliveries: number;
  /** First deliveries are known, not bounded. */
  readonly exact: boolean;
  /** Acknowledged, terminated or given up; never less than 0, and without what limits removed in flight. */
  readonly settled: number;
  /** Messages that came into the filter. */
  readonly published: number;
  /** Of the backlog. */
  readonly growth: number;
  readonly floor: number;
  /** Neither a delivery nor a change of the messages in flight between any two samples. */
  readonly idle: boolean;
  /** `delivered.last_active` moved: a delivery, or a worker saying "in progress". */
  readonly activityMoved: boolean;
  /** The backlog fell between at least one pair of neighbours. */
  readonly fell: boolean;
  /** The biggest step between two neighbours, in messages: what one batch may be. */
  readonly batch: number;
  /** Removed by limits before anybody got them; a lower bound. */
  readonly evictedUnread: number;
}

/**
 * The samples that may be compared with the last one: those since the consumer was made anew, a cursor or the
 * stream went back, or the stream was purged.
 */
export function usableSamples(samples: readonly ConsumerSample[]): readonly ConsumerSample[] {
  let start = samples.length - 1;
  while (start > 0) {
    const before = samples[start - 1];
    const after = samples[start];
    if (before === undefined || after === undefined || !comparable(before, after)) break;
    start -= 1;
  }
  return start <= 0 ? samples : samples.slice(start);
}

function comparable(before: ConsumerSample, after: ConsumerSample): boolean {
  return (
    before.createdMs === after.createdMs &&
    after.atMs > before.atMs &&
    after.delivered.consumerSeq >= before.delivered.consumerSeq
  );
}

/** Undefined with fewer than two comparable samples. */
export function motionOf(
  series: ConsumerSeries,
  streams: readonly StreamSample[],
): Motion | undefined {
  const samples = usableSamples(series.samples);
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || samples.length < 2) return undefined;
  const delta = deltas(first, last);
  const stream = streamsBetween(streams, first, last);
  const evictedUnread = unreadEvicted({ first, last, delta, ...stream });
  const firsts = firstDeliveries({ first, last, delta, ...stream }, series);
  const inFlightLost = inFlightRemoved(samples, stream.after, firsts.value);
  const settled = Math.max(0, firsts.value - delta.ackPending - inFlightLost);
  return {
    dtMs: last.atMs - first.atMs,
    deliveries: delta.deliveries,
    firstDeliveries: firsts.value,
    redeliveries: Math.max(0, delta.deliveries - firsts.value),
    exact: firsts.exact,
    settled,
    published: Math.max(0, firsts.value + delta.pending + evictedUnread),
    growth: delta.pending + delta.ackPending,
    floor: delta.floor,
    activityMoved: last.delivered.lastActiveMs !== first.delivered.lastActiveMs,
    evictedUnread,
    ...steps(samples),
  };
}

interface Deltas {
  readonly deliveries: number;
  readonly streamSeq: number;
  readonly pending: number;
  readonly ackPending: number;
  readonly floor: number;
}

interface Stretch {
  readonly first: ConsumerSample;
  readonly last: ConsumerSample;
  readonly delta: Deltas;
  readonly before: StreamSample | undefined;
  readonly after: StreamSample | undefined;
}

function deltas(first: ConsumerSample, last: ConsumerSample): Deltas {
  return {
    deliveries: last.delivered.consumerSeq - first.delivered.consumerSeq,
    streamSeq: last.delivered.streamSeq - first.delivered.streamSeq,
    pending: last.pending - first.pending,
    ackPending: last.ackPending - first.ackPending,
    floor: last.ackFloor.streamSeq - first.ackFloor.streamSeq,
  };
}

function streamsBetween(
  streams: readonly StreamSample[],
  first: ConsumerSample,
  last: ConsumerSample,
): Pick<Stretch, 'before' | 'after'> {
  return { before: nearest(streams, first.atMs), after: nearest(streams, last.atMs) };
}

function nearest(streams: readonly StreamSample[], atMs: number): StreamSample | undefined {
  let best: StreamSample | undefined;
  for (const stream of streams) {
    if (best === undefined || Math.abs(stream.atMs - atMs) < Math.abs(best.atMs - atMs)) {
      best = stream;
    }
  }
  return best;
}

/**
 * How many of the deliveries were somebody's first. Without a filter the stream cursor tells; with one, the
 * server's own count does; where nothing is known as redelivered every delivery is a first one; else it is bounded.
 */
function firstDeliveries(
  stretch: Stretch,
  series: ConsumerSeries,
): { readonly value: number; readonly exact: boolean } {
  const { first, last, delta, after } = stretch;
  const all = delta.deliveries;
  if (all === 0) return { value: 0, exact: true };
  const counted = series.extras?.publishedInFilter;
  if (counted !== undefined) return { value: clamp(counted - delta.pending, 0, all), exact: true };
  if (readsWholeStream(last, after)) {
    return { value: clamp(delta.streamSeq, 0, all), exact: true };
  }
  if (first.redelivered === 0 && last.redelivered === 0) return { value: all, exact: true };
  const least = clamp(-delta.pending, 0, all);
  const arrived = (after?.lastSeq ?? 0) - (stretch.before?.lastSeq ?? 0);
  const most = clamp(-delta.pending + Math.max(0, arrived), least, all);
  return { value: (least + most) / 2, exact: least === most };
}

/** Whether sequences of the stream are messages of the consumer. */
export function readsWholeStream(
  consumer: ConsumerSample,
  stream: StreamSample | undefined,
): boolean {
  if (consumer.config.deliverPolicy === 'last_per_subject') return false;
  return coversAll(consumer.config.filters, stream?.config.subjects ?? []);
}

/**
 * What limits took away before it was delivered. Without a filter: what the cursor jumped over beyond the
 * deliveries. With one: what pending lost beyond the deliveries. A purge moves the cursor, so it does not count.
 */
function unreadEvicted(stretch: Stretch): number {
  const { first, last, delta, before, after } = stretch;
  if (
    after === undefined ||
    !discardsByLimits(after) ||
    after.firstSeq <= first.delivered.streamSeq + 1
  ) {
    return 0;
  }
  if (!readsWholeStream(last, after)) {
    return Math.max(0, -delta.pending - delta.deliveries);
  }
  // Holes of a log may stand before the cursor; those of a queue are what it has delivered.
  if (after.config.retention === 'limits' && after.deleted > 0) return 0;
  // What was gone before the window began is no loss of the window.
  const gone = before === undefined ? 0 : unreadGap(first, before);
  const jumped = Math.max(0, delta.streamSeq - delta.deliveries);
  return Math.max(0, jumped + unreadGap(last, after) - gone);
}

/** Sequences between the cursor and the first stored message: gone, and never delivered. */
export function unreadGap(consumer: ConsumerSample, stream: StreamSample): number {
  if (!readsWholeStream(consumer, stream) || !discardsByLimits(stream)) return 0;
  return Math.max(0, stream.firstSeq - 1 - consumer.delivered.streamSeq);
}

/** Whether the stream's own limits remove messages; a limit per subject alone is compaction, not loss. */
export function discardsByLimits(stream: StreamSample): boolean {
  const { maxAgeMs, maxMessages, maxBytes, maxMessagesPerSubject, discard } = stream.config;
  if (maxMessagesPerSubject !== undefined) return false;
  if (maxAgeMs !== undefined) return true;
  return discard === 'old' && (maxMessages !== undefined || maxBytes !== undefined);
}

/**
 * Messages in flight that left the stream above the ack floor; they vanish from "in flight" without being done. Behind a
 * full window of unacknowledged messages, those delivered meanwhile went the same way: each removal made room for one.
 * A sample between a removal and the delivery that follows it shows less than a full window, so one full sample will do;
 * and the stream is read a little before the consumer, so that one window more may be gone by then.
 */
function inFlightRemoved(
  samples: readonly ConsumerSample[],
  after: StreamSample | undefined,
  firstDelivered: number,
): number {
  const [first] = samples;
  if (first === undefined || after?.config.retention !== 'limits' || !discardsByLimits(after))
    return 0;
  const limit = first.config.maxAckPending ?? Infinity;
  const full = samples.some(({ ackPending }) => ackPending >= limit);
  const removed = Math.max(0, after.firstSeq - 1 - first.ackFloor.streamSeq);
  if (!full || removed === 0) return Math.min(removed, first.ackPending);
  return Math.min(removed + limit, first.ackPending + firstDelivered);
}

function steps(samples: readonly ConsumerSample[]): Pick<Motion, 'idle' | 'fell' | 'batch'> {
  let idle = true;
  let fell = false;
  let batch = 1;
  for (const [index, after] of samples.entries()) {
    const before = samples[index - 1];
    if (before === undefined) continue;
    const delta = deltas(before, after);
    const drop = -(delta.pending + delta.ackPending);
    if (delta.deliveries !== 0 || delta.ackPending !== 0) idle = false;
    if (drop > 0) fell = true;
    batch = Math.max(batch, drop, delta.deliveries);
  }
  return { idle, fell, batch };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
