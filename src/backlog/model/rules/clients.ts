import type { ConsumerFacts } from '../consumer-facts.js';
import type { Match, MatchEvidence } from '../../../core/findings/rule.js';
import {
  ackCeilingReached,
  ackWaitMs,
  heardPulls,
  isIdle,
  isPull,
  losesAllInHand,
  nothingDelivered,
  receiverAnswers,
  sinceActivityMs,
  sinceDeliveryMs,
  stoodStill,
  target,
} from './consumer-reading.js';
import type { ConsumerRule } from './rule-types.js';
import { agree, formatCount, messagesWait, plural, someNames } from '../../../core/wording.js';
import { formatDurationMs } from '../../../core/values/duration.js';

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
 * Nothing is in flight and no client is pulling. A busy worker has no waiting pull request either, so that alone means
 * nothing: the last delivery must be longer ago than a batch job pauses, or no client may be connected.
 */
export const noClient: ConsumerRule = {
  id: 'NO_CLIENT',
  severity: 'critical',
  scope: 'consumer',
  meaning:
    'No client works on this consumer: messages are pending, none are in flight, and no client is pulling.',
  signs:
    'A pull consumer without waiting pull requests, without messages in flight and without movement in the window, whose last delivery was over a minute ago or is unknown, or whose account has no connected clients.',
  advice:
    'Start the workers. If they are running, check that they use this stream and consumer and are allowed to publish to its pull subject.',
  test: (facts) => {
    const { last } = facts;
    if (!hasNoPuller(facts) || mayBeBetweenRuns(facts)) return undefined;
    const since = sinceDeliveryMs(facts);
    const lastDelivery =
      since === undefined
        ? last.delivered.consumerSeq === 0
          ? 'nothing was ever delivered'
          : 'the server does not remember a delivery'
        : `the last delivery was ${formatDurationMs(since)} ago`;
    return {
      summary: `No client is pulling${orIsRefused(facts)}: ${lastDelivery}, and ${messagesWait(last.pending)}.`,
      evidence: clientEvidence(facts),
    };
  },
  remedy: (facts) => [
    pullLimits(facts) === '' || heardPulls(facts) !== undefined
      ? `natsx backlog ${target(facts)} --window 30s`
      : `natsx backlog ${target(facts)} --taps`,
    'natsx backlog --core',
  ],
};

function hasNoPuller(facts: ConsumerFacts): boolean {
  const { last } = facts;
  if (!isPull(facts) || last.waiting > 0 || last.ackPending > 0 || last.pending === 0) return false;
  return isIdle(facts) && (heardPulls(facts)?.pulls ?? 0) === 0;
}

/** A batch job pauses between runs, but it loses nothing meanwhile, and its account has a client. */
function mayBeBetweenRuns(facts: ConsumerFacts): boolean {
  const since = sinceDeliveryMs(facts);
  if (since === undefined || since > facts.thresholds.noClientAfterMs) return false;
  return facts.clients.open !== 0 && (facts.motion?.evictedUnread ?? 0) === 0;
}

/** Refused pull requests never wait, so without listening they look like none. */
function orIsRefused(facts: ConsumerFacts): string {
  const limits = pullLimits(facts);
  if (limits === '' || heardPulls(facts) !== undefined || facts.clients.open === 0) return '';
  return `, or clients ask for more than its ${limits}, which is refused`;
}

function pullLimits({ last: { config } }: ConsumerFacts): string {
  const { maxBatch, maxExpiresMs, maxBytes } = config;
  const limits = [
    maxBatch === undefined ? '' : `max_batch of ${formatCount(maxBatch)}`,
    maxExpiresMs === undefined ? '' : `max_expires of ${formatDurationMs(maxExpiresMs)}`,
    maxBytes === undefined ? '' : `max_bytes of ${formatCount(maxBytes)}`,
  ];
  return limits.filter((limit) => limit !== '').join(' or ');
}

/** Messages are in flight, and nothing has moved for longer than ack_wait. */
export const clientGoneWithWork: ConsumerRule = {
  id: 'CLIENT_GONE_WITH_WORK',
  severity: 'critical',
  scope: 'consumer',
  meaning:
    'A client took messages and disconnected. They are redelivered only when a client pulls, and none does.',
  signs:
    'A pull consumer without waiting pull requests and with messages in flight; no delivery, acknowledgement or "in progress" for longer than ack_wait, and no open connection whose traffic stopped with them. Detected sooner if the connection whose traffic ended with the last delivery is closed, or if no open connection can have received it.',
  advice:
    'Start the workers: their first pull request gets these messages again. No consumer setting helps.',
  test: (facts) => {
    const { last, clients } = facts;
    if (!isIdleWithWork(facts) || isStillThere(facts)) return undefined;
    const { lastClosed } = clients;
    const proven = isGone(facts);
    const since = sinceActivityMs(facts);
    if (since !== undefined && since <= ackWaitMs(facts) && !proven) return undefined;
    const when = since === undefined ? '' : `, silent for ${formatDurationMs(since)}`;
    const who = lastClosed === undefined ? 'A client' : `A client (probably ${lastClosed.name})`;
    // A client that stopped is recognized by its last traffic; one with other traffic since then is not.
    const doubt = proven ? '' : ' or hangs';
    return {
      summary: `${who} took ${plural(last.ackPending, 'message')} and is gone${doubt}${when}; no client is pulling, so ${agree(last.ackPending, 'it is', 'they are')} not redelivered.`,
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
    'A client took messages, is or may still be connected, and neither acknowledges them nor asks for more.',
  signs:
    'Messages are in flight, nothing was settled or delivered in the window, the worker sent no "in progress", and no pull request is waiting; and either the messages are younger than ack_wait, or the connection that holds them is still open. A client is named if its traffic, and no other client’s, ended with the last delivery or acknowledgement. If the stream’s limits discard messages before ack_wait has passed: the only client that received what was delivered sent almost nothing. For a push consumer: one member of the group takes its share and answers nothing while the others answer.',
  advice:
    'Check the worker for a deadlock, or for a dependency that does not answer. After a restart its messages are delivered again once ack_wait has passed. A worker with long jobs should send "in progress" so that it is not reported as hung.',
  test: (facts) => {
    const { last } = facts;
    if (losesWhatItTakes(facts)) return lostBeforeAck(facts);
    if (!isIdleWithWork(facts)) return undefined;
    const since = sinceActivityMs(facts);
    const wait = ackWaitMs(facts);
    const expired = since === undefined || since > wait;
    if (!isStillThere(facts) && (expired || isGone(facts))) return undefined;
    const silent =
      since === undefined
        ? 'for longer than the server remembers'
        : `for ${formatDurationMs(since)}`;
    const held = plural(last.ackPending, 'message');
    const back = expired
      ? 'ack_wait has passed'
      : `${agree(last.ackPending, 'it is', 'they are')} redelivered after ack_wait (${formatDurationMs(wait)})`;
    // One long job with nothing behind it looks the same, and is not an alarm.
    const severity = expired ? 'critical' : last.pending > 0 ? 'warning' : 'info';
    return {
      severity,
      summary: `${whoHolds(facts, held, silent)}; ${back}.`,
      evidence: {
        ...clientEvidence(facts),
        ack_wait_ms: wait,
        ...holderEvidence(facts),
      },
    };
  },
  remedy: (facts) => [`natsx backlog ${target(facts)} --window 30s`, 'natsx backlog --core'],
};

/** A client acknowledges none of the messages it receives, and the stream's limits remove them before ack_wait has passed. */
function losesWhatItTakes(facts: ConsumerFacts): boolean {
  return isPull(facts) && losesAllInHand(facts) && receiverAnswers(facts) === false;
}

function lostBeforeAck({ clients, last, motion }: ConsumerFacts): Match {
  const { name = '', got = 0 } = clients.receiver ?? {};
  return {
    severity: 'critical',
    summary: `The client ${name} received ${plural(got, 'message')} in ${formatDurationMs(motion?.dtMs ?? 0)} and acknowledged none; the stream's limits discard them before it does.`,
    evidence: {
      holder: name,
      taken: got,
      removed_in_flight: motion?.removedInFlight,
      ack_pending: last.ackPending,
      pending: last.pending,
      window_ms: motion?.dtMs,
    },
  };
}

/** The same for a push consumer's group: the share of one member expires and is redelivered, and the others look slow. */
export const memberHung: ConsumerRule = {
  ...clientHung,
  test: ({ last, clients, motion }) => {
    const [member, ...others] = clients.silentMembers ?? [];
    if (member === undefined || last.config.ackPolicy === 'none') return undefined;
    if (last.ackPending === 0 || motion === undefined || motion.redeliveries === 0)
      return undefined;
    const more = others.length === 0 ? '' : ` (and ${plural(others.length, 'other')} like it)`;
    return {
      severity: 'critical',
      summary: `The subscriber ${member.name}${more} received ${plural(member.taken, 'message')} and acknowledged none, while other members of its group do; they are redelivered after ack_wait.`,
      evidence: {
        holder: member.name,
        taken: member.taken,
        members: member.members,
        ack_pending: last.ackPending,
        pending: last.pending,
        redeliveries: motion.redeliveries,
        window_ms: motion.dtMs,
      },
    };
  },
};

/** A client that holds them is known to be connected: by its own traffic, or because no client has left. */
function isStillThere(facts: ConsumerFacts): boolean {
  const { clients, last } = facts;
  if (holders(facts).length > 0) return true;
  // In a cluster, the closed connections of a server that is gone are not listed.
  return last.cluster === undefined && clients.noneLeft === true && clients.holderIsOpen === true;
}

/** No connected client can hold them, or the connection whose traffic ended with the last delivery is closed. */
function isGone({ clients }: ConsumerFacts): boolean {
  return clients.holderIsOpen === false || clients.lastClosed !== undefined;
}

function holders({ clients }: ConsumerFacts): readonly string[] {
  return clients.stoppedHolders ?? [];
}

function holderEvidence(facts: ConsumerFacts): MatchEvidence {
  const [holder, ...others] = holders(facts);
  const earlier = facts.clients.earlierHolders ?? [];
  if (others.length === 0 && holder !== undefined && earlier.length > 0)
    return { holder, earlier_holders: earlier.slice(0, 5) };
  return others.length === 0 ? { holder } : { possible_holders: holders(facts).slice(0, 5) };
}

/** Names a client only if its traffic leaves no other candidate. */
function whoHolds(facts: ConsumerFacts, held: string, silent: string): string {
  const [holder, ...others] = holders(facts);
  if (holder === undefined) {
    return `A client took ${held} and has been silent ${silent}: it hangs or is gone`;
  }
  if (others.length === 0) return theHolder(facts, holder, { held, silent });
  const named = someNames(holders(facts), 3);
  return `${held} in flight, silent ${silent}, held by one or more of the ${String(others.length + 1)} clients that stopped at the last delivery (${named})`;
}

/** The only client that stopped at the last delivery; messages beyond what it received are held by others. */
function theHolder(
  { last, clients }: ConsumerFacts,
  holder: string,
  { held, silent }: { readonly held: string; readonly silent: string },
): string {
  if (last.ackPending === 1)
    return `The client ${holder} holds ${held} and has been silent ${silent}`;
  const { holderReceived = Infinity, earlierHolders: earlier = [] } = clients;
  if (earlier.length > 0) {
    return `${held} are held by ${String(earlier.length + 1)} clients: ${holder}, silent ${silent}, and earlier ones, ${someNames(earlier, 3)}`;
  }
  const most =
    holderReceived < last.ackPending ? `, at most ${formatCount(holderReceived)} of them,` : '';
  return `The client ${holder} received the last of ${held} in flight${most} and has been silent ${silent}`;
}

/** A pull consumer with messages in flight on which nothing happens, and not because max_ack_pending is reached with pull requests waiting. */
function isIdleWithWork(facts: ConsumerFacts): boolean {
  const { last, motion } = facts;
  if (!isPull(facts) || last.ackPending === 0 || last.waiting > 0) return false;
  if (ackCeilingReached(facts) && facts.samples.some((sample) => sample.waiting > 0)) return false;
  if (stoodStill(facts)) return true;
  return nothingDelivered(facts) && motion?.settled === 0 && !motion.activityMoved;
}
