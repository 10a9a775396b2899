import type { MatchEvidence } from '../../../core/findings/rule.js';
import type { ConsumerFacts } from '../consumer-facts.js';
import type { Motion } from '../motion.js';
import { plural, rate, span } from '../../../core/findings/wording.js';
import {
  ackWaitMs,
  heardPulls,
  isIdle,
  isPull,
  losesAllInHand,
  sinceDeliveryMs,
  somebodyWants,
  target,
} from './consumer-reading.js';
import { compileAnySubjectMatcher } from '../../../core/subject/subject-match.js';
import { shellWord } from '../../../core/shell-word.js';
import type { ConsumerRule } from './rule-types.js';

export const orphanedDurable: ConsumerRule = {
  id: 'ORPHANED_DURABLE',
  severity: 'info',
  scope: 'consumer',
  meaning:
    'A durable consumer that nobody has used for a week. It costs memory, and on some streams it keeps messages from being removed.',
  signs:
    'Durable, no movement, no waiting pull, no subscriber, and the last delivery is more than seven days ago. Where the server does not remember it: the server is known to run for longer than that, or nothing was ever delivered and the consumer is older. A warning while messages wait for it.',
  advice: 'Delete it if nobody needs it, or give such consumers an inactive_threshold.',
  test: (facts) => {
    const { last, thresholds } = facts;
    if (!last.config.durable || somebodyWants(facts)) return undefined;
    if (facts.motion !== undefined && !isIdle(facts)) return undefined;
    const since = unusedForMs(facts);
    if (since === undefined || since <= thresholds.orphanedAfterMs) return undefined;
    return {
      severity: last.pending > 0 ? 'warning' : 'info',
      summary: `Nobody has used it for ${span(since)}.`,
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
 * Since the last delivery. A server that was restarted has forgotten when that was: then it is as long as the server is
 * known to run, and for a consumer that never delivered anything as long as it exists.
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
    'The consumer’s server or leader is new, so that some of what it remembers is gone. Ages of activity and redelivery counts start anew.',
  signs:
    'It has delivered before and remembers no time of it; or its leader is less than a minute old; or its floor went back.',
  advice: 'Look again in a minute.',
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
        ? `Its leader was elected ${span(last.atMs - since)} ago.`
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

/** The metadata key by which an owner says that this consumer may lag. */
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
    'Nobody promises that this consumer keeps up: it acknowledges nothing, or reads headers only, or its owner marked it.',
  signs: `Ack policy none or headers only, with a backlog, or the metadata key ${IGNORE_KEY}.`,
  advice: 'Nothing. It does not count for exit codes.',
  test: (facts) => {
    const { last, backlog, keepsUp } = facts;
    const marked = isIgnored(facts);
    const casual = last.config.ackPolicy === 'none' || last.config.headersOnly;
    if (!marked && (!casual || backlog === 0 || keepsUp)) return undefined;
    return {
      summary: marked
        ? `Its owner marked it as one that may lag; ${plural(backlog, 'message')} behind.`
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
    'None of the subjects that the stream has now matches the consumer’s filter, and it never got a message. A new consumer may be waiting for the first of them; else the filter is mistyped.',
  signs:
    'Nothing pending, nothing ever delivered, and no subject that the stream has messages on matches the filter. Subjects that stored schedules publish on (Nats-Schedule-Target) count. Looked at for up to 50 such consumers; not in streams of more than 10,000 subjects.',
  advice: 'Compare the filter with the subjects that are published. A filter can be edited.',
  test: (facts) => {
    const { last, streamLast, extras } = facts;
    const { unmatchedFilter: found } = extras;
    if (found === undefined || last.pending + last.ackPending > 0) return undefined;
    if (schedulesMayMatch(facts)) return undefined;
    const filters = last.config.filters.join(', ');
    const near = found.nearest.length === 0 ? '' : `; near it: ${found.nearest.join(', ')}`;
    return {
      summary: `No subject of the stream matches its filter ${filters}, and it never got a message${near}.`,
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

/** Whether a schedule will publish what the consumer waits for; one that was not looked at may. */
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
    'There is no backlog, or the consumer keeps up with it. A backlog that goes up and down is healthy.',
  signs:
    'Nothing pending and nothing in flight; or messages are settled and the backlog is at most five seconds of work, or fell during the window and is not above its start by more than a batch; or nothing is pending, clients ask for more, and what is in flight never came back; or nothing is pending, and with --taps the worker of every message in flight was heard to say “in progress”.',
  advice: 'Nothing.',
  test: (facts) => {
    const { backlog, keepsUp, pace, drain, last } = facts;
    if (backlog > 0 && !keepsUp) return undefined;
    const work = pace === undefined ? '' : ` at ${rate(pace.settlePerS)}`;
    const eta =
      drain.etaS === undefined || backlog === 0 ? '' : `, done in about ${span(drain.etaS * 1000)}`;
    return {
      summary:
        backlog === 0
          ? 'Nothing waits.'
          : `It keeps up${(pace?.settlePerS ?? 0) > 0 ? work : ''}: ${plural(backlog, 'message')} in work${eta}.`,
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

/** The last row: whatever no other row could decide is not healthy, it is unknown, and it says what would decide it. */
export const unknown: ConsumerRule = {
  id: 'UNKNOWN',
  severity: 'unknown',
  scope: 'consumer',
  meaning: 'There is a backlog, and what was read does not tell why.',
  signs: 'Too little history, a permission is missing, or several causes look the same.',
  advice: 'The summary says which window, flag or permission would decide.',
  test: (facts) => ({ summary: whyUnknown(facts), evidence: unknownEvidence(facts) }),
  remedy: (facts) => [
    facts.motion === undefined
      ? `natsx backlog ${target(facts)}`
      : `natsx backlog ${target(facts)} ${wantsTaps(facts) ? '--taps' : '--window 1m'}`,
  ],
};

/** Listening would tell more, and was not done. */
function wantsTaps({ motion, extras }: ConsumerFacts): boolean {
  if (motion === undefined || extras.tap !== undefined) return false;
  return motion.deliveries > 0 || motion.activityMoved;
}

function whyUnknown(facts: ConsumerFacts): string {
  const { motion, backlog, thresholds } = facts;
  const size = `${plural(backlog, 'message')} behind`;
  if (motion === undefined)
    return `${size}, and one reading does not tell why; ask for a window with several samples.`;
  const since = sinceDeliveryMs(facts);
  if (nobodyAsks(facts) && since !== undefined) {
    const wait = span(Math.max(1000, thresholds.noClientAfterMs - since));
    return `${size}, nobody asks, and the last delivery was ${span(since)} ago: a worker that left or a batch job between two runs. A window of ${wait} would tell.`;
  }
  if (isIdle(facts) && somebodyWants(facts) && facts.last.pending > 0) {
    return `${size} and nothing was delivered for ${span(since ?? motion.dtMs)} although somebody asks; a window of ${span(thresholds.serverStuckAfterMs)} would tell.`;
  }
  const asked = heardPulls(facts)?.pulls ?? 0;
  if (asked > 0 && isIdle(facts) && facts.last.pending > 0) {
    return `${size}: ${plural(asked, 'pull')} came in ${span(motion.dtMs)} and got nothing; the server refuses them, and tells the clients why.`;
  }
  return inFlightUnknown(facts, motion, size) ?? unexplained(facts, motion, size);
}

/** What is out and not finished, where that is all there is to say. */
function inFlightUnknown(facts: ConsumerFacts, motion: Motion, size: string): string | undefined {
  const { last } = facts;
  if (last.config.ackPolicy === 'none' || motion.settled > 0) return undefined;
  if (motion.deliveries > 0 && losesAllInHand(facts)) {
    return `${size}: ${plural(motion.deliveries, 'message')} went out in ${span(motion.dtMs)}, and the stream's limits discarded them before any was acknowledged: a worker that hangs, or one that is slower than the limit.`;
  }
  if (motion.deliveries > 0) {
    return `${size}: ${plural(motion.deliveries, 'message')} went out in ${span(motion.dtMs)} and nothing was acknowledged: long jobs, or workers that do not acknowledge or may not (to $JS.ACK.${facts.stream}.${facts.name}.>); after ack_wait, ${span(ackWaitMs(facts))}, they are sent again.`;
  }
  if (last.ackPending === 0) return undefined;
  if (motion.activityMoved) {
    return `${size}: a worker says that it is in progress, and finished nothing in ${span(motion.dtMs)}; ${whatWouldTell(facts)}`;
  }
  if (last.pending === 0 && somebodyWants(facts)) {
    return `${plural(last.ackPending, 'message')} in flight, none finished in ${span(motion.dtMs)}, and nothing else waits: long jobs, or a worker that hangs; what is not finished after ack_wait, ${span(ackWaitMs(facts))}, is sent again.`;
  }
  return undefined;
}

function whatWouldTell({ last, extras: { tap } }: ConsumerFacts): string {
  const pace = 'a window longer than a job shows its pace.';
  if (tap !== undefined) {
    const heard = String(tap.working ?? 0);
    return `${heard} of ${String(last.ackPending)} in flight were heard to be worked on; ${pace}`;
  }
  return last.pending === 0 ? '--taps hears whether all of them are worked on.' : pace;
}

function unexplained({ missing }: ConsumerFacts, motion: Motion, size: string): string {
  const [unread] = missing;
  if (unread !== undefined) {
    return `${size}; not everything could be read (${unread.what}: ${unread.why}), which may hold the cause.`;
  }
  return `${size}, and no known cause fits what happened in ${span(motion.dtMs)}; a longer window or --taps may show it.`;
}

function nobodyAsks(facts: ConsumerFacts): boolean {
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
