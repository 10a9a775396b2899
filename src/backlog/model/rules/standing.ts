import type { MatchEvidence } from '../../../core/findings/rule.js';
import type { ConsumerFacts } from '../consumer-facts.js';
import type { Motion } from '../motion.js';
import {
  ackWaitMs,
  heardPulls,
  isIdle,
  isPull,
  losesAllInHand,
  sinceDeliveryMs,
  hasDemand,
  target,
} from './consumer-reading.js';
import { compileAnySubjectMatcher } from '../../../core/subject/subject-match.js';
import type { ConsumerRule } from './rule-types.js';
import { flagDuration, formatDurationMs } from '../../../core/values/duration.js';
import { formatRate, plural } from '../../../core/wording.js';
import { shellWord } from '../../../core/printable.js';

export const orphanedDurable: ConsumerRule = {
  id: 'ORPHANED_DURABLE',
  severity: 'info',
  scope: 'consumer',
  meaning:
    'A durable consumer has not been used for a week. It costs memory, and on some streams it keeps messages from being removed.',
  signs:
    'Durable, no movement, no waiting pull request, no subscriber, and the last delivery was more than seven days ago. If the server does not remember it: the server has been running for longer than that, or nothing was ever delivered and the consumer is older. A warning if messages are pending.',
  advice: 'Delete it if it is no longer needed, or set an inactive_threshold on such consumers.',
  test: (facts) => {
    const { last, thresholds } = facts;
    if (!last.config.durable || hasDemand(facts)) return undefined;
    if (facts.motion !== undefined && !isIdle(facts)) return undefined;
    const since = unusedForMs(facts);
    if (since === undefined || since <= thresholds.orphanedAfterMs) return undefined;
    return {
      severity: last.pending > 0 ? 'warning' : 'info',
      summary: `It has not been used for ${formatDurationMs(since)}.`,
      evidence: {
        since_delivery_ms: since,
        pending: last.pending,
        replicas: last.cluster?.replicas.length ?? 0,
      },
    };
  },
  remedy: (facts) => [`natsx consumer info ${target(facts)}`, `natsx consumer rm ${target(facts)}`],
};

/**
 * Time since the last delivery. A restarted server does not remember it: then it is the known uptime of the server, or
 * for a consumer that never delivered anything, its age.
 */
function unusedForMs(facts: ConsumerFacts): number | undefined {
  const { last, clients } = facts;
  const since = sinceDeliveryMs(facts);
  if (since !== undefined) return since;
  if (last.delivered.consumerSeq === 0 && last.pending > 0 && last.createdMs !== undefined) {
    return last.atMs - last.createdMs;
  }
  const leads = last.cluster?.leaderSinceMs;
  const upMs = last.cluster === undefined ? clients.serverUpMs : leads && last.atMs - leads;
  const ageMs = last.createdMs === undefined ? undefined : last.atMs - last.createdMs;
  return upMs === undefined || ageMs === undefined ? undefined : Math.min(upMs, ageMs);
}

export const justRestarted: ConsumerRule = {
  id: 'JUST_RESTARTED',
  severity: 'info',
  scope: 'consumer',
  meaning:
    'The consumer’s server was restarted, or its leader is new, so some of its state is lost: activity times and redelivery counts start again.',
  signs:
    'It has delivered messages but does not remember when; or its leader is less than a minute old; or its ack floor went back.',
  advice: 'Check again in a minute.',
  test: ({ last, samples, thresholds }) => {
    const since = last.cluster?.leaderSinceMs;
    const fresh = since !== undefined && last.atMs - since < thresholds.restartedWithinMs;
    const forgot = last.delivered.consumerSeq > 0 && last.delivered.lastActiveMs === undefined;
    const back = samples.some(
      (sample, index) =>
        index > 0 && sample.ackFloor.streamSeq < (samples[index - 1]?.ackFloor.streamSeq ?? 0),
    );
    if (!fresh && !forgot && !back) return undefined;
    return {
      summary: fresh
        ? `Its leader was elected ${formatDurationMs(last.atMs - since)} ago.`
        : back
          ? 'Its ack floor went back during the window.'
          : 'Its server was restarted since the last delivery.',
      evidence: {
        leader_for_ms: since === undefined ? undefined : last.atMs - since,
        last_active_known: !forgot,
        floor_went_back: back,
      },
    };
  },
  remedy: (facts) => [`natsx backlog ${target(facts)}`],
};

/** The metadata key that marks a consumer as allowed to lag. */
const IGNORE_KEY = 'io.natsx.ignore';

export function isIgnored({ last }: ConsumerFacts): boolean {
  const value = last.config.metadata[IGNORE_KEY];
  return value !== undefined && value !== 'false';
}

export const leftBehindByDesign: ConsumerRule = {
  id: 'LEFT_BEHIND_BY_DESIGN',
  severity: 'info',
  scope: 'consumer',
  meaning:
    'This consumer does not have to keep up: it acknowledges nothing, reads headers only, or is marked by its owner.',
  signs: `Ack policy none or headers only, with a backlog, or the metadata key ${IGNORE_KEY}.`,
  advice: 'Nothing to do. It does not affect exit codes.',
  test: (facts) => {
    const { last, backlog, keepsUp } = facts;
    const marked = isIgnored(facts);
    const casual = last.config.ackPolicy === 'none' || last.config.headersOnly;
    if (!marked && (!casual || backlog === 0 || keepsUp)) return undefined;
    return {
      summary: marked
        ? `It is marked as allowed to lag; ${plural(backlog, 'message')} behind.`
        : `It ${last.config.ackPolicy === 'none' ? 'acknowledges nothing' : 'reads headers only'} and may lag; ${plural(backlog, 'message')} behind.`,
      evidence: {
        backlog,
        ack_policy: last.config.ackPolicy,
        headers_only: last.config.headersOnly,
        marked,
      },
    };
  },
  remedy: (facts) => [`natsx consumer info ${target(facts)}`],
};

export const filterMatchesNothing: ConsumerRule = {
  id: 'FILTER_MATCHES_NOTHING',
  severity: 'info',
  scope: 'consumer',
  meaning:
    'None of the subjects in the stream matches the consumer’s filter, and the consumer has never received a message. It may be waiting for the first one; otherwise the filter is mistyped.',
  signs:
    'Nothing is pending, nothing was ever delivered, and the filter matches neither a subject with messages in the stream nor the target of a stored schedule (Nats-Schedule-Target). Checked for up to 50 such consumers, and not in streams with more than 10,000 subjects.',
  advice: 'Compare the filter with the subjects that are published. A filter can be edited.',
  test: (facts) => {
    const { last, streamLast, lookups } = facts;
    const { unmatchedFilter: found } = lookups;
    if (found === undefined || last.pending + last.ackPending > 0) return undefined;
    if (schedulesMayMatch(facts)) return undefined;
    const filters = last.config.filters.join(', ');
    const near =
      found.nearest.length === 0 ? '' : `; similar subjects: ${found.nearest.join(', ')}`;
    return {
      summary: `No subject of the stream matches its filter ${filters}, and it has never received a message${near}.`,
      evidence: {
        filters: last.config.filters,
        nearest_subjects: found.nearest,
        subjects: streamLast?.subjectCount,
        messages: streamLast?.messages,
      },
    };
  },
  remedy: (facts) => [
    `natsx backlog subjects ${shellWord(facts.stream)}`,
    `natsx consumer info ${target(facts)}`,
  ],
};

/** Whether a schedule may publish what the consumer waits for; a schedule that was not read may. */
function schedulesMayMatch({ last, streamLast, streamSeries }: ConsumerFacts): boolean {
  if (streamLast?.config.allowSchedules !== true) return false;
  const { schedules } = streamSeries;
  if (schedules === undefined || schedules.unseen.size > 0) return true;
  return [...schedules.targets].some(compileAnySubjectMatcher(last.config.filters));
}

export const ok: ConsumerRule = {
  id: 'OK',
  severity: 'ok',
  scope: 'consumer',
  meaning:
    'There is no backlog, or the consumer keeps up with it. A backlog that rises and falls is healthy.',
  signs:
    'Nothing is pending or in flight; or messages are settled, and the backlog is at most five seconds of work, or fell during the window and ended at most one batch above its start; or nothing is pending, clients ask for more, and the messages in flight were never redelivered; or nothing is pending, and with --taps the worker of every message in flight was heard to send "in progress".',
  advice: 'Nothing to do.',
  test: (facts) => {
    const { backlog, keepsUp, pace, drain, last } = facts;
    if (backlog > 0 && !keepsUp) return undefined;
    const work = pace === undefined ? '' : ` at ${formatRate(pace.settlePerS)}`;
    const eta =
      drain.etaS === undefined || backlog === 0
        ? ''
        : `, done in about ${formatDurationMs(drain.etaS * 1000)}`;
    return {
      summary:
        backlog === 0
          ? 'No backlog.'
          : `It keeps up${(pace?.settlePerS ?? 0) > 0 ? work : ''}: a backlog of ${plural(backlog, 'message')}${eta}.`,
      evidence: {
        pending: last.pending,
        ack_pending: last.ackPending,
        settle_per_s: pace?.settlePerS,
        publish_per_s: pace?.publishPerS,
      },
    };
  },
  remedy: () => [],
};

/** The last row: what no other row explains is not healthy but unknown, with a hint at what would show the cause. */
export const unknown: ConsumerRule = {
  id: 'UNKNOWN',
  severity: 'unknown',
  scope: 'consumer',
  meaning: 'There is a backlog, and what was read does not show why.',
  signs: 'There is too little history, a permission is missing, or several causes look the same.',
  advice: 'The summary says which window, flag or permission would show the cause.',
  test: (facts) => ({ summary: whyUnknown(facts), evidence: unknownEvidence(facts) }),
  remedy: (facts) => [
    facts.motion === undefined
      ? `natsx backlog ${target(facts)}`
      : `natsx backlog ${target(facts)} ${wantsTaps(facts) ? '--taps' : '--window 1m'}`,
  ],
};

/** Listening would show more, and was not done. */
function wantsTaps({ motion, lookups }: ConsumerFacts): boolean {
  if (motion === undefined || lookups.tap !== undefined) return false;
  return motion.deliveries > 0 || motion.activityMoved;
}

function whyUnknown(facts: ConsumerFacts): string {
  const { motion, backlog, thresholds } = facts;
  const size = `${plural(backlog, 'message')} behind`;
  if (motion === undefined)
    return `${size}, and one sample does not show why; use a window with several samples.`;
  const since = sinceDeliveryMs(facts);
  if (noneAsks(facts) && since !== undefined) {
    const wait = flagDuration(thresholds.noClientAfterMs - since);
    return `${size}, no client is pulling, and the last delivery was ${formatDurationMs(since)} ago: a worker that left, or a batch job between two runs. --window ${wait} would settle it.`;
  }
  if (isIdle(facts) && hasDemand(facts) && facts.last.pending > 0) {
    return `${size}, and nothing was delivered for ${formatDurationMs(since ?? motion.dtMs)} although a client is pulling; --window ${flagDuration(thresholds.serverStuckAfterMs)} would settle it.`;
  }
  const asked = heardPulls(facts)?.pulls ?? 0;
  if (asked > 0 && isIdle(facts) && facts.last.pending > 0) {
    return `${size}: ${plural(asked, 'pull request')} in ${formatDurationMs(motion.dtMs)} received no messages; the server refuses them and reports the reason to the clients.`;
  }
  return inFlightUnknown(facts, motion, size) ?? unexplained(facts, motion, size);
}

/** Messages in flight that are not finished, if nothing else is known. */
function inFlightUnknown(facts: ConsumerFacts, motion: Motion, size: string): string | undefined {
  const { last } = facts;
  if (last.config.ackPolicy === 'none' || motion.settled > 0) return undefined;
  if (motion.deliveries > 0 && losesAllInHand(facts)) {
    return `${size}: ${plural(motion.deliveries, 'message')} were delivered in ${formatDurationMs(motion.dtMs)}, and the stream's limits discarded them before any was acknowledged: a worker that hangs, or one that is slower than the limit.`;
  }
  if (motion.deliveries > 0) {
    return `${size}: ${plural(motion.deliveries, 'delivery', 'deliveries')} in ${formatDurationMs(motion.dtMs)} and no acknowledgements: long jobs, or workers that do not acknowledge or lack permission to (publish to $JS.ACK.${facts.stream}.${facts.name}.>); messages are redelivered after ack_wait (${formatDurationMs(ackWaitMs(facts))}).`;
  }
  if (last.ackPending === 0) return undefined;
  if (motion.activityMoved) {
    return `${size}: a worker sends "in progress" and finished nothing in ${formatDurationMs(motion.dtMs)}; ${whatWouldShow(facts)}`;
  }
  if (last.pending === 0 && hasDemand(facts)) {
    return `${plural(last.ackPending, 'message')} in flight, none finished in ${formatDurationMs(motion.dtMs)}, and none pending: long jobs, or a worker that hangs; unfinished messages are redelivered after ack_wait (${formatDurationMs(ackWaitMs(facts))}).`;
  }
  return undefined;
}

function whatWouldShow({ last, lookups: { tap } }: ConsumerFacts): string {
  const pace = 'a window longer than a job would show its pace.';
  if (tap !== undefined) {
    const heard = String(tap.working ?? 0);
    return `"in progress" was heard for ${heard} of ${String(last.ackPending)} in flight; ${pace}`;
  }
  return last.pending === 0 ? '--taps would show whether all of them are being processed.' : pace;
}

function unexplained({ missing }: ConsumerFacts, motion: Motion, size: string): string {
  const [unread] = missing;
  if (unread !== undefined) {
    return `${size}; not everything could be read (${unread.what}: ${unread.why}), which may hide the cause.`;
  }
  return `${size}, and no known cause fits what happened in ${formatDurationMs(motion.dtMs)}; a longer window or --taps may show it.`;
}

function noneAsks(facts: ConsumerFacts): boolean {
  const { waiting, ackPending } = facts.last;
  if (!isPull(facts) || !isIdle(facts) || waiting > 0 || ackPending > 0) return false;
  return (heardPulls(facts)?.pulls ?? 0) === 0;
}

function unknownEvidence(facts: ConsumerFacts): MatchEvidence {
  const { last, motion, confidence } = facts;
  return {
    pending: last.pending,
    ack_pending: last.ackPending,
    waiting: last.waiting,
    deliveries: motion?.deliveries,
    settled: motion?.settled,
    window_ms: motion?.dtMs,
    since_delivery_ms: sinceDeliveryMs(facts),
    confidence: confidence.reasons.join('; '),
  };
}
