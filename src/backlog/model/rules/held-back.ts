import type { ConsumerFacts } from '../consumer-facts.js';
import type { ConsumerSample } from '../../../streams/model/snapshot.js';
import { isIdle, isPull, setByFile, sinceDeliveryMs, target } from './consumer-reading.js';
import type { ConsumerRule } from './rule-types.js';
import { agree, formatCount, messagesWait, plural } from '../../../core/wording.js';
import { formatDurationMs } from '../../../core/values/duration.js';

/** The first gate of the server's delivery loop; while it is closed, the others do not matter. */
export const paused: ConsumerRule = {
  id: 'PAUSED',
  severity: 'critical',
  scope: 'consumer',
  meaning: 'The consumer is paused. Messages accumulate, and none are delivered.',
  signs: 'The consumer is marked as paused and has pending messages.',
  advice: 'Resume it, or wait until the pause ends.',
  test: ({ last, backlog, pace }) => {
    if (!last.paused || last.pending === 0) return undefined;
    const remaining = last.pauseRemainingMs;
    const atResume = backlog + ((pace?.publishPerS ?? 0) * (remaining ?? 0)) / 1000;
    const until = remaining === undefined ? '' : ` for another ${formatDurationMs(remaining)}`;
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
    'No client subscribes to the deliver subject of this push consumer, so the server holds its messages back.',
  signs:
    'It has a deliver subject, no subscriber is bound to it, and messages are pending. With a deliver group, a subscriber in another queue group does not count.',
  advice:
    'Start the subscriber. If there is a deliver group, check that the subscriber uses the same queue name.',
  test: ({ last, clients }) => {
    const { deliverSubject, deliverGroup } = last.config;
    if (deliverSubject === undefined || last.pushBound || last.pending === 0) return undefined;
    const group = deliverGroup === undefined ? '' : ` in the queue group ${deliverGroup}`;
    return {
      summary: `No client subscribes to its deliver subject ${deliverSubject}${group}; ${messagesWait(last.pending)}.`,
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
    'One client is pinned and is the only one that may receive. It takes nothing, and the other clients wait until its pin expires.',
  signs:
    'Priority policy pinned_client with a pinned client, waiting pull requests, pending messages, and no movement in the window.',
  advice: 'Unpin the client, so that the server chooses another one, then find out why it stopped.',
  test: (facts) => {
    const { last } = facts;
    if (last.config.priorityPolicy !== 'pinned_client' || last.pending === 0) return undefined;
    const pinned = last.priorityGroups.find((group) => group.pinnedClientId !== undefined);
    if (pinned === undefined || last.waiting === 0 || !isIdle(facts)) return undefined;
    const held = pinned.pinnedMs === undefined ? undefined : last.atMs - pinned.pinnedMs;
    return {
      summary: `The pinned client takes nothing while ${plural(last.waiting, 'other pull request')} ${agree(last.waiting, 'waits', 'wait')} for ${plural(last.pending, 'message')}.`,
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
    'Only standby clients are pulling: they get messages only when the backlog exceeds the limit that they set.',
  signs:
    'Priority policy overflow, waiting pull requests, pending messages, and no movement in the window.',
  advice: 'This is expected while the primary workers run. If none are running, start one.',
  test: (facts) => {
    const { last } = facts;
    if (last.config.priorityPolicy !== 'overflow' || last.pending === 0) return undefined;
    if (last.waiting === 0 || !isIdle(facts)) return undefined;
    return {
      summary: `Only standby clients are pulling; the ${plural(last.pending, 'pending message')} ${agree(last.pending, 'is', 'are')} below the limit at which they get messages.`,
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
    'The subscriber of a push consumer does not answer flow control requests, so the server waits for it.',
  signs:
    'A push consumer with flow control and a subscriber, pending messages, room below max_ack_pending, and almost nothing delivered, at least for a part of the window: a slow subscriber lets the server continue now and then.',
  advice: 'Check the subscriber: it hangs, or its client library does not support flow control.',
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
    'The consumer delivers as fast as its own rate limit allows, which is slower than messages are published.',
  signs: 'It has a rate limit, messages are pending, and deliveries use most of the limit.',
  advice:
    'Raise or remove the limit. The limiter first lets through a burst the size of the largest message, so a short window can show more than the limit.',
  test: ({ last, pace, averageBytes, thresholds, keepsUp }) => {
    const limit = last.config.rateLimitBitsPerS;
    if (limit === undefined || last.pending === 0 || keepsUp) return undefined;
    const used = (pace?.deliverPerS ?? 0) * (averageBytes ?? 0) * 8;
    if (used < limit * thresholds.rateLimitShare) return undefined;
    return {
      summary: `Its rate limit of ${formatCount(limit)} bit/s is used up; ${messagesWait(last.pending)}.`,
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
  return `${messages < 10 ? String(Number(messages.toPrecision(2))) : formatCount(messages)}/s`;
}

/** How far from one second per second the replay may be. */
const REPLAY_TOLERANCE = 0.25;

/** Whether it replays what was just published. Otherwise a constant distance would look like keeping up. */
function isClose({ oldestAgeMs, keepsUp, thresholds }: ConsumerFacts): boolean {
  return oldestAgeMs === undefined ? keepsUp : oldestAgeMs <= 1000 * thresholds.keepsUpWithinS;
}

export const replayOriginal: ConsumerRule = {
  id: 'REPLAY_ORIGINAL',
  severity: 'warning',
  scope: 'consumer',
  meaning:
    'The consumer replays messages at the pace at which they were published. It can never catch up, only keep its distance.',
  signs:
    'Replay policy original, pending messages, and the oldest message advances about one second per second.',
  advice: 'Recreate the consumer with replay policy instant; it cannot be edited.',
  test: (facts) => {
    const { last, catchUpFactor, oldestAgeMs, pace } = facts;
    if (!last.config.replayOriginal || last.pending === 0 || isClose(facts)) return undefined;
    // Without message times the policy alone decides: at one second per second it cannot catch up.
    if (catchUpFactor !== undefined && catchUpFactor > 1 + REPLAY_TOLERANCE) return undefined;
    if (isPull(facts) && last.waiting === 0 && (sinceDeliveryMs(facts) ?? Infinity) > 60_000)
      return undefined;
    return {
      summary: `It replays at the original pace, so the lag never shrinks; ${messagesWait(last.pending)}.`,
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
