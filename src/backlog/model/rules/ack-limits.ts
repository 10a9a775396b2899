import type { ConsumerFacts } from '../consumer-facts.js';
import {
  ackCeilingReached,
  ackWaitMs,
  isPull,
  losesAllInHand,
  receiverAnswers,
  sinceDeliveryMs,
  hasDemand,
  target,
} from './consumer-reading.js';
import type { ConsumerRule } from './rule-types.js';
import { agree, formatCount, messagesWait, plural } from '../../../core/wording.js';
import { formatDurationMs } from '../../../core/values/duration.js';

/** max_ack_pending is reached, more messages are pending, and a client would take them. */
function stalledAtCeiling(facts: ConsumerFacts): boolean {
  const { last, keepsUp } = facts;
  return !keepsUp && ceilingHolds(facts) && last.pending > 0 && hasDemand(facts);
}

/** If limits remove messages in flight, a sample may fall between a removal and the delivery that replaces it. */
function ceilingHolds(facts: ConsumerFacts): boolean {
  if (ackCeilingReached(facts)) return true;
  const { maxAckPending = Infinity } = facts.last.config;
  if ((facts.motion?.removedInFlight ?? 0) === 0) return false;
  return facts.samples.some(({ ackPending }) => ackPending >= maxAckPending);
}

function whatBecomesOfThem(facts: ConsumerFacts): string {
  const { pace } = facts;
  if (pace !== undefined && pace.settlePerS > 0)
    return `each takes about ${formatDurationMs(pace.serviceMs ?? 0)}`;
  if (!losesAllInHand(facts)) return 'and none of them is acknowledged';
  return receiverAnswers(facts) === true
    ? "and the stream's limits discard them before they are acknowledged"
    : "and none of them is acknowledged before the stream's limits discard it";
}

/** Twice what is in flight while one message is processed, with the service time as measured now. */
function suggestedCeiling(facts: ConsumerFacts): number | undefined {
  const { pace, last } = facts;
  if (pace?.serviceMs === undefined) return undefined;
  const needed = Math.ceil((2 * pace.publishPerS * pace.serviceMs) / 1000);
  return Math.max(needed, 2 * (last.config.maxAckPending ?? 0));
}

export const stalledMaxAckPending: ConsumerRule = {
  id: 'STALLED_MAX_ACK_PENDING',
  severity: 'critical',
  scope: 'consumer',
  meaning:
    'max_ack_pending is reached: the server delivers nothing more until messages are acknowledged, although clients ask for more.',
  signs:
    'Messages in flight at the limit, pending messages, and a waiting pull request or a push subscriber.',
  advice:
    'If nothing is acknowledged at all, check the workers: they took the messages and do not finish them. If the work is normal, raise the limit to twice the rate times the time that one message takes.',
  test: (facts) => {
    if (!stalledAtCeiling(facts)) return undefined;
    const { last, pace } = facts;
    const limit = last.config.maxAckPending ?? 0;
    return {
      summary: `Delivery is stopped at max_ack_pending: ${formatCount(last.ackPending)} of ${formatCount(limit)} in flight, ${whatBecomesOfThem(facts)}; ${messagesWait(last.pending)}.`,
      evidence: {
        ack_pending: last.ackPending,
        max_ack_pending: limit,
        pending: last.pending,
        waiting: last.waiting,
        settle_per_s: pace?.settlePerS,
        service_ms: pace?.serviceMs,
        ack_wait_ms: ackWaitMs(facts),
      },
    };
  },
  remedy: (facts) => {
    const ceiling = suggestedCeiling(facts);
    if (ceiling === undefined)
      return [`natsx backlog ${target(facts)} --taps`, 'natsx backlog --core'];
    return [`natsx consumer edit ${target(facts)} --max-ack-pending ${String(ceiling)} --yes`];
  },
};

/** The share of messages in flight that must have been delivered before. */
const RETRY_SHARE = 0.5;

export const delayedNakFull: ConsumerRule = {
  id: 'DELAYED_NAK_FULL',
  severity: 'critical',
  scope: 'consumer',
  meaning:
    'All of max_ack_pending is taken by messages that wait for a retry. A message with a delayed nak counts against the limit until its delay is over, so no new messages are delivered.',
  signs:
    'As for STALLED_MAX_ACK_PENDING, with almost nothing settled, and the messages in flight are retries: naks with a delay were observed, or messages were redelivered sooner than ack_wait alone explains, or they stay in flight for longer than ack_wait although pull requests are waiting, or a backoff is configured.',
  advice:
    'Terminate or park the messages that cannot succeed, shorten the delays, or raise max_ack_pending so that new messages get past the retries.',
  test: (facts) => {
    if (!stalledAtCeiling(facts) || !retriesHoldLimit(facts)) return undefined;
    const { last, pace, lookups } = facts;
    if (pace !== undefined && pace.settlePerS > 0.1 * pace.deliverPerS + 0.5) return undefined;
    return {
      summary: `Messages waiting for a retry take up all of max_ack_pending (${formatCount(last.ackPending)}); ${plural(last.pending, 'new message')} ${agree(last.pending, 'waits', 'wait')} behind them.`,
      evidence: {
        ack_pending: last.ackPending,
        max_ack_pending: last.config.maxAckPending,
        pending: last.pending,
        retries: Math.min(last.redelivered, last.ackPending),
        redeliver_per_s: pace?.redeliverPerS,
        longest_delay_ms: longestDelayMs(facts),
        delayed_naks: lookups.tap?.delayedNaks,
        naked: lookups.advisories?.naked,
      },
    };
  },
  remedy: (facts) => [
    `natsx backlog peek ${target(facts)}`,
    `natsx consumer edit ${target(facts)} --max-ack-pending ${String(4 * (facts.last.config.maxAckPending ?? 250))} --yes`,
  ],
};

function longestDelayMs({ lookups, last }: ConsumerFacts): number | undefined {
  const longest = lookups.tap?.maxNakDelayMs ?? Math.max(0, ...last.config.backoffMs);
  return longest > 0 ? longest : undefined;
}

/**
 * A nak without delay is redelivered immediately, past the limit. So nak'd messages that stay in flight while pull
 * requests wait are waiting for a delay.
 */
function retriesHoldLimit(facts: ConsumerFacts): boolean {
  const { last, lookups } = facts;
  if ((lookups.tap?.delayedNaks ?? 0) > 0) return true;
  if (lookups.tap !== undefined && lookups.tap.naks > 0) return false;
  if ((lookups.advisories?.naked ?? 0) > 0 || heldPastExpiry(facts)) return true;
  const mostlyRetries = last.redelivered >= RETRY_SHARE * last.ackPending;
  if (!mostlyRetries) return false;
  return last.config.backoffMs.length > 0 || retriedTooSoon(facts) || retriedTooOften(facts);
}

/** Messages are redelivered faster than ack_wait alone explains. */
function retriedTooOften({ motion, pace, last }: ConsumerFacts): boolean {
  if (motion === undefined || pace === undefined) return false;
  const byExpiryPerS = (1000 * last.ackPending) / last.config.ackWaitMs;
  return motion.deliveries >= 3 && pace.deliverPerS > 2 * byExpiryPerS;
}

/** How much later than ack_wait the server may redeliver a message. */
const EXPIRY_SLACK = 1.5;

/**
 * Pull requests waited all the time, yet nothing was redelivered when ack_wait expired: messages in flight are waiting
 * for a later time. Messages that a client merely holds would have been redelivered.
 */
function heldPastExpiry(facts: ConsumerFacts): boolean {
  const { samples, motion } = facts;
  const since = sinceDeliveryMs(facts);
  if (since === undefined || motion?.deliveries !== 0 || !isPull(facts)) return false;
  const wait = Math.max(facts.last.config.ackWaitMs, ...facts.last.config.backoffMs);
  return since > EXPIRY_SLACK * wait && samples.every(({ waiting }) => waiting > 0);
}

/** Even the oldest is younger than ack_wait, yet most were delivered before: clients nak'd them. */
function retriedTooSoon({ oldestAgeMs, last, motion }: ConsumerFacts): boolean {
  return (
    motion?.deliveries === 0 && oldestAgeMs !== undefined && oldestAgeMs < last.config.ackWaitMs
  );
}
