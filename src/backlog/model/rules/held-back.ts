import type { ConsumerFacts } from '../consumer-facts.js';
import type { ConsumerSample } from '../../../streams/model/snapshot.js';
import { count, messagesWait, plural, span } from '../../../core/findings/wording.js';
import { isIdle, isPull, setByFile, sinceDeliveryMs, target } from './consumer-reading.js';
import type { ConsumerRule } from './rule-types.js';

/** The first gate of the server's delivery loop; nothing behind it matters while it is closed. */
export const paused: ConsumerRule = {
  id: 'PAUSED',
  severity: 'critical',
  scope: 'consumer',
  meaning: 'Somebody paused the consumer. It goes on collecting messages and delivers none.',
  signs: 'The consumer says that it is paused, and messages are pending.',
  advice: 'Resume it, or wait until the pause ends by itself.',
  test: ({ last, backlog, pace }) => {
    if (!last.paused || last.pending === 0) return undefined;
    const remaining = last.pauseRemainingMs;
    const atResume = backlog + ((pace?.publishPerS ?? 0) * (remaining ?? 0)) / 1000;
    const until = remaining === undefined ? '' : ` for another ${span(remaining)}`;
    return {
      summary: `It is paused${until}, and ${messagesWait(last.pending)}.`,
      evidence: {
        pending: last.pending,
        pause_remaining_ms: remaining,
        publish_per_s: pace?.publishPerS,
        backlog_at_resume: remaining === undefined ? undefined : Math.round(atResume),
      },
    };
  },
  remedy: (facts) => [`natsx consumer resume ${target(facts)} --yes`],
};

export const pushUnbound: ConsumerRule = {
  id: 'PUSH_UNBOUND',
  severity: 'critical',
  scope: 'consumer',
  meaning:
    'The consumer pushes to a subject that nobody subscribes to, so the server holds the messages.',
  signs:
    'It has a deliver subject, it is not bound to a subscriber, and messages are pending. With a deliver group, a subscriber with another queue name does not count.',
  advice:
    'Start the subscriber. If there is a deliver group, check that its queue name is the same.',
  test: ({ last, clients }) => {
    const { deliverSubject, deliverGroup } = last.config;
    if (deliverSubject === undefined || last.pushBound || last.pending === 0) return undefined;
    const group = deliverGroup === undefined ? '' : ` in the queue group ${deliverGroup}`;
    return {
      summary: `Nobody subscribes to its deliver subject ${deliverSubject}${group}; ${messagesWait(last.pending)}.`,
      evidence: {
        pending: last.pending,
        deliver_subject: deliverSubject,
        deliver_group: deliverGroup,
        push_bound: false,
        last_closed_client: clients.lastClosed?.name,
        last_closed_reason: clients.lastClosed?.reason,
      },
    };
  },
  remedy: (facts) => [
    `natsx backlog ${target(facts)}`,
    `natsx consumer info ${target(facts)}`,
    'natsx backlog --core',
  ],
};

export const pinnedClientStuck: ConsumerRule = {
  id: 'PINNED_CLIENT_STUCK',
  severity: 'critical',
  scope: 'consumer',
  meaning:
    'One client has the exclusive right to receive. It takes nothing, and the others that ask are kept waiting until its pin expires.',
  signs:
    'Priority policy pinned_client with a client pinned, pulls waiting, messages pending, and no movement in the window.',
  advice:
    'Take the pin away, so that the server chooses another client; then look at the one that stopped.',
  test: (facts) => {
    const { last } = facts;
    if (last.config.priorityPolicy !== 'pinned_client' || last.pending === 0) return undefined;
    const pinned = last.priorityGroups.find((group) => group.pinnedClientId !== undefined);
    if (pinned === undefined || last.waiting === 0 || !isIdle(facts)) return undefined;
    const held = pinned.pinnedMs === undefined ? undefined : last.atMs - pinned.pinnedMs;
    return {
      summary: `The pinned client takes nothing while ${plural(last.waiting, 'other request')} ${last.waiting === 1 ? 'waits' : 'wait'} for ${plural(last.pending, 'message')}.`,
      evidence: {
        pending: last.pending,
        waiting: last.waiting,
        group: pinned.group,
        pinned_client_id: pinned.pinnedClientId,
        pinned_for_ms: held,
        priority_timeout_ms: last.config.priorityTimeoutMs,
      },
    };
  },
  remedy: (facts) => [`natsx consumer unpin ${target(facts)} --yes`],
};

export const overflowNotReached: ConsumerRule = {
  id: 'OVERFLOW_NOT_REACHED',
  severity: 'info',
  scope: 'consumer',
  meaning:
    'The clients that ask are standby clients: they get messages only when the backlog passes the limit that they named.',
  signs:
    'Priority policy overflow, pulls waiting, messages pending, and no movement in the window.',
  advice: 'Expected while the primary workers run. If none runs, start one.',
  test: (facts) => {
    const { last } = facts;
    if (last.config.priorityPolicy !== 'overflow' || last.pending === 0) return undefined;
    if (last.waiting === 0 || !isIdle(facts)) return undefined;
    return {
      summary: `Only standby clients ask; they wait until more than the ${plural(last.pending, 'message')} of now have piled up.`,
      evidence: { pending: last.pending, ack_pending: last.ackPending, waiting: last.waiting },
    };
  },
  remedy: (facts) => [`natsx consumer info ${target(facts)}`],
};

export const flowControlStall: ConsumerRule = {
  id: 'FLOW_CONTROL_STALL',
  severity: 'warning',
  scope: 'consumer',
  meaning:
    'The subscriber of a push consumer does not answer the flow control requests, so the server waits for it.',
  signs:
    'Push with flow control and a subscriber, messages pending, room below max_ack_pending, and next to nothing delivered, be it for a part of the window only: a slow subscriber lets the server go on now and then.',
  advice: 'Look at the subscriber: it hangs, or its library does not know flow control.',
  test: ({ last, motion, clients, samples }) => {
    const { flowControl, maxAckPending = Infinity, deliverSubject } = last.config;
    if (deliverSubject === undefined || !flowControl || !last.pushBound) return undefined;
    if (last.pending === 0 || last.ackPending >= maxAckPending || motion === undefined)
      return undefined;
    const stopped = motion.deliveries <= last.pending * 0.01;
    if (!stopped && !stoodStill(samples)) return undefined;
    const how = stopped
      ? 'stopped answering flow control'
      : 'answers flow control only now and then';
    return {
      summary: `The subscriber ${how}; ${messagesWait(last.pending)} for it.`,
      evidence: {
        pending: last.pending,
        ack_pending: last.ackPending,
        deliveries: motion.deliveries,
        window_ms: motion.dtMs,
        connection_pending_bytes: clients.subscriberPendingBytes,
      },
    };
  },
  remedy: (facts) => [`natsx backlog ${target(facts)}`, 'natsx backlog --core'],
};

/** Between two readings nothing was delivered although messages were pending at both. */
function stoodStill(samples: readonly ConsumerSample[]): boolean {
  return samples.some((after, index) => {
    const before = samples[index - 1];
    return (
      before !== undefined &&
      before.pending > 0 &&
      after.pending > 0 &&
      after.delivered.consumerSeq === before.delivered.consumerSeq
    );
  });
}

export const rateLimited: ConsumerRule = {
  id: 'RATE_LIMITED',
  severity: 'warning',
  scope: 'consumer',
  meaning:
    'The consumer delivers as fast as its own rate limit lets it, and that is slower than what comes in.',
  signs:
    'It has a rate limit, messages are pending, and what it delivers takes up most of the limit.',
  advice:
    'Raise or remove the limit. The limiter lets a burst of one largest message through first, so that a short look can show more than the limit.',
  test: ({ last, pace, averageBytes, thresholds, keepsUp }) => {
    const limit = last.config.rateLimitBitsPerS;
    if (limit === undefined || last.pending === 0 || keepsUp) return undefined;
    const used = (pace?.deliverPerS ?? 0) * (averageBytes ?? 0) * 8;
    if (used < limit * thresholds.rateLimitShare) return undefined;
    return {
      summary: `Its rate limit of ${count(limit)} bit/s is used up; ${messagesWait(last.pending)} behind it.`,
      evidence: {
        pending: last.pending,
        rate_limit_bits_per_s: limit,
        used_bits_per_s: Math.round(used),
        deliver_per_s: pace?.deliverPerS ?? 0,
        publish_per_s: pace?.publishPerS ?? 0,
      },
    };
  },
  remedy: (facts) => {
    const { last, pace, averageBytes = 0 } = facts;
    const needed = Math.ceil(2 * (pace?.publishPerS ?? 0) * averageBytes * 8);
    const limit = Math.max(2 * (last.config.rateLimitBitsPerS ?? 0), needed);
    return [setByFile(facts, { rate_limit_bps: limit })];
  },
};

/** Two significant figures below 10, whole numbers above, as scripts know it: `0.25/s`, `1,204/s`. */
function perSecond(messages: number): string {
  return `${messages < 10 ? String(Number(messages.toPrecision(2))) : count(messages)}/s`;
}

/** How far from one second per second the replay may be. */
const REPLAY_TOLERANCE = 0.25;

/** Whether it replays what was published just now. A steady distance would else look like keeping up. */
function isClose({ oldestAgeMs, keepsUp, thresholds }: ConsumerFacts): boolean {
  return oldestAgeMs === undefined ? keepsUp : oldestAgeMs <= 1000 * thresholds.keepsUpWithinS;
}

export const replayOriginal: ConsumerRule = {
  id: 'REPLAY_ORIGINAL',
  severity: 'warning',
  scope: 'consumer',
  meaning:
    'The consumer replays messages with the pauses that lay between them. It can never catch up, only keep its distance.',
  signs:
    'Replay policy original, messages pending, and the oldest message advances about one second in a second.',
  advice: 'Make the consumer anew with replay policy instant; this cannot be edited.',
  test: (facts) => {
    const { last, catchUpFactor, oldestAgeMs, pace } = facts;
    if (!last.config.replayOriginal || last.pending === 0 || isClose(facts)) return undefined;
    // Without the messages' times the policy decides alone: at one second per second nothing else can help.
    if (catchUpFactor !== undefined && catchUpFactor > 1 + REPLAY_TOLERANCE) return undefined;
    if (isPull(facts) && last.waiting === 0 && (sinceDeliveryMs(facts) ?? Infinity) > 60_000)
      return undefined;
    return {
      summary: `It replays at the original pace, so that the lag never shrinks; ${plural(last.pending, 'message')} ${last.pending === 1 ? 'is' : 'are'} ahead of it.`,
      evidence: {
        pending: last.pending,
        oldest_age_ms: oldestAgeMs,
        catch_up_factor: catchUpFactor,
        deliver_rate: perSecond(pace?.deliverPerS ?? 0),
      },
    };
  },
  remedy: (facts) => [`nats consumer copy ${target(facts)} ${facts.name}-instant --replay=instant`],
};
