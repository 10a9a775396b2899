import type { AdvisoryFacts } from './series.js';
import type { WaitingMessage } from '../../streams/model/snapshot.js';
import type { ConsumerSample, StreamSample } from '../../streams/model/snapshot.js';
import { patternCovers } from '../../core/subject/subject-match.js';

/** A consumer's readings over the window, and those of its stream that are nearest to the first and the last of them. */
interface Stretch {
  readonly samples: readonly ConsumerSample[];
  readonly before: StreamSample | undefined;
  readonly after: StreamSample | undefined;
  /** How many messages were delivered for the first time. */
  readonly firstDeliveries: number;
}

interface ReadStretch extends Stretch {
  readonly streams: readonly StreamSample[];
  /** The oldest unsettled message of the first reading. */
  readonly oldest: WaitingMessage | undefined;
}

export interface Eviction {
  readonly messages: number;
  /** Counted, not estimated. */
  readonly exact: boolean;
}

const NOTHING: Eviction = { messages: 0, exact: true };

/** Whether sequences of the stream are messages of the consumer. */
export function readsWholeStream(
  consumer: ConsumerSample,
  stream: StreamSample | undefined,
): boolean {
  if (consumer.config.deliverPolicy === 'last_per_subject') return false;
  return coversAll(consumer.config.filters, stream?.config.subjects ?? []);
}

/**
 * Whether the stream's own limits, or the messages' own time to live, remove messages; a limit per subject alone is
 * compaction, not loss.
 */
export function discardsByLimits(stream: StreamSample): boolean {
  if (stream.config.maxMessagesPerSubject !== undefined) return false;
  return stream.config.allowMsgTtl === true || hasLimits(stream);
}

/** Whether limits of the whole stream remove messages. */
export function hasLimits({ config }: StreamSample): boolean {
  const { maxAgeMs, maxMessages, maxBytes, discard } = config;
  if (maxAgeMs !== undefined) return true;
  return discard === 'old' && (maxMessages !== undefined || maxBytes !== undefined);
}

/** Sequences between the cursor and the first stored message: gone, and never delivered. */
export function unreadGap(consumer: ConsumerSample, stream: StreamSample): number {
  if (!readsWholeStream(consumer, stream) || !discardsByLimits(stream)) return 0;
  return Math.max(0, stream.firstSeq - 1 - consumer.delivered.streamSeq);
}

/** The reading of the stream that was nearest in time. */
export function nearest(streams: readonly StreamSample[], atMs: number): StreamSample | undefined {
  let best: StreamSample | undefined;
  for (const stream of streams) {
    if (best === undefined || Math.abs(stream.atMs - atMs) < Math.abs(best.atMs - atMs)) {
      best = stream;
    }
  }
  return best;
}

/**
 * Messages that limits removed before they were delivered. Without a filter: what the cursor jumped over beyond the
 * deliveries. With one: see {@link evictedBehindFilter}. A purge moves the cursor, so it does not count.
 */
export function unreadEvictions(stretch: ReadStretch): Eviction {
  const { samples, before, after } = stretch;
  const [first] = samples;
  const last = samples.at(-1);
  if (first === undefined || last === undefined || after === undefined) return NOTHING;
  if (!discardsByLimits(after) || after.firstSeq <= first.delivered.streamSeq + 1) return NOTHING;
  if (!readsWholeStream(last, after)) {
    return before === undefined
      ? NOTHING
      : evictedBehindFilter(stretch, { first, last, before, after });
  }
  // With limits retention there may be gaps before the cursor; in a queue, gaps are delivered messages.
  if (after.config.retention === 'limits' && after.deleted > 0) return NOTHING;
  // Messages gone before the window started are not a loss of the window.
  const gone = before === undefined ? 0 : unreadGap(first, before);
  const delivered = last.delivered.consumerSeq - first.delivered.consumerSeq;
  const jumped = Math.max(0, last.delivered.streamSeq - first.delivered.streamSeq - delivered);
  return { messages: Math.max(0, jumped + unreadGap(last, after) - gone), exact: true };
}

interface Ends {
  readonly first: ConsumerSample;
  readonly last: ConsumerSample;
  readonly before: StreamSample;
  readonly after: StreamSample;
}

/**
 * Which of the removed sequences matched the filter is not known any more. That some did is certain when pending fell
 * by more than was delivered, or when the message that was the oldest in the first reading has left the stream without
 * having been delivered. How many is estimated by the share of matching messages there.
 */
function evictedBehindFilter(stretch: ReadStretch, ends: Ends): Eviction {
  const { first, last, before, after } = ends;
  const delivered = last.delivered.consumerSeq - first.delivered.consumerSeq;
  const certain = Math.max(0, first.pending - last.pending - delivered);
  const oldestSeq = stretch.oldest?.estimated === false ? (stretch.oldest.seq ?? 0) : 0;
  if (oldestSeq <= last.delivered.streamSeq || oldestSeq >= after.firstSeq) {
    const messages = Math.max(certain, evictedAtTheEdge(stretch, ends));
    return { messages, exact: messages === 0 };
  }
  const from = Math.max(first.delivered.streamSeq, before.firstSeq - 1);
  const removed = Math.round(shareAhead(first, before) * (after.firstSeq - 1 - from));
  return { messages: Math.max(1, certain, removed - delivered), exact: false };
}

/** Of what lies ahead of the consumer, how much is pending for it. */
function shareAhead({ pending, delivered }: ConsumerSample, stream: StreamSample): number {
  const lie = stream.lastSeq - Math.max(delivered.streamSeq, stream.firstSeq - 1);
  return lie <= 0 ? 0 : Math.min(1, pending / lie);
}

/** Fewer pending messages than this do not make a share. */
const ENOUGH_PENDING = 20;
/** A position this close to the first stored message, as a part of the whole stream, is at its edge. */
const EDGE = 0.1;
/** The shares of the readings may differ by this factor. */
const STEADY = 1.25;
/** The result may be chance up to this many messages, and up to this share of what was published. */
const NOISE_MESSAGES = 10;
const NOISE_SHARE = 0.1;

/**
 * A consumer that goes on, always at the edge of what is still stored: when its share of the stream is steady, the
 * stream's own intake shows how many messages were published for it; those neither delivered nor pending are gone.
 */
function evictedAtTheEdge(
  { samples, streams, firstDeliveries }: ReadStretch,
  { first, last, before, after }: Ends,
): number {
  const shares: number[] = [];
  for (const sample of samples) {
    const stream = nearest(streams, sample.atMs);
    if (stream === undefined || sample.pending < ENOUGH_PENDING) return 0;
    const ahead = sample.delivered.streamSeq - stream.firstSeq + 1;
    if (ahead > EDGE * (stream.lastSeq - stream.firstSeq + 1)) return 0;
    shares.push(shareAhead(sample, stream));
  }
  const least = Math.min(...shares);
  if (Math.max(...shares) > STEADY * least || after.atMs <= before.atMs) return 0;
  const share = shares.reduce((sum, one) => sum + one, 0) / shares.length;
  const scale = (last.atMs - first.atMs) / (after.atMs - before.atMs);
  const published = share * (after.lastSeq - before.lastSeq) * scale;
  const gone = Math.round(published - firstDeliveries - (last.pending - first.pending));
  return gone > NOISE_MESSAGES + NOISE_SHARE * published ? gone : 0;
}

interface InFlight extends Stretch {
  readonly advisories: AdvisoryFacts | undefined;
}

/**
 * Messages in flight that left the stream above the ack floor; they are no longer in flight without having been settled. Servers
 * from 2.10 on announce each of them; without listening the number is bounded.
 */
export function inFlightRemoved(facts: InFlight): number {
  const { samples, after, firstDeliveries, advisories } = facts;
  const [first] = samples;
  const last = samples.at(-1);
  if (first === undefined || last === undefined || after === undefined) return 0;
  if (!discardsByLimits(after)) return 0;
  const most = first.ackPending + firstDeliveries;
  const announced = advisories?.deletedUnackedMs ?? [];
  if (announced.length > 0) {
    const within = announced.filter((atMs) => atMs > first.atMs && atMs <= last.atMs);
    return Math.min(within.length, most);
  }
  // In a queue, finished messages leave the stream as well.
  if (after.config.retention !== 'limits') return 0;
  return removedByBounds(facts, { first, last, after }, most);
}

/**
 * Behind a full window of unacknowledged messages, those delivered meanwhile went the same way: each removal made room
 * for one. A sample between a removal and the delivery that follows it shows less than a full window, so one full sample
 * will do; and the stream is read a little before the consumer, so that what is removed meanwhile and one window more may
 * be gone by then.
 */
function removedByBounds(
  { samples, before }: InFlight,
  { first, last, after }: Omit<Ends, 'before'>,
  most: number,
): number {
  const limit = first.config.maxAckPending ?? Infinity;
  const full = samples.some(({ ackPending }) => ackPending >= limit);
  const removed = Math.max(0, after.firstSeq - 1 - first.ackFloor.streamSeq);
  if (!full || removed === 0) return Math.min(removed, first.ackPending);
  return Math.min(removed + removedSince(before, after, last.atMs) + limit, most);
}

/** What limits are likely to have removed between the stream's last reading and a later one of its consumer. */
function removedSince(before: StreamSample | undefined, after: StreamSample, atMs: number): number {
  if (before === undefined || after.atMs <= before.atMs || atMs <= after.atMs) return 0;
  const perMs = (after.firstSeq - before.firstSeq) / (after.atMs - before.atMs);
  return Math.ceil(Math.max(0, perMs) * (atMs - after.atMs));
}

/**
 * Whether the filters let everything through that the stream stores; then sequences can be counted instead of
 * matches. No filter means everything. A mirror has no subjects of its own, so that only `>` covers it.
 */
function coversAll(filters: readonly string[], subjects: readonly string[]): boolean {
  if (filters.length === 0 || filters.includes('>')) return true;
  if (subjects.length === 0) return false;
  return subjects.every((subject) => filters.some((filter) => patternCovers(filter, subject)));
}
