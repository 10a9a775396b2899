import type { ConsumerFacts } from '../consumer-facts.js';
import type { MatchEvidence } from '../../findings/rule.js';
import { plural, span, messagesWait } from '../wording.js';
import {
  ackCeilingReached,
  ackWaitMs,
  isIdle,
  isPull,
  nothingDelivered,
  sinceActivityMs,
  sinceDeliveryMs,
  target,
} from './consumer-reading.js';
import type { ConsumerRule } from './rule-types.js';

function clientEvidence(facts: ConsumerFacts): MatchEvidence {
  const { last, clients, motion } = facts;
  return {
    pending: last.pending,
    ack_pending: last.ackPending,
    waiting: last.waiting,
    since_delivery_ms: sinceDeliveryMs(facts),
    since_activity_ms: sinceActivityMs(facts),
    window_ms: motion?.dtMs,
    open_connections: clients.open,
    last_closed_client: clients.lastClosed?.name,
    last_closed_reason: clients.lastClosed?.reason,
  };
}

/**
 * Nothing in flight and nobody asking. A busy worker shows no waiting pull either, so that alone says nothing:
 * it must have been still for longer than a batch job rests, or the connection list must be empty.
 */
export const noClient: ConsumerRule = {
  id: 'NO_CLIENT',
  severity: 'critical',
  scope: 'consumer',
  meaning:
    'Nobody works on this consumer: messages wait, none is in flight, and no client asks for any.',
  signs:
    'A pull consumer without waiting pulls, without messages in flight and without movement in the window, whose last delivery is over a minute ago or unknown, or whose account has no client connected.',
  advice:
    'Start the workers. If they run, check that they use this stream and consumer, and may publish to its pull subject.',
  test: (facts) => {
    const { last, clients, thresholds } = facts;
    if (!isPull(facts) || last.waiting > 0 || last.ackPending > 0 || last.pending === 0)
      return undefined;
    if (!isIdle(facts) || (facts.extras.tap?.pulls ?? 0) > 0) return undefined;
    const since = sinceDeliveryMs(facts);
    const nobody = clients.open === 0;
    if (since !== undefined && since <= thresholds.noClientAfterMs && !nobody) return undefined;
    const last_ =
      since === undefined
        ? last.delivered.consumerSeq === 0
          ? 'nothing was ever delivered'
          : 'the server remembers no delivery'
        : `the last delivery was ${span(since)} ago`;
    return {
      summary: `Nobody asks for messages: no pull waits, ${last_}, and ${messagesWait(last.pending)}.`,
      evidence: clientEvidence(facts),
    };
  },
  remedy: (facts) => [`natsx backlog ${target(facts)} --window 30s`, 'natsx backlog --core'],
};

/** In flight, and nothing has moved for longer than the acknowledgement wait. */
export const clientGoneWithWork: ConsumerRule = {
  id: 'CLIENT_GONE_WITH_WORK',
  severity: 'critical',
  scope: 'consumer',
  meaning:
    'A client took messages and went away. They are handed out again only when somebody pulls, and nobody does.',
  signs:
    'A pull consumer without waiting pulls and with messages in flight; neither a delivery, an acknowledgement nor a sign of life for longer than ack_wait, and no open connection that could still hold them.',
  advice:
    'Start the workers: the first pull gets these messages again. No setting of the consumer helps.',
  test: (facts) => {
    const { last, clients } = facts;
    if (!standsWithWork(facts) || clients.stoppedHolder !== undefined) return undefined;
    const nobody = clients.open === 0;
    const since = sinceActivityMs(facts);
    if (since !== undefined && since <= ackWaitMs(facts) && !nobody) return undefined;
    const when = since === undefined ? '' : `, silent for ${span(since)}`;
    const { lastClosed } = clients;
    const who = lastClosed === undefined ? 'A client' : `A client (probably ${lastClosed.name})`;
    // A client that stopped is told by its last traffic; one that went on talking about other things is not.
    const doubt = nobody || lastClosed !== undefined ? '' : ' or hangs';
    return {
      summary: `${who} took ${plural(last.ackPending, 'message')} and is gone${doubt}${when}; nobody pulls, so they are not handed out again.`,
      evidence: { ...clientEvidence(facts), ack_wait_ms: ackWaitMs(facts) },
    };
  },
  remedy: (facts) => [`natsx backlog ${target(facts)} --window 30s`, 'natsx backlog --core'],
};

export const clientHung: ConsumerRule = {
  id: 'CLIENT_HUNG',
  severity: 'warning',
  scope: 'consumer',
  meaning:
    'A client took messages, is still connected or may be, and neither acknowledges nor asks for more.',
  signs:
    'Messages in flight, nothing settled and nothing delivered in the window, no "in progress" from the worker, no waiting pull; and either younger than ack_wait or the connection that holds them is still open.',
  advice:
    'Look at the worker: a deadlock, or something behind it that does not answer. Restarting it returns the messages after ack_wait. A worker with long jobs should say "in progress", then it is not taken for hung.',
  test: (facts) => {
    const { last, clients } = facts;
    if (!standsWithWork(facts)) return undefined;
    const since = sinceActivityMs(facts);
    const wait = ackWaitMs(facts);
    const expired = since === undefined || since > wait;
    if (expired && clients.stoppedHolder === undefined) return undefined;
    const who =
      clients.stoppedHolder === undefined ? 'A client' : `The client ${clients.stoppedHolder}`;
    const silent =
      since === undefined ? 'for longer than the server remembers' : `for ${span(since)}`;
    // One long job with nothing behind it looks the same; that is no reason to wake anybody.
    const severity = expired ? 'critical' : last.pending > 0 ? 'warning' : 'info';
    return {
      severity,
      summary: `${who} holds ${plural(last.ackPending, 'message')} and has been silent ${silent}; ${expired ? 'ack_wait has passed' : `they return after ack_wait, ${span(wait)}`}.`,
      evidence: {
        ...clientEvidence(facts),
        ack_wait_ms: wait,
        holder: clients.stoppedHolder,
      },
    };
  },
  remedy: (facts) => [`natsx backlog ${target(facts)} --window 30s`, 'natsx backlog --core'],
};

/** A pull consumer with work in flight on which nothing at all happens, and not because the ceiling is reached with pulls waiting. */
function standsWithWork(facts: ConsumerFacts): boolean {
  const { last, motion } = facts;
  if (!isPull(facts) || last.ackPending === 0 || last.waiting > 0) return false;
  if (ackCeilingReached(facts) && facts.samples.some((sample) => sample.waiting > 0)) return false;
  return nothingDelivered(facts) && motion?.settled === 0 && !motion.activityMoved;
}
