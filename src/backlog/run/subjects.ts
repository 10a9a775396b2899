import type { SubjectShare } from '../model/series.js';
import type { ConsumerSample, StreamSample } from '../../streams/model/snapshot.js';
import { compileAnySubjectMatcher } from '../../core/subject/subject-match.js';
import { countMessages } from '../../streams/run/api/messages.js';
import type { StreamInfo } from '../../streams/model/stream-info.js';
import {
  isRefusal,
  withConcurrency,
  type BacklogRequests,
  type Refusal,
} from '../../streams/run/api/requests.js';
import { allPages, type Page } from '../../connection/pages.js';

/** Counting subjects builds a list on the server; beyond this it is too expensive. */
export const MOST_SUBJECTS = 10_000;
/** Backlogs are broken down for this many consumers of a stream, those with the most. */
const MOST_CONSUMERS = 10;
/** With limits retention, this many subjects are counted from the cursor on, with one request each. */
const MOST_COUNTED = 5;
const CONCURRENCY = 4;

export interface CountedSubjects {
  /** Biggest first. */
  readonly shares: readonly SubjectShare[];
  /** False: a page of the list could not be read, or the list changed while it was read. */
  readonly whole: boolean;
}

/** Messages by subject, all pages of them; undefined when they cannot be read. */
export async function subjectsOf(
  requests: BacklogRequests,
  stream: string,
  filter: string,
): Promise<CountedSubjects | undefined> {
  const counts = new Map<string, number>();
  const totals: (number | undefined)[] = [];
  const refusals: Refusal[] = [];
  const pages = allPages<StreamInfo & Page>({
    read: async (offset) => {
      const body = { subjects_filter: filter, offset };
      const page = await requests.api<StreamInfo & Page>(`STREAM.INFO.${stream}`, body);
      if (!isRefusal(page)) return page;
      refusals.push(page);
      return undefined;
    },
    size: ({ state }) => Object.keys(state.subjects ?? {}).length,
  });
  for await (const { state, total } of pages) {
    totals.push(total);
    for (const [subject, messages] of Object.entries(state.subjects ?? {}))
      counts.set(subject, messages);
  }
  if (totals.length === 0) return undefined;
  const shares = [...counts].map(([subject, messages]) => ({ subject, messages }));
  return {
    shares: shares.toSorted((a, b) => b.messages - a.messages),
    whole:
      refusals.length === 0 && totals.every((total) => (total ?? shares.length) === shares.length),
  };
}

export interface SubjectQuestion {
  readonly stream: StreamSample;
  /** All consumers of the stream that have a backlog. */
  readonly consumers: readonly ConsumerSample[];
  readonly apiPrefix: string;
}

/**
 * The largest backlogs of a stream by consumer and subject, biggest first. If messages leave the stream when they are
 * settled, what is stored is the backlog. With limits retention, the most frequent subjects are counted from each
 * consumer's cursor on, and rarer ones are left out.
 */
export async function largestSubjects(
  requests: BacklogRequests,
  { stream, consumers, apiPrefix }: SubjectQuestion,
): Promise<ReadonlyMap<string, readonly SubjectShare[]>> {
  const found = new Map<string, readonly SubjectShare[]>();
  const subjectCount = stream.subjectCount ?? 0;
  if (subjectCount < 2 || subjectCount > MOST_SUBJECTS || consumers.length === 0) return found;
  const stored = await subjectsOf(requests, stream.name, '>');
  if (stored === undefined) return found;
  const largest = consumers
    .toSorted((a, b) => b.pending + b.ackPending - a.pending - a.ackPending)
    .slice(0, MOST_CONSUMERS);
  await withConcurrency(
    largest,
    () => CONCURRENCY,
    async (consumer) => {
      const own = matching(stored.shares, consumer);
      const waiting = keepsOnlyBacklog(stream, consumer)
        ? own
        : await counted(requests, own, { stream, consumer, apiPrefix });
      if (waiting !== undefined) found.set(consumer.name, waiting);
    },
  );
  return found;
}

function matching(
  stored: readonly SubjectShare[],
  { config: { filters } }: ConsumerSample,
): readonly SubjectShare[] {
  if (filters.length === 0) return stored;
  const matches = compileAnySubjectMatcher(filters);
  return stored.filter(({ subject }) => matches(subject));
}

/** Everything stored that matches is unsettled by this consumer. Other consumers may keep more in an interest stream. */
function keepsOnlyBacklog(stream: StreamSample, consumer: ConsumerSample): boolean {
  const { retention } = stream.config;
  if (retention === 'workqueue') return true;
  if (retention === 'interest' && stream.consumerCount === 1) return true;
  return consumer.delivered.streamSeq < stream.firstSeq;
}

async function counted(
  requests: BacklogRequests,
  own: readonly SubjectShare[],
  question: Omit<SubjectQuestion, 'consumers'> & { readonly consumer: ConsumerSample },
): Promise<readonly SubjectShare[] | undefined> {
  const { stream, consumer, apiPrefix } = question;
  const shares: SubjectShare[] = [];
  for (const { subject } of own.slice(0, MOST_COUNTED)) {
    const messages = await countMessages(requests, {
      stream,
      apiPrefix,
      from: { seq: consumer.delivered.streamSeq + 1 },
      filters: [subject],
    });
    if (messages === 'unreadable') return undefined;
    if (messages > 0) shares.push({ subject, messages });
  }
  return shares.toSorted((a, b) => b.messages - a.messages);
}
