import type { ConsumerFacts } from '../consumer-facts.js';
import { count, messagesWait, plural, span } from '../../../core/findings/wording.js';
import {
  ackCeilingReached,
  ackWaitMs,
  isPull,
  losesAllInHand,
  receiverAnswers,
  sinceDeliveryMs,
  somebodyWants,
  target,
} from './consumer-reading.js';
import type { ConsumerRule } from './rule-types.js';

/** Everything the consumer may have in flight is in flight, more is there, and somebody would take it. */
function stalledAtCeiling(facts: ConsumerFacts): boolean {
  const { last, keepsUp } = facts;
  return !keepsUp && ceilingHolds(facts) && last.pending > 0 && somebodyWants(facts);
}

/** Where limits remove messages in flight, a sample may fall between a removal and the delivery that it makes room for. */
function ceilingHolds(facts: ConsumerFacts): boolean {
  if (ackCeilingReached(facts)) return true;
  const { maxAckPending = Infinity } = facts.last.config;
  if ((facts.motion?.removedInFlight ?? 0) === 0) return false;
  return facts.samples.some(({ ackPending }) => ackPending >= maxAckPending);
}

function whatBecomesOfThem(facts: ConsumerFacts): string {
  const { pace } = facts;
  if (pace !== undefined && pace.settlePerS > 0)
    return `each takes about ${span(pace.serviceMs ?? 0)}`;
  if (!losesAllInHand(facts)) return 'and none of them is acknowledged';
  return receiverAnswers(facts) === true
    ? "and the stream's limits discard them before they are acknowledged"
    : "and none of them is acknowledged before the stream's limits discard it";
}

/** Twice what is in flight while one message is worked on; the service time as measured now. */
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
    'As many messages are in flight as max_ack_pending allows, so the server delivers no more although clients ask for more.',
  signs:
    'Messages in flight at the limit, messages pending, and pulls waiting or a push subscriber present.',
  advice:
    'If nothing is acknowledged at all, look at the workers: they took the messages and do not finish them. If work is normal, raise the limit to twice the rate times the time that one message takes.',
  test: (facts) => {
    if (!stalledAtCeiling(facts)) return undefined;
    const { last, pace } = facts;
    const limit = last.config.maxAckPending ?? 0;
    return {
      summary: `Delivery stands at max_ack_pending: ${count(last.ackPending)} of ${count(limit)} in flight, ${whatBecomesOfThem(facts)}; ${messagesWait(last.pending)}.`,
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

/** Share of the messages in flight that must have been delivered before. */
const RETRY_SHARE = 0.5;

export const delayedNakFull: ConsumerRule = {
  id: 'DELAYED_NAK_FULL',
  severity: 'critical',
  scope: 'consumer',
  meaning:
    'All places in flight are taken by messages that wait for their next try. A refused message keeps its place until its delay is over, so that new messages get none.',
  signs:
    'As for STALLED_MAX_ACK_PENDING, with next to nothing settled, and the messages in flight are retries: refusals with a delay were seen, or they came back sooner than ack_wait alone explains, or they stay away for longer although pulls wait, or a backoff is configured.',
  advice:
    'Terminate or park the messages that cannot succeed, shorten the delays, or raise max_ack_pending so that new work passes the retries.',
  test: (facts) => {
    if (!stalledAtCeiling(facts) || !retriesHoldThePlaces(facts)) return undefined;
    const { last, pace, extras } = facts;
    if (pace !== undefined && pace.settlePerS > 0.1 * pace.deliverPerS + 0.5) return undefined;
    return {
      summary: `Messages that wait for a retry hold all ${plural(last.ackPending, 'place')} of max_ack_pending; ${plural(last.pending, 'new message')} wait behind them.`,
      evidence: {
        ack_pending: last.ackPending,
        max_ack_pending: last.config.maxAckPending,
        pending: last.pending,
        retries: Math.min(last.redelivered, last.ackPending),
        redeliver_per_s: pace?.redeliverPerS,
        longest_delay_ms: longestDelayMs(facts),
        delayed_naks: extras.tap?.delayedNaks,
        naked: extras.advisories?.naked,
      },
    };
  },
  remedy: (facts) => [
    `natsx backlog peek ${target(facts)}`,
    `natsx consumer edit ${target(facts)} --max-ack-pending ${String(4 * (facts.last.config.maxAckPending ?? 250))} --yes`,
  ],
};

function longestDelayMs({ extras, last }: ConsumerFacts): number | undefined {
  const longest = extras.tap?.maxNakDelayMs ?? Math.max(0, ...last.config.backoffMs);
  return longest > 0 ? longest : undefined;
}

/**
 * A refusal without delay is delivered again at once, past the ceiling. So refused messages that stay in flight
 * while pulls wait are waiting for a delay.
 */
function retriesHoldThePlaces(facts: ConsumerFacts): boolean {
  const { last, extras } = facts;
  if ((extras.tap?.delayedNaks ?? 0) > 0) return true;
  if (extras.tap !== undefined && extras.tap.naks > 0) return false;
  if ((extras.advisories?.naked ?? 0) > 0 || heldPastExpiry(facts)) return true;
  const mostlyRetries = last.redelivered >= RETRY_SHARE * last.ackPending;
  if (!mostlyRetries) return false;
  return last.config.backoffMs.length > 0 || retriedTooSoon(facts) || retriedTooOften(facts);
}

/** Messages come back faster than ack_wait alone explains. */
function retriedTooOften({ motion, pace, last }: ConsumerFacts): boolean {
  if (motion === undefined || pace === undefined) return false;
  const byExpiryPerS = (1000 * last.ackPending) / last.config.ackWaitMs;
  return motion.deliveries >= 3 && pace.deliverPerS > 2 * byExpiryPerS;
}

/** How much later than ack_wait the server may hand a message out again. */
const EXPIRY_SLACK = 1.5;

/**
 * Pulls waited all the time, and yet nothing came back when ack_wait was over: what is in flight waits for a later
 * moment than that. Messages that a client merely holds would have been handed out again.
 */
function heldPastExpiry(facts: ConsumerFacts): boolean {
  const { samples, motion } = facts;
  const since = sinceDeliveryMs(facts);
  if (since === undefined || motion?.deliveries !== 0 || !isPull(facts)) return false;
  const wait = Math.max(facts.last.config.ackWaitMs, ...facts.last.config.backoffMs);
  return since > EXPIRY_SLACK * wait && samples.every(({ waiting }) => waiting > 0);
}

/** Even the oldest is younger than ack_wait, and yet most were delivered before: clients have refused them. */
function retriedTooSoon({ oldestAgeMs, last, motion }: ConsumerFacts): boolean {
  return (
    motion?.deliveries === 0 && oldestAgeMs !== undefined && oldestAgeMs < last.config.ackWaitMs
  );
}
