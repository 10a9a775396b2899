import { NatsxError } from '../../../core/errors.js';
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
  if (kept === 'unreadable') return stepThrough(counting.api, { ...question, from, to });
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
