import { readsWholeStream } from '../../model/evictions.js';
import { messageTtlMs } from '../../model/message-headers.js';
import type { WaitingMessage } from '../../../streams/model/snapshot.js';
import type { ConsumerSample, StreamSample } from '../../../streams/model/snapshot.js';
import { isAtLeast } from '../../../core/server-needs.js';
import {
  firstMessage,
  type FoundMessage,
  type Unreadable,
} from '../../../streams/run/api/messages.js';
import type { BacklogRequests } from '../../../streams/run/api/requests.js';

export interface OldestQuestion {
  readonly stream: StreamSample;
  readonly consumer: ConsumerSample;
  readonly apiPrefix: string;
  /** Messages above this average size are not fetched for their time alone. */
  readonly maxAverageBytes?: number;
}

const MIB = 1024 * 1024;

/** From this version on, the ack floor of a consumer that started in the middle starts there, too. */
const FLOOR_STARTS_RIGHT = '2.14';

/** From this version on, messages can be found by time, too. */
const FINDS_TIMES = '2.11';

/**
 * The message that has waited longest: the first that matches above the ack floor. Without a request if the
 * stream's own state shows it; estimated between the stream's ends if the message cannot be read.
 */
export async function oldestUnsettled(
  requests: BacklogRequests,
  question: OldestQuestion,
): Promise<WaitingMessage | undefined> {
  const { stream, consumer } = question;
  if (consumer.pending + consumer.ackPending === 0) return undefined;
  const start = startOf(requests, question);
  if ('seq' in start) {
    const free = knownEnd(stream, consumer, start.seq);
    if (free !== undefined) return free;
  }
  const found = await read(requests, question, start);
  if (found !== undefined && found !== 'unreadable') {
    return { ...found, estimated: consumer.config.deliverPolicy === 'last_per_subject' };
  }
  return 'seq' in start ? interpolated(stream, start.seq) : undefined;
}

/** The next message that the consumer would deliver; undefined when there is none or it cannot be read. */
export async function nextUndelivered(
  requests: BacklogRequests,
  question: OldestQuestion,
): Promise<FoundMessage | undefined> {
  const seq = question.consumer.delivered.streamSeq + 1;
  const found = await read(requests, question, { seq });
  return found === 'unreadable' ? undefined : found;
}

/** This many messages are checked for their own TTL. */
const MOST_TTLS = 5;

/** When the first of the next few messages expires by itself; undefined when none does, or they cannot be read. */
export async function earliestExpiry(
  requests: BacklogRequests,
  { stream, consumer, apiPrefix }: OldestQuestion,
): Promise<number | undefined> {
  const { filters } = consumer.config;
  let seq = (consumer.pending > 0 ? consumer.delivered : consumer.ackFloor).streamSeq + 1;
  let earliest: number | undefined;
  for (let looked = 0; looked < MOST_TTLS; looked += 1) {
    const found = await firstMessage(requests, { stream, apiPrefix, from: { seq }, filters });
    if (found === undefined || found === 'unreadable') break;
    const ttlMs = messageTtlMs(found.headers);
    if (ttlMs !== undefined) earliest = Math.min(earliest ?? Infinity, found.storedMs + ttlMs);
    seq = found.seq + 1;
  }
  return earliest;
}

type Start = { readonly seq: number } | { readonly timeMs: number };

function startOf(requests: BacklogRequests, { stream, consumer }: OldestQuestion): Start {
  const { ackFloor, delivered, config, createdMs } = consumer;
  const seq = Math.max(ackFloor.streamSeq + 1, stream.firstSeq);
  const trusted =
    ackFloor.streamSeq > 0 ||
    config.deliverPolicy === 'all' ||
    isAtLeast(requests.serverVersion, FLOOR_STARTS_RIGHT);
  if (trusted) return { seq };
  // Older servers report 0 until the first acknowledgement, wherever the consumer started.
  if (delivered.consumerSeq === 0) return { seq: delivered.streamSeq + 1 };
  if (config.startSeq !== undefined) return { seq: Math.max(config.startSeq, stream.firstSeq) };
  const timeMs = config.startMs ?? createdMs;
  return timeMs === undefined ? { seq } : { timeMs };
}

/** What the stream's state shows without a request: its first and its last message. */
function knownEnd(
  stream: StreamSample,
  consumer: ConsumerSample,
  seq: number,
): WaitingMessage | undefined {
  if (!readsWholeStream(consumer, stream)) return undefined;
  const at = (storedMs: number | undefined, known: number): WaitingMessage | undefined =>
    storedMs === undefined ? undefined : { seq: known, storedMs, estimated: false };
  if (seq <= stream.firstSeq) return at(stream.firstMs, stream.firstSeq);
  return seq === stream.lastSeq ? at(stream.lastMs, seq) : undefined;
}

async function read(
  requests: BacklogRequests,
  question: OldestQuestion,
  from: Start,
): Promise<FoundMessage | undefined | Unreadable> {
  const { stream, consumer, apiPrefix, maxAverageBytes = MIB } = question;
  if (stream.messages > 0 && stream.bytes / stream.messages > maxAverageBytes) return 'unreadable';
  const { filters } = consumer.config;
  if ('seq' in from || isAtLeast(requests.serverVersion, FINDS_TIMES)) {
    return firstMessage(requests, { stream, apiPrefix, from, filters });
  }
  const seq = await sequenceAt(requests, { stream, apiPrefix }, from.timeMs);
  if (seq === 'unreadable') return seq;
  return firstMessage(requests, { stream, apiPrefix, from: { seq }, filters });
}

/** Halves the stream until the first message of that time or later is found: about twenty reads for a million. */
async function sequenceAt(
  requests: BacklogRequests,
  { stream, apiPrefix }: Pick<OldestQuestion, 'stream' | 'apiPrefix'>,
  timeMs: number,
): Promise<number | Unreadable> {
  let low = stream.firstSeq;
  let high = stream.lastSeq + 1;
  while (low < high) {
    const seq = Math.floor((low + high) / 2);
    const found = await firstMessage(requests, { stream, apiPrefix, from: { seq }, filters: [] });
    if (found === 'unreadable') return found;
    if (found === undefined || found.storedMs >= timeMs) high = seq;
    else low = found.seq + 1;
  }
  return low;
}

function interpolated(stream: StreamSample, seq: number): WaitingMessage | undefined {
  const { firstSeq, firstMs, lastSeq, lastMs } = stream;
  if (firstMs === undefined || lastMs === undefined || lastSeq <= firstSeq) return undefined;
  const share = Math.min(1, Math.max(0, (seq - firstSeq) / (lastSeq - firstSeq)));
  return { seq, storedMs: firstMs + share * (lastMs - firstMs), estimated: true };
}
