import type { ConsumerFacts } from '../consumer-facts.js';
import { count, messagesWait, percent, rate, span } from '../../../core/findings/wording.js';
import {
  ackCeilingReached,
  heardPulls,
  isIdle,
  isPull,
  losesAllInHand,
  receiverAnswers,
  sinceDeliveryMs,
  somebodyWants,
  target,
} from './consumer-reading.js';
import type { ConsumerRule } from './rule-types.js';

/** How many workers a load needs, with a fifth to spare. */
function workersFactor(publishPerS: number, settlePerS: number): number | undefined {
  return settlePerS > 0 ? (1.2 * publishPerS) / settlePerS : undefined;
}

export const slowProcessing: ConsumerRule = {
  id: 'SLOW_PROCESSING',
  severity: 'warning',
  scope: 'consumer',
  meaning:
    'The workers are alive and too slow. Nothing on the server holds messages back; clients take the next ones only when they are done.',
  signs:
    'A pull consumer with messages pending that delivers, no pulls waiting, next to no redeliveries, and a backlog that does not fall. Critical when it grows. Not where nothing is acknowledged: such readers go at their own pace.',
  advice: 'Add workers, handle messages in parallel, or do less per message.',
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
      summary: `The workers are too slow: ${rate(pace.publishPerS)} come in, ${rate(pace.settlePerS)} are done, and ${messagesWait(last.pending)}.${more}`,
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

/** Whether it is slow or hangs cannot be told by what is done, where nothing can be done in time. */
function mayHang(facts: ConsumerFacts): boolean {
  return losesAllInHand(facts) && receiverAnswers(facts) !== true;
}

/** Readers that acknowledge nothing go at their own pace; nobody is woken for them. */
function promisesNothing({ last }: ConsumerFacts): boolean {
  return last.config.ackPolicy === 'none';
}

/** In at least half of the samples no pull was waiting. */
function clientsSeldomWait({ samples }: ConsumerFacts): boolean {
  return samples.filter((sample) => sample.waiting === 0).length * 2 >= samples.length;
}

export const serverStuck: ConsumerRule = {
  id: 'SERVER_STUCK',
  severity: 'critical',
  scope: 'consumer',
  meaning:
    'Messages are there, somebody asks for them, nothing holds them back, and yet nothing is delivered. That is the server’s fault.',
  signs:
    'Messages pending, pulls waiting or a subscriber bound, room below max_ack_pending, no pause, pin, rate limit or replay pace, and no movement for 10s.',
  advice:
    'Let another replica lead the consumer; upgrade the server; attach the output of the last command to a bug report.',
  test: (facts) => {
    const { last, thresholds, motion } = facts;
    if (last.pending === 0 || !isIdle(facts) || !somebodyWants(facts)) return undefined;
    if (ackCeilingReached(facts) || last.paused || throttled(facts)) return undefined;
    const since = sinceDeliveryMs(facts) ?? motion?.dtMs ?? 0;
    if (since < thresholds.serverStuckAfterMs) return undefined;
    const who = isPull(facts) ? `pulls wait (${count(last.waiting)})` : 'a subscriber is bound';
    return {
      summary: `The server delivers nothing although ${who} and ${messagesWait(last.pending)}; no gate is closed.`,
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

/** Something other than the server's own fault that can hold delivery back for a while. */
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
    'As much has come in for an hour as comes in now, and the workers do less: this does not go away by waiting.',
  signs:
    'The backlog grows, the publish rate of the last minute is that of the last hour within 30%, and less is done than comes in. Needs ten minutes of history.',
  advice: 'Scale the consumers, publish less, or split the work by filter.',
  test: (facts) => {
    const { pace, drain, thresholds, oldestAgeMs, keepsUp } = facts;
    const { history } = facts.extras;
    if (pace === undefined || history === undefined || keepsUp || drain.trend !== 'growing')
      return undefined;
    if (promisesNothing(facts)) return undefined;
    if (history.coveredMs < thresholds.historyMs || pace.settlePerS >= pace.publishPerS)
      return undefined;
    const hour = history.perSecondLastHour;
    if (Math.abs(history.perSecondLastMinute - hour) > thresholds.steadyShare * hour)
      return undefined;
    const since = oldestAgeMs === undefined ? '' : `, behind since ${span(oldestAgeMs)} ago`;
    return {
      summary: `The load is steady at ${rate(hour)} and the workers do ${rate(pace.settlePerS)}${since}; waiting does not help.`,
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
  meaning: 'Much more than usual came in, and the workers are getting through it.',
  signs:
    'The publish rate of the last minute is three times that of the last hour, and the workers do more than the hour’s rate. Needs ten minutes of history.',
  advice: 'Wait; the estimate says how long.',
  test: ({ pace, extras: { history }, thresholds, backlog, drain }) => {
    if (pace === undefined || history === undefined || backlog === 0) return undefined;
    if (backlog <= pace.settlePerS * thresholds.keepsUpWithinS) return undefined;
    const hour = history.perSecondLastHour;
    if (
      history.coveredMs < thresholds.historyMs ||
      history.perSecondLastMinute < thresholds.burstFactor * hour
    )
      return undefined;
    if (pace.settlePerS < 1.2 * hour) return undefined;
    const eta = drain.etaS === undefined ? '' : `; done in about ${span(drain.etaS * 1000)}`;
    return {
      summary: `A burst came in: ${rate(history.perSecondLastMinute)} in the last minute, ${rate(hour)} in the last hour${eta}.`,
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
  meaning: 'Most of the backlog has one subject.',
  signs: 'More than one subject is pending, and one of them makes up half of the backlog or more.',
  advice: 'Give that subject a consumer of its own, or spread it over several subjects.',
  test: ({ extras: { subjects = [] }, thresholds, backlog, last, keepsUp }) => {
    const top = subjects[0];
    if (top === undefined || subjects.length < 2 || backlog === 0 || keepsUp) return undefined;
    const counted = subjects.reduce((sum, subject) => sum + subject.messages, 0);
    // Of a log only the most frequent subjects are counted; what is pending is the whole.
    const total = Math.max(1, counted, last.pending);
    const share = top.messages / total;
    if (share < thresholds.hotSubjectShare) return undefined;
    return {
      summary: `${percent(share)} of the backlog is ${top.subject}: ${count(top.messages)} of ${count(total)} messages.`,
      evidence: {
        share,
        top_subjects: subjects.slice(0, 5).map(({ subject, messages }) => ({ subject, messages })),
      },
    };
  },
  remedy: (facts) => [`natsx backlog subjects ${target(facts)}`],
};
