import { discardsByLimits, readsWholeStream } from '../model/evictions.js';
import type {
  AdvisoryFacts,
  ConsumerLookups,
  PublishHistory,
  PullFacts,
  TapFacts,
} from '../model/series.js';
import { compileAnySubjectMatcher } from '../../core/subject/subject-match.js';
import { closestNames } from '../../core/closest-names.js';
import type { ConsumerSample, StreamSample } from '../../streams/model/snapshot.js';
import { countMessages } from '../../streams/run/api/messages.js';
import { earliestExpiry, nextUndelivered, oldestUnsettled } from './reader/oldest.js';
import { withConcurrency, type BacklogRequests } from '../../streams/run/api/requests.js';
import type { Sweep } from '../../streams/run/api/sweep.js';
import { readSchedules } from './schedules.js';
import { largestSubjects, MOST_SUBJECTS, subjectsOf } from './subjects.js';

export interface LookupPlan {
  readonly apiPrefix: string;
  /** Also what only the view of one stream or consumer shows: next message, history, subjects. */
  readonly detailed: boolean;
  /** Only what is compared over the window: for streams that discard messages, and consumers that replay in time. */
  readonly onlyWhereTimeMatters?: boolean;
  readonly atStart: ReadonlyMap<string, ConsumerLookups>;
  readonly advisories: ReadonlyMap<string, AdvisoryFacts>;
  /** For consumers without advisories. */
  readonly quiet?: AdvisoryFacts | undefined;
  readonly taps: ReadonlyMap<string, TapFacts>;
  readonly pulls?: ReadonlyMap<string, PullFacts>;
  readonly pullInboxes?: ReadonlyMap<string, readonly string[]>;
}

/** Ages are read for this many consumers, those with the largest backlogs. */
const MOST_AGES = 500;
const LOOKUP_CONCURRENCY = 4;

interface Candidate {
  readonly key: string;
  readonly first: ConsumerSample;
  readonly last: ConsumerSample;
  readonly stream: StreamSample;
}

/** What single messages and counts show, by `stream/consumer`; the subjects of a stream by `stream`. */
export async function lookUp(
  requests: BacklogRequests,
  sweeps: readonly Sweep[],
  plan: LookupPlan,
): Promise<Map<string, ConsumerLookups>> {
  const found = new Map<string, ConsumerLookups>();
  const candidates = candidatesOf(sweeps, plan);
  await withConcurrency(candidates, requests.concurrency, async (candidate) => {
    const lookups = await extrasOf(requests, candidate, plan);
    found.set(candidate.key, { ...lookups, advisories: plan.quiet });
  });
  const heard = [plan.advisories, plan.taps, plan.pullInboxes ?? new Map<string, never>()];
  for (const key of new Set(heard.flatMap((one) => [...one.keys()]))) {
    found.set(key, {
      ...found.get(key),
      advisories: plan.advisories.get(key) ?? found.get(key)?.advisories,
      tap: plan.taps.get(key),
      pulls: plan.pulls?.get(key),
      pullInboxes: plan.pullInboxes?.get(key),
    });
  }
  if (plan.detailed) await addBacklogSubjects(requests, candidates, { plan, found });
  if (plan.onlyWhereTimeMatters !== true) {
    await addUnmatchedFilters(requests, sweeps.at(-1), found);
    await addStreamSubjects(requests, sweeps, { found, apiPrefix: plan.apiPrefix });
  }
  return found;
}

/** A stream or a consumer was given by name, so there is at most one stream. */
async function addBacklogSubjects(
  requests: BacklogRequests,
  candidates: readonly Candidate[],
  { plan, found }: { readonly plan: LookupPlan; readonly found: Map<string, ConsumerLookups> },
): Promise<void> {
  const stream = candidates[0]?.stream;
  if (stream === undefined) return;
  const consumers = candidates.map(({ last }) => last);
  const { apiPrefix } = plan;
  const shares = await largestSubjects(requests, { stream, consumers, apiPrefix });
  for (const [consumer, subjects] of shares) {
    const key = `${stream.name}/${consumer}`;
    found.set(key, { ...found.get(key), subjects });
  }
}

function candidatesOf(sweeps: readonly Sweep[], plan: LookupPlan): readonly Candidate[] {
  const first = sweeps[0];
  const last = sweeps.at(-1);
  if (first === undefined || last === undefined) return [];
  const candidates: Candidate[] = [];
  for (const [name, consumers] of last.consumers) {
    const stream = last.streams.get(name);
    if (stream === undefined) continue;
    for (const sample of consumers.values()) {
      if (backlogOf(sample) === 0 || !isWanted(stream, sample, plan)) continue;
      candidates.push({
        key: `${name}/${sample.name}`,
        first: first.consumers.get(name)?.get(sample.name) ?? sample,
        last: sample,
        stream,
      });
    }
  }
  return candidates.toSorted((a, b) => backlogOf(b.last) - backlogOf(a.last)).slice(0, MOST_AGES);
}

function isWanted(stream: StreamSample, sample: ConsumerSample, plan: LookupPlan): boolean {
  if (plan.onlyWhereTimeMatters !== true) return true;
  if (stream.config.allowMsgTtl === true) return true;
  if (stream.config.maxAgeMs !== undefined || sample.config.replayOriginal) return true;
  return discardsByLimits(stream) && sample.delivered.streamSeq + 1 < stream.firstSeq;
}

function backlogOf({ pending, ackPending }: ConsumerSample): number {
  return pending + ackPending;
}

async function extrasOf(
  requests: BacklogRequests,
  candidate: Candidate,
  plan: LookupPlan,
): Promise<ConsumerLookups> {
  const { stream, last, key } = candidate;
  const question = { stream, consumer: last, apiPrefix: plan.apiPrefix };
  const published = await publishedInFilter(requests, candidate, plan);
  const oldest = await oldestUnsettled(requests, question);
  const looksForTtl = stream.config.allowMsgTtl === true && plan.onlyWhereTimeMatters !== true;
  const expiresMs = looksForTtl ? await earliestExpiry(requests, question) : undefined;
  const lookups: ConsumerLookups = {
    oldest,
    oldestAtStart: plan.atStart.get(key)?.oldest,
    publishedInFilter: published,
    expiresMs,
  };
  if (!plan.detailed) return lookups;
  const [next, history] = await Promise.all([
    last.pending === 0 ? undefined : nextUndelivered(requests, question),
    historyOf(requests, candidate, plan),
  ]);
  return { ...lookups, next, history };
}

/**
 * Requested only if there is no other way to know: with a filter or gaps, and redeliveries that hide first deliveries.
 * Matches between the two cursors were delivered for the first time; both tails are counted at once, because they grow.
 */
async function publishedInFilter(
  requests: BacklogRequests,
  candidate: Candidate,
  plan: LookupPlan,
): Promise<number | undefined> {
  const { first, last, stream } = candidate;
  if (plan.onlyWhereTimeMatters === true || stream.config.retention !== 'limits') return undefined;
  // It delivers only the last message of each subject.
  if (last.config.deliverPolicy === 'last_per_subject') return undefined;
  if (readsWholeStream(last, stream) && stream.deleted === 0) return undefined;
  if (first.redelivered + last.redelivered === 0 || !isSameRun(first, last)) return undefined;
  const after = ({ delivered }: ConsumerSample): ReturnType<typeof countMessages> =>
    countMessages(requests, {
      stream,
      apiPrefix: plan.apiPrefix,
      from: { seq: delivered.streamSeq + 1 },
      filters: last.config.filters,
    });
  const [since, beyond] = await Promise.all([after(first), after(last)]);
  if (since === 'unreadable' || beyond === 'unreadable') return undefined;
  return since - beyond + last.pending - first.pending;
}

/** Neither recreated nor moved back in between. */
function isSameRun(first: ConsumerSample, last: ConsumerSample): boolean {
  return (
    first.createdMs === last.createdMs && first.delivered.consumerSeq <= last.delivered.consumerSeq
  );
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Messages published in the last minute and hour, no further back than the stream reaches. */
async function historyOf(
  requests: BacklogRequests,
  { stream, last }: Candidate,
  plan: LookupPlan,
): Promise<PublishHistory | undefined> {
  const { firstMs, createdMs } = stream;
  if (stream.config.retention !== 'limits' || firstMs === undefined) return undefined;
  const coveredMs = Math.min(HOUR_MS, stream.atMs - Math.max(firstMs, createdMs ?? 0));
  if (coveredMs <= MINUTE_MS) return undefined;
  const since = async (ms: number): Promise<number | undefined> => {
    const count = await countMessages(requests, {
      stream,
      apiPrefix: plan.apiPrefix,
      from: { timeMs: stream.atMs - ms },
      filters: last.config.filters,
    });
    return count === 'unreadable' ? undefined : (1000 * count) / ms;
  };
  const [minute, hour] = await Promise.all([since(MINUTE_MS), since(coveredMs)]);
  if (minute === undefined || hour === undefined) return undefined;
  return { perSecondLastMinute: minute, perSecondLastHour: hour, coveredMs };
}

/** This many consumers that never received anything are checked for a filter that matches nothing. */
const MOST_FILTERS = 50;
const NEAREST = 3;

async function addUnmatchedFilters(
  requests: BacklogRequests,
  last: Sweep | undefined,
  found: Map<string, ConsumerLookups>,
): Promise<void> {
  const suspects = [...(last?.consumers ?? [])].flatMap(([name, consumers]) => {
    const stream = last?.streams.get(name);
    if (stream === undefined || stream.messages === 0) return [];
    if ((stream.subjectCount ?? Infinity) > MOST_SUBJECTS) return [];
    return [...consumers.values()].flatMap((sample) => {
      const { config, delivered } = sample;
      const idle = backlogOf(sample) === 0 && delivered.consumerSeq === 0;
      return idle && config.filters.length > 0 ? [{ stream, sample }] : [];
    });
  });
  const lists = new Map<string, ReturnType<typeof subjectsOf>>();
  await withConcurrency(
    suspects.slice(0, MOST_FILTERS),
    () => LOOKUP_CONCURRENCY,
    async ({ stream, sample }) => {
      const { filters } = sample.config;
      const list = lists.get(stream.name) ?? subjectsOf(requests, stream.name, '>');
      lists.set(stream.name, list);
      const counted = await list;
      // An incomplete list does not show what is missing from the stream.
      if (counted?.whole !== true || counted.shares.length === 0) return;
      const names = counted.shares.map(({ subject }) => subject);
      if (names.some(compileAnySubjectMatcher(filters))) return;
      const nearest = nearestSubjects(filters, names);
      const key = `${stream.name}/${sample.name}`;
      found.set(key, { ...found.get(key), unmatchedFilter: { nearest } });
    },
  );
}

/** The most similar first; of equally similar ones, those with the most messages. */
function nearestSubjects(filters: readonly string[], names: readonly string[]): readonly string[] {
  const alike = filters.flatMap((filter) => closestNames(filter, names, NEAREST));
  return [...new Set([...alike, ...names])].slice(0, NEAREST);
}

/**
 * Subjects of work queues that store more than their consumers have pending: they show which filter is missing. Also
 * the schedules, if the stream allows them.
 */
async function addStreamSubjects(
  requests: BacklogRequests,
  sweeps: readonly Sweep[],
  {
    found,
    apiPrefix,
  }: { readonly found: Map<string, ConsumerLookups>; readonly apiPrefix: string },
): Promise<void> {
  const last = sweeps.at(-1);
  const wanted = [...(last?.streams.values() ?? [])].filter((stream) => {
    if (stream.messages === 0 || (stream.subjectCount ?? 0) > MOST_SUBJECTS) return false;
    return stream.config.allowSchedules === true || storesMore(stream, last);
  });
  await withConcurrency(
    wanted,
    () => LOOKUP_CONCURRENCY,
    async (stream) => {
      const counted = await subjectsOf(requests, stream.name, '>');
      if (counted === undefined) return;
      const subjects = counted.shares;
      const schedules =
        stream.config.allowSchedules === true
          ? await readSchedules(requests, { stream, apiPrefix, subjects })
          : undefined;
      const named = storesMore(stream, last) ? subjects : undefined;
      found.set(stream.name, { ...found.get(stream.name), subjects: named, schedules });
    },
  );
}

function storesMore(stream: StreamSample, last: Sweep | undefined): boolean {
  if (stream.config.retention !== 'workqueue') return false;
  const consumers = [...(last?.consumers.get(stream.name)?.values() ?? [])];
  const filtered = consumers.every(({ config }) => config.filters.length > 0);
  const known = consumers.reduce((sum, sample) => sum + backlogOf(sample), 0);
  return filtered && stream.messages > known;
}
