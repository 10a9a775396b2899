import type { Rule } from '../../../core/findings/rule.js';
import { formatByteSize } from '../../../core/values/byte-size.js';
import { compileAnySubjectMatcher } from '../../../core/subject/subject-match.js';
import { serversOwn } from '../servers-own.js';
import type { FindingId } from '../finding-id.js';
import type { StreamSeries, SubjectShare } from '../series.js';
import type { ConsumerSample } from '../../../streams/model/snapshot.js';
import type { StreamFacts } from '../stream-facts.js';
import { streamEdit } from './edit-remedy.js';
import { agree, formatCount, plural } from '../../../core/wording.js';
import { formatDurationMs } from '../../../core/values/duration.js';
import { shellWord } from '../../../core/printable.js';

export type StreamRule = Rule<StreamFacts, FindingId>;

export const publishersRejected: StreamRule = {
  id: 'PUBLISHERS_REJECTED',
  severity: 'critical',
  scope: 'stream',
  meaning: 'The stream is full and rejects new messages; publishers get errors.',
  signs:
    'Discard policy new, at max_msgs or at 98% of max_bytes, and nothing was stored during the window.',
  advice: 'Drain it or raise the limit. On a work queue, look for the consumer that stopped.',
  test: ({ last, samples, thresholds, consumers }) => {
    const { discard, maxMessages = Infinity, maxBytes = Infinity } = last.config;
    const full = last.messages >= maxMessages || last.bytes >= maxBytes * thresholds.bytesFullShare;
    if (discard !== 'new' || !full || samples.some(({ lastSeq }) => lastSeq !== last.lastSeq))
      return undefined;
    const blocker = slowest(consumers);
    const since = last.lastMs === undefined ? undefined : last.atMs - last.lastMs;
    return {
      summary: `The stream is full (${plural(last.messages, 'message')}, ${formatByteSize(last.bytes)}) and rejects new messages${since === undefined ? '' : `; the last one was stored ${formatDurationMs(since)} ago`}${blocker === undefined ? '' : `; ${blocker.name} is furthest behind`}.`,
      evidence: {
        messages: last.messages,
        max_msgs: last.config.maxMessages,
        bytes: last.bytes,
        max_bytes: last.config.maxBytes,
        since_last_publish_ms: since,
        slowest_consumer: blocker?.name,
      },
    };
  },
  remedy: ({ name, last: { messages, config } }) => {
    const { maxMessages = Infinity, maxBytes = 0 } = config;
    const [flag, limit] =
      messages >= maxMessages ? ['--max-msgs', maxMessages] : ['--max-bytes', maxBytes];
    return [`natsx backlog ${shellWord(name)}`, ...streamEdit(name, flag, String(2 * limit))];
  },
};

function slowest(consumers: readonly ConsumerSample[]): ConsumerSample | undefined {
  return consumers.reduce<ConsumerSample | undefined>(
    (worst, consumer) =>
      worst === undefined || consumer.ackFloor.streamSeq < worst.ackFloor.streamSeq
        ? consumer
        : worst,
    undefined,
  );
}

/** How much later than the stream its consumers may have been read; what is settled in between is not a gap. */
const READ_SKEW_S = 0.25;

export const wqFilterGap: StreamRule = {
  id: 'WQ_FILTER_GAP',
  severity: 'critical',
  scope: 'stream',
  meaning:
    'A work queue stores messages that no consumer will ever receive, because no filter matches them.',
  signs:
    'In every sample, more messages are stored than all consumers have pending, in flight or given up; where subjects could be counted, those that no filter matches. Schedules (messages with Nats-Schedule) do not count: the server itself reads them.',
  advice: 'Add a consumer for those subjects, widen a filter, or stop publishing there.',
  test: (facts) => {
    const { last, complete, consumers, series } = facts;
    if (last.config.retention !== 'workqueue' || !complete || last.messages === 0) return undefined;
    const orphans = unmatched(unscheduled(series), consumers);
    if (orphans?.length === 0 && consumers.length > 0) return undefined;
    const gap = orphans === undefined ? unnamedGap(facts) : total(orphans);
    if (gap <= 0) return undefined;
    const named = orphans?.slice(0, 3).map(({ subject }) => subject);
    return {
      summary:
        consumers.length === 0
          ? `There is no consumer for the ${plural(gap, 'stored message')}.`
          : `No consumer's filter matches ${plural(gap, 'stored message')}${named === undefined ? '' : `: ${named.join(', ')}`}.`,
      evidence: {
        unmatched: gap,
        messages: last.messages,
        consumers: consumers.length,
        subjects:
          orphans?.slice(0, 10).map(({ subject, messages }) => ({ subject, messages })) ?? [],
      },
    };
  },
  remedy: ({ name, series, consumers }) => {
    const [orphan] = unmatched(unscheduled(series), consumers) ?? [];
    const filter = orphan === undefined ? '' : ` --filter ${shellWord(orphan.subject)}`;
    return [
      `natsx backlog subjects ${shellWord(name)}`,
      `natsx consumer create ${shellWord(name)} worker${filter}`,
    ];
  },
};

/** Without schedules, which the server itself reads, and without subjects that may hold some. */
function unscheduled({ subjects, schedules }: StreamSeries): readonly SubjectShare[] | undefined {
  if (subjects === undefined || schedules === undefined) return subjects;
  return subjects.flatMap(({ subject, messages }) => {
    const left = messages - (schedules.bySubject.get(subject) ?? 0);
    return left > 0 && !schedules.unseen.has(subject) ? [{ subject, messages: left }] : [];
  });
}

/** If subjects were not counted, schedules cannot be distinguished from messages without a consumer. */
function unnamedGap(facts: StreamFacts): number {
  return facts.last.config.allowSchedules === true ? 0 : steadyGap(facts);
}

/** Subjects that no filter matches, biggest first; undefined when subjects were not counted. */
function unmatched(
  subjects: readonly SubjectShare[] | undefined,
  consumers: readonly ConsumerSample[],
): readonly SubjectShare[] | undefined {
  if (subjects === undefined) return undefined;
  if (consumers.some(({ config }) => config.filters.length === 0)) return [];
  const matches = compileAnySubjectMatcher(consumers.flatMap(({ config }) => config.filters));
  return subjects.filter(({ subject }) => !matches(subject));
}

/** The smallest surplus over all samples, minus what may have been settled between reading stream and consumers. */
function steadyGap({ samples, series, consumers, windowMs }: StreamFacts): number {
  // An unfiltered consumer matches everything; any surplus was given up, which is another finding.
  if (consumers.some(({ config }) => config.filters.length === 0)) return 0;
  const settled = series.consumers.reduce((sum, { samples: own }) => sum + settledBetween(own), 0);
  const skew = windowMs === 0 ? 0 : (settled / (windowMs / 1000)) * READ_SKEW_S;
  const gaps = samples.map((sample, index) => sample.messages - held(series.consumers, index));
  return Math.max(0, Math.floor(Math.min(...gaps) - skew));
}

function held(consumers: StreamFacts['series']['consumers'], index: number): number {
  return consumers.reduce((sum, { samples }) => {
    const sample = samples[index] ?? samples.at(-1);
    if (sample === undefined) return sum;
    const exhausted =
      sample.config.maxDeliver === undefined
        ? 0
        : Math.max(0, sample.redelivered - sample.ackPending);
    return sum + sample.pending + sample.ackPending + exhausted;
  }, 0);
}

function settledBetween(samples: readonly ConsumerSample[]): number {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined) return 0;
  return Math.max(
    0,
    last.delivered.consumerSeq - first.delivered.consumerSeq - (last.ackPending - first.ackPending),
  );
}

function total(subjects: readonly SubjectShare[]): number {
  return subjects.reduce((sum, { messages }) => sum + messages, 0);
}

export const interestNoConsumer: StreamRule = {
  id: 'INTEREST_NO_CONSUMER',
  severity: 'critical',
  scope: 'stream',
  meaning:
    'The stream keeps messages only for its consumers and has none: published messages are acknowledged and dropped immediately.',
  signs: 'Retention interest, no consumers, and the last sequence rises.',
  advice: 'Create the durable consumer before publishing.',
  test: ({ last, samples, ingestPerS }) => {
    const dropped = last.lastSeq - (samples[0]?.lastSeq ?? last.lastSeq);
    if (last.config.retention !== 'interest' || last.consumerCount > 0 || dropped <= 0)
      return undefined;
    return {
      summary: `${plural(dropped, 'message')} ${agree(dropped, 'was', 'were')} published, acknowledged and dropped, because this stream has no consumers.`,
      evidence: {
        dropped_in_window: dropped,
        publish_per_s: ingestPerS,
        last_seq: last.lastSeq,
      },
    };
  },
  remedy: ({ name }) => [`natsx consumer create ${shellWord(name)} worker`],
};

export const retentionPinned: StreamRule = {
  id: 'RETENTION_PINNED',
  severity: 'warning',
  scope: 'stream',
  meaning:
    'One consumer that has not moved for an hour keeps messages in the stream that all other consumers have finished.',
  signs:
    'Retention interest, several consumers, and the one with the lowest ack floor is far behind the next and has been idle for an hour.',
  advice: 'Start its workers again, or delete it if it is no longer needed.',
  test: ({ last, consumers, thresholds, complete }) => {
    if (last.config.retention !== 'interest' || consumers.length < 2 || !complete) return undefined;
    const [laggard, next] = consumers.toSorted(
      (a, b) => a.ackFloor.streamSeq - b.ackFloor.streamSeq,
    );
    if (laggard === undefined || next === undefined) return undefined;
    const active = Math.max(
      laggard.delivered.lastActiveMs ?? 0,
      laggard.ackFloor.lastActiveMs ?? 0,
      laggard.createdMs ?? 0,
    );
    const idleMs = laggard.atMs - active;
    const backlog = laggard.pending + laggard.ackPending;
    const keeps = backlog - (next.pending + next.ackPending);
    if (idleMs < thresholds.retentionPinnedAfterMs || keeps < Math.max(1, last.messages / 2))
      return undefined;
    return {
      summary: `${laggard.name} has not moved for ${formatDurationMs(idleMs)} and is the only one that keeps ${plural(keeps, 'message')} (${formatByteSize((last.bytes / Math.max(1, last.messages)) * keeps)}) in the stream.`,
      evidence: {
        consumer: laggard.name,
        idle_ms: idleMs,
        kept_messages: keeps,
        ack_floor_seq: laggard.ackFloor.streamSeq,
        next_floor_seq: next.ackFloor.streamSeq,
      },
    };
  },
  remedy: ({ name, consumers }) => {
    const [laggard] = consumers.toSorted((a, b) => a.ackFloor.streamSeq - b.ackFloor.streamSeq);
    const words = `${shellWord(name)} ${shellWord(laggard?.name ?? '')}`;
    const own = laggard !== undefined && serversOwn(laggard) !== undefined;
    return [`natsx backlog ${words}`, ...(own ? [] : [`natsx consumer rm ${words}`])];
  },
};

export const ephemeralLeftovers: StreamRule = {
  id: 'EPHEMERAL_LEFTOVERS',
  severity: 'warning',
  scope: 'stream',
  meaning: 'Clients leave consumers behind that outlive them for a long time.',
  signs:
    'More than fifty consumers without a durable name do nothing and have an inactive_threshold of over an hour.',
  advice: 'Set a short inactive_threshold on such consumers, or reuse one consumer.',
  test: ({ consumers, thresholds, series }) => {
    const idle = new Set(
      series.consumers
        .filter(({ samples }) => settledBetween(samples) === 0)
        .map(({ name }) => name),
    );
    const left = consumers.filter(
      ({ name, config, waiting, pushBound }) =>
        !config.durable &&
        idle.has(name) &&
        waiting === 0 &&
        !pushBound &&
        (config.inactiveThresholdMs ?? 0) > thresholds.leftoverInactiveMs,
    );
    if (left.length <= thresholds.leftoverCount) return undefined;
    return {
      summary: `${formatCount(left.length)} consumers without a durable name are idle and do not go away.`,
      evidence: {
        leftovers: left.length,
        consumers: consumers.length,
        examples: left.slice(0, 3).map(({ name }) => name),
      },
    };
  },
  remedy: ({ name }) => [`natsx consumer ls ${shellWord(name)}`],
};

export const consumerChurn: StreamRule = {
  id: 'CONSUMER_CHURN',
  severity: 'warning',
  scope: 'stream',
  meaning:
    'Consumers are constantly created and deleted, which costs the servers far more than messages do.',
  signs:
    'More than one consumer per second is created, deleted or recreated. Consumers that live for less than one sample are noticed only if the stream is named.',
  advice:
    'Create one consumer per worker group and keep it; do not create one per message or connection.',
  test: ({ series, windowMs, thresholds }) => {
    if (windowMs === 0) return undefined;
    const recreated = series.consumers.filter(
      ({ samples }) => samples[0]?.createdMs !== samples.at(-1)?.createdMs,
    );
    const changes = Math.max(series.churned ?? 0, 2 * recreated.length);
    const perS = changes / (windowMs / 1000);
    if (perS <= thresholds.churnPerS) return undefined;
    return {
      summary: `Consumers were created or deleted ${plural(changes, 'time')} in ${formatDurationMs(windowMs)}.`,
      evidence: {
        changes,
        changes_per_s: perS,
        recreated: recreated.slice(0, 5).map(({ name }) => name),
        window_ms: windowMs,
      },
    };
  },
  remedy: ({ name }) => [`natsx consumer ls ${shellWord(name)}`, 'natsx backlog --core'],
};
