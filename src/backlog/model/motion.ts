import { inFlightRemoved, nearest, readsWholeStream, unreadEvictions } from './evictions.js';
import type { ConsumerSeries } from './series.js';
import type { ConsumerSample, StreamSample } from '../../streams/model/snapshot.js';

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
  /** First deliveries and what limits removed are known, not bounded. */
  readonly exact: boolean;
  /** Acknowledged, terminated or given up; never less than 0, and without what limits removed in flight. */
  readonly settled: number;
  /** Messages published into the filter. */
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
  /** Removed by limits before they were delivered. */
  readonly evictedUnread: number;
  /** Removed by limits while in flight. */
  readonly removedInFlight: number;
}

/**
 * The samples that may be compared with the last one: those since the consumer was recreated, a cursor or the
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
  const firsts = firstDeliveries({ first, last, delta, ...stream }, series);
  const evicted = unreadEvictions({
    samples,
    streams,
    ...stream,
    firstDeliveries: firsts.value,
    oldest: series.lookups?.oldestAtStart,
  });
  const removedInFlight = inFlightRemoved({
    samples,
    ...stream,
    firstDeliveries: firsts.value,
    advisories: series.lookups?.advisories,
  });
  const settled = Math.max(0, firsts.value - delta.ackPending - removedInFlight);
  return {
    dtMs: last.atMs - first.atMs,
    deliveries: delta.deliveries,
    firstDeliveries: firsts.value,
    redeliveries: Math.max(0, delta.deliveries - firsts.value),
    exact: firsts.exact && evicted.exact,
    settled,
    published: Math.max(0, firsts.value + delta.pending + evicted.messages),
    growth: delta.pending + delta.ackPending,
    floor: delta.floor,
    activityMoved: last.delivered.lastActiveMs !== first.delivered.lastActiveMs,
    evictedUnread: evicted.messages,
    removedInFlight,
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

/**
 * The number of first deliveries. Without a filter the stream cursor shows it, with one the server's own count does; if
 * nothing was redelivered, all deliveries are first ones; otherwise it is bounded.
 */
function firstDeliveries(
  stretch: Stretch,
  series: ConsumerSeries,
): { readonly value: number; readonly exact: boolean } {
  const { first, last, delta, after } = stretch;
  const all = delta.deliveries;
  if (all === 0) return { value: 0, exact: true };
  const counted = series.lookups?.publishedInFilter;
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
