import type { ConsumerFacts } from '../consumer-facts.js';
import {
  ackCeilingReached,
  heardPulls,
  isIdle,
  isPull,
  losesAllInHand,
  receiverAnswers,
  sinceDeliveryMs,
  hasDemand,
  target,
} from './consumer-reading.js';
import type { ConsumerRule } from './rule-types.js';
import {
  agree,
  formatCount,
  formatPercent,
  formatRate,
  messagesWait,
  plural,
} from '../../../core/wording.js';
import { formatDurationMs } from '../../../core/values/duration.js';

/** By how much the workers have to grow for this load, with 20% to spare. */
function workersFactor(publishPerS: number, settlePerS: number): number | undefined {
  return settlePerS > 0 ? (1.2 * publishPerS) / settlePerS : undefined;
}

export const slowProcessing: ConsumerRule = {
  id: 'SLOW_PROCESSING',
  severity: 'warning',
  scope: 'consumer',
  meaning:
    'The workers are running but too slow. Nothing on the server holds messages back; clients ask for the next ones only when they are done.',
  signs:
    'A pull consumer with pending messages that delivers, with no waiting pull requests, almost no redeliveries, and a backlog that does not shrink. Critical if it grows. Not reported for consumers that acknowledge nothing: such readers set their own pace.',
  advice: 'Add workers, process messages in parallel, or do less work per message.',
  test: (facts) => {
    const { last, pace, motion, keepsUp, drain, thresholds, confidence } = facts;
    if (
      !isPull(facts) ||
      promisesNothing(facts) ||
      keepsUp ||
      last.pending === 0 ||
      pace === undefined
    )
      return undefined;
    if (motion === undefined || motion.deliveries === 0 || !clientsSeldomWait(facts))
      return undefined;
    if (pace.redeliveryShare >= thresholds.redeliveryShare || mayHang(facts)) return undefined;
    const growing = drain.trend === 'growing';
    const factor = workersFactor(pace.publishPerS, pace.settlePerS);
    const more =
      growing && factor !== undefined
        ? ` It needs about ${factor.toFixed(1)} times today's capacity.`
        : '';
    return {
      severity: growing ? 'critical' : 'warning',
      summary: `The workers are too slow: ${formatRate(pace.publishPerS)} in, ${formatRate(pace.settlePerS)} out, and ${messagesWait(last.pending)}.${more}`,
      evidence: {
        publish_per_s: pace.publishPerS,
        settle_per_s: pace.settlePerS,
        gap_per_s: pace.publishPerS - pace.settlePerS,
        service_ms: pace.serviceMs,
        pending: last.pending,
        ack_pending: last.ackPending,
        capacity_factor: factor,
        confidence: confidence.level,
      },
    };
  },
  remedy: (facts) => [
    `natsx backlog ${target(facts)} --window 30s`,
    `natsx backlog subjects ${target(facts)}`,
  ],
};

/** If limits discard messages before they can be finished, a slow worker cannot be distinguished from one that hangs. */
function mayHang(facts: ConsumerFacts): boolean {
  return losesAllInHand(facts) && receiverAnswers(facts) !== true;
}

/** Readers that acknowledge nothing set their own pace, and are not an alarm. */
function promisesNothing({ last }: ConsumerFacts): boolean {
  return last.config.ackPolicy === 'none';
}

/** In at least half of the samples no pull request was waiting. */
function clientsSeldomWait({ samples }: ConsumerFacts): boolean {
  return samples.filter((sample) => sample.waiting === 0).length * 2 >= samples.length;
}

export const serverStuck: ConsumerRule = {
  id: 'SERVER_STUCK',
  severity: 'critical',
  scope: 'consumer',
  meaning:
    'There are messages and open pull requests, and nothing blocks delivery, yet nothing is delivered: a server fault.',
  signs:
    'Pending messages, waiting pull requests or a bound subscriber, room below max_ack_pending, no pause, pin, rate limit or replay pace, and no movement for 10s.',
  advice:
    'Move the consumer’s leader to another replica, upgrade the server, and attach the output of the last command to a bug report.',
  test: (facts) => {
    const { last, thresholds, motion } = facts;
    if (last.pending === 0 || !isIdle(facts) || !hasDemand(facts)) return undefined;
    if (ackCeilingReached(facts) || last.paused || throttled(facts)) return undefined;
    const since = sinceDeliveryMs(facts) ?? motion?.dtMs ?? 0;
    if (since < thresholds.serverStuckAfterMs) return undefined;
    const who = isPull(facts)
      ? `${plural(last.waiting, 'pull request')} ${agree(last.waiting, 'is', 'are')} open`
      : 'a subscriber is bound';
    return {
      summary: `The server delivers nothing although ${who} and ${messagesWait(last.pending)}; nothing else blocks delivery.`,
      evidence: {
        pending: last.pending,
        ack_pending: last.ackPending,
        max_ack_pending: last.config.maxAckPending,
        waiting: last.waiting,
        push_bound: last.pushBound,
        since_delivery_ms: sinceDeliveryMs(facts),
        leader: last.cluster?.leader,
      },
    };
  },
  remedy: (facts) => [
    `nats consumer cluster step-down ${target(facts)}`,
    `natsx consumer info ${target(facts)} --json`,
  ],
};

/** Something other than a server fault that can hold delivery back for a while. */
function throttled(facts: ConsumerFacts): boolean {
  const { config } = facts.last;
  const flowControl = config.flowControl && config.deliverSubject !== undefined;
  const pinned = config.priorityPolicy !== undefined;
  const giant = config.maxBytes !== undefined || heardPulls(facts)?.minMaxBytes !== undefined;
  return (
    flowControl ||
    pinned ||
    giant ||
    config.rateLimitBitsPerS !== undefined ||
    config.replayOriginal
  );
}

export const sustainedOverload: ConsumerRule = {
  id: 'SUSTAINED_OVERLOAD',
  severity: 'critical',
  scope: 'consumer',
  meaning:
    'The publish rate has been steady for an hour, and the workers are slower than that: waiting does not help.',
  signs:
    'The backlog grows, the publish rate of the last minute is within 30% of that of the last hour, and messages are settled more slowly than they are published. Needs ten minutes of history.',
  advice: 'Add workers, publish less, or split the work by filter.',
  test: (facts) => {
    const { pace, drain, thresholds, oldestAgeMs, keepsUp } = facts;
    const { history } = facts.lookups;
    if (pace === undefined || history === undefined || keepsUp || drain.trend !== 'growing')
      return undefined;
    if (promisesNothing(facts)) return undefined;
    if (history.coveredMs < thresholds.historyMs || pace.settlePerS >= pace.publishPerS)
      return undefined;
    const hour = history.perSecondLastHour;
    if (Math.abs(history.perSecondLastMinute - hour) > thresholds.steadyShare * hour)
      return undefined;
    const since = oldestAgeMs === undefined ? '' : `, behind for ${formatDurationMs(oldestAgeMs)}`;
    return {
      summary: `The load is steady at ${formatRate(hour)} and the workers manage ${formatRate(pace.settlePerS)}${since}; waiting does not help.`,
      evidence: {
        publish_per_s_1m: history.perSecondLastMinute,
        publish_per_s_1h: hour,
        settle_per_s: pace.settlePerS,
        growth_per_hour: Math.round(pace.growthPerS * 3600),
        capacity_factor: workersFactor(pace.publishPerS, pace.settlePerS),
      },
    };
  },
  remedy: (facts) => [`natsx backlog subjects ${target(facts)}`],
};

export const burst: ConsumerRule = {
  id: 'BURST',
  severity: 'info',
  scope: 'consumer',
  meaning: 'Far more messages than usual were published, and the workers are catching up.',
  signs:
    'The publish rate of the last minute is at least three times that of the last hour, and the workers are faster than the hourly rate. Needs ten minutes of history.',
  advice: 'Wait; the estimate says how long.',
  test: ({ pace, lookups: { history }, thresholds, backlog, drain }) => {
    if (pace === undefined || history === undefined || backlog === 0) return undefined;
    if (backlog <= pace.settlePerS * thresholds.keepsUpWithinS) return undefined;
    const hour = history.perSecondLastHour;
    if (
      history.coveredMs < thresholds.historyMs ||
      history.perSecondLastMinute < thresholds.burstFactor * hour
    )
      return undefined;
    if (pace.settlePerS < 1.2 * hour) return undefined;
    const eta =
      drain.etaS === undefined ? '' : `; done in about ${formatDurationMs(drain.etaS * 1000)}`;
    return {
      summary: `A burst of messages: ${formatRate(history.perSecondLastMinute)} in the last minute, ${formatRate(hour)} in the last hour${eta}.`,
      evidence: {
        publish_per_s_1m: history.perSecondLastMinute,
        publish_per_s_1h: hour,
        settle_per_s: pace.settlePerS,
        drain_eta_s: drain.etaS,
      },
    };
  },
  remedy: (facts) => [`natsx backlog ${target(facts)} --watch`],
};

export const hotSubject: ConsumerRule = {
  id: 'HOT_SUBJECT',
  severity: 'info',
  scope: 'consumer',
  meaning: 'Most of the backlog is on one subject.',
  signs: 'Several subjects are pending, and one of them makes up half of the backlog or more.',
  advice: 'Give that subject its own consumer, or spread its messages over several subjects.',
  test: ({ lookups: { subjects = [] }, thresholds, backlog, last, keepsUp }) => {
    const top = subjects[0];
    if (top === undefined || subjects.length < 2 || backlog === 0 || keepsUp) return undefined;
    const counted = subjects.reduce((sum, subject) => sum + subject.messages, 0);
    // With limits retention only the most frequent subjects are counted; pending is the total.
    const total = Math.max(1, counted, last.pending);
    const share = top.messages / total;
    if (share < thresholds.hotSubjectShare) return undefined;
    return {
      summary: `${formatPercent(share)} of the backlog is on ${top.subject}: ${formatCount(top.messages)} of ${formatCount(total)} messages.`,
      evidence: {
        share,
        top_subjects: subjects.slice(0, 5).map(({ subject, messages }) => ({ subject, messages })),
      },
    };
  },
  remedy: (facts) => [`natsx backlog subjects ${target(facts)}`],
};
