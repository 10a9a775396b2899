import { randomUUID } from 'node:crypto';

import { NatsxError, type ErrorKind } from '../../../core/errors.js';
import { filterConfig } from '../../model/consumer-config.js';
import type { ConsumerConfig } from '../../model/consumer-info.js';
import { createConsumer, deleteConsumer } from './jetstream-consumers.js';
import { readConsumer } from './jetstream-entities.js';
import type { StreamInfo } from '../../model/stream-info.js';
import { countable } from '../../model/sequence.js';
import { countMessages } from './messages.js';
import type { BacklogRequests } from './requests.js';
import { streamSample } from './samples.js';
import type { JetStreamApi } from './jetstream-api.js';
import { readMessage } from './jetstream-streams.js';

/** Messages of a stream between two sequences. */
export interface StoredRangeQuestion {
  /** Read with `deleted_details`. */
  readonly info: StreamInfo;
  /** Any of them; none: all subjects. */
  readonly filters: readonly string[];
  readonly from: number;
  /** The first sequence that does not belong to it. */
  readonly to: number;
}

export interface Counting {
  readonly api: JetStreamApi;
  readonly requests: BacklogRequests;
  /** Whether a temporary consumer may be created to count, on streams where that changes nothing else. */
  readonly mayCreate?: boolean;
}

/** Where the server does not count, each message takes a request. */
const MOST_STEPS = 2_000;
const LONGEST_MS = 2_000;

/**
 * How many messages there are, exactly: from the sequences alone if all subjects count, else counted by the server, else
 * by reading one after the other.
 *
 * @returns undefined when it would take too long
 */
export async function countStored(
  counting: Counting,
  question: StoredRangeQuestion,
): Promise<number | undefined> {
  const { first_seq: first, last_seq: last, messages } = question.info.state;
  const from = Math.max(question.from, first);
  const to = Math.min(question.to, last + 1);
  if (to <= from || messages === 0) return 0;
  if (holdsAll(question)) {
    const count = bySequences(question, from, to);
    if (count !== undefined) return count;
  }
  const { info, filters } = question;
  const tail = {
    stream: streamSample(info, 0),
    apiPrefix: counting.api.apiPrefix,
    filters,
  };
  const kept = await countMessages(counting.requests, { ...tail, from: { seq: to } });
  if (kept === 'unreadable') {
    const range = { ...question, from, to };
    const counted =
      counting.mayCreate === true ? await countByConsumers(counting.api, range) : undefined;
    return counted ?? stepThrough(counting.api, range);
  }
  const all = await countMessages(counting.requests, { ...tail, from: { seq: from } });
  return all === 'unreadable' ? undefined : all - kept;
}

/** The stream's subjects do not matter: messages of earlier subjects may still be stored. */
function holdsAll({ filters }: StoredRangeQuestion): boolean {
  return filters.length === 0 || filters.includes('>');
}

function bySequences({ info }: StoredRangeQuestion, from: number, to: number): number | undefined {
  const { deleted, num_deleted: holes = 0 } = info.state;
  if (holes === 0) return to - from;
  if (deleted?.length !== holes) return undefined;
  return to - from - deleted.filter((seq) => seq >= from && seq < to).length;
}

async function stepThrough(
  api: JetStreamApi,
  { info, filters, from, to }: StoredRangeQuestion,
): Promise<number | undefined> {
  const found = new Set<number>();
  const endMs = performance.now() + LONGEST_MS;
  let steps = 0;
  for (const subject of filters.length === 0 ? ['>'] : filters) {
    for (let seq = from; seq < to;) {
      if (++steps > MOST_STEPS || performance.now() > endMs) return undefined;
      const at = await nextOf(api, info.config.name, { subject, seq });
      if (at === undefined || at >= to) break;
      found.add(at);
      seq = at + 1;
    }
  }
  return found.size;
}

const MOST_COUNTS = 3;

/**
 * Counts with two temporary consumers, one at each end of the range. A work queue or an interest stream would treat them
 * as real ones.
 *
 * @returns undefined when messages keep arriving, or this user may not create consumers
 */
async function countByConsumers(
  api: JetStreamApi,
  { info: { config, state }, filters, from, to }: StoredRangeQuestion,
): Promise<number | undefined> {
  const stream = config.name;
  if ((config.retention ?? 'limits') !== 'limits') return undefined;
  const created: string[] = [];
  const pendingFrom = async (seq: number): Promise<() => Promise<number>> => {
    const consumer = await createConsumer(api, stream, countingConsumer(filters, seq));
    created.push(consumer.name);
    return async () => (await readConsumer(api, stream, consumer.name)).num_pending;
  };
  try {
    const all = await pendingFrom(from);
    const kept = to > state.last_seq ? undefined : await pendingFrom(to);
    if (kept === undefined) return await all();
    for (let count = 0; count < MOST_COUNTS; count += 1) {
      const first = await all();
      const rest = await kept();
      // Both are of the same moment if nothing arrived in between.
      if ((await all()) === first) return first - rest;
    }
    return undefined;
  } catch (error) {
    if (error instanceof NatsxError && MAY_NOT_CREATE.has(error.kind)) return undefined;
    throw error;
  } finally {
    await Promise.all(
      created.map((name) => deleteConsumer(api, stream, name).catch(() => undefined)),
    );
  }
}

const MAY_NOT_CREATE: ReadonlySet<ErrorKind> = new Set(['auth', 'rejected', 'timeout']);

function countingConsumer(
  filters: readonly string[],
  seq: number,
): ConsumerConfig & { readonly name: string } {
  return {
    name: `natsx-count-${randomUUID()}`,
    ack_policy: 'none',
    deliver_policy: 'by_start_sequence',
    opt_start_seq: seq,
    ...filterConfig(filters),
    mem_storage: true,
    num_replicas: 1,
    // Where it is not deleted, it goes by itself.
    inactive_threshold: 30e9,
  };
}

/** The first sequence at or after another that has a message of the subject. */
async function nextOf(
  api: JetStreamApi,
  stream: string,
  place: { readonly subject: string; readonly seq: number },
): Promise<number | undefined> {
  try {
    return countable((await readMessage(api, stream, { by: 'next', ...place })).seq);
  } catch (error) {
    if (error instanceof NatsxError && error.kind === 'not-found') return undefined;
    throw error;
  }
}

/** The first sequence that was stored at or after a time: a binary search, which works on every server. */
export async function firstStoredAt(
  api: JetStreamApi,
  { config, state }: StreamInfo,
  timeMs: number,
): Promise<number> {
  let [low, high] = [state.first_seq, state.last_seq + 1];
  while (low < high && state.messages > 0) {
    const middle = Math.floor((low + high) / 2);
    const found = await timeAt(api, config.name, middle);
    if (found === undefined || found.timeMs >= timeMs) high = middle;
    else low = found.seq + 1;
  }
  return low;
}

async function timeAt(
  api: JetStreamApi,
  stream: string,
  seq: number,
): Promise<{ readonly seq: number; readonly timeMs: number } | undefined> {
  try {
    const stored = await readMessage(api, stream, { by: 'next', subject: '>', seq });
    return { seq: countable(stored.seq), timeMs: Date.parse(stored.time) };
  } catch (error) {
    if (error instanceof NatsxError && error.kind === 'not-found') return undefined;
    throw error;
  }
}
