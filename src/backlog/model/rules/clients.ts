import type { ConsumerFacts } from '../consumer-facts.js';
import type { Match, MatchEvidence } from '../../../core/findings/rule.js';
import { count, messagesWait, plural, someNames, span } from '../../../core/findings/wording.js';
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
    const { last } = facts;
    if (!nobodyAsks(facts) || mayBeBetweenRuns(facts)) return undefined;
    const since = sinceDeliveryMs(facts);
    const last_ =
      since === undefined
        ? last.delivered.consumerSeq === 0
          ? 'nothing was ever delivered'
          : 'the server remembers no delivery'
        : `the last delivery was ${span(since)} ago`;
    return {
      summary: `Nobody asks for messages${orIsRefused(facts)}: no pull waits, ${last_}, and ${messagesWait(last.pending)}.`,
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

function nobodyAsks(facts: ConsumerFacts): boolean {
  const { last } = facts;
  if (!isPull(facts) || last.waiting > 0 || last.ackPending > 0 || last.pending === 0) return false;
  return isIdle(facts) && (heardPulls(facts)?.pulls ?? 0) === 0;
}

/** A batch job rests for a while; but it loses nothing meanwhile, and its account has a client. */
function mayBeBetweenRuns(facts: ConsumerFacts): boolean {
  const since = sinceDeliveryMs(facts);
  if (since === undefined || since > facts.thresholds.noClientAfterMs) return false;
  return facts.clients.open !== 0 && (facts.motion?.evictedUnread ?? 0) === 0;
}

/** Refused pulls never wait, so that without listening they look like none. */
function orIsRefused(facts: ConsumerFacts): string {
  const limits = pullLimits(facts);
  if (limits === '' || heardPulls(facts) !== undefined || facts.clients.open === 0) return '';
  return `, or for more than its ${limits}, which is refused`;
}

function pullLimits({ last: { config } }: ConsumerFacts): string {
  const { maxBatch, maxExpiresMs, maxBytes } = config;
  const limits = [
    maxBatch === undefined ? '' : `max_batch of ${count(maxBatch)}`,
    maxExpiresMs === undefined ? '' : `max_expires of ${span(maxExpiresMs)}`,
    maxBytes === undefined ? '' : `max_bytes of ${count(maxBytes)}`,
  ];
  return limits.filter((limit) => limit !== '').join(' or ');
}

/** In flight, and nothing has moved for longer than the acknowledgement wait. */
export const clientGoneWithWork: ConsumerRule = {
  id: 'CLIENT_GONE_WITH_WORK',
  severity: 'critical',
  scope: 'consumer',
  meaning:
    'A client took messages and went away. They are handed out again only when somebody pulls, and nobody does.',
  signs:
    'A pull consumer without waiting pulls and with messages in flight; neither a delivery, an acknowledgement nor a sign of life for longer than ack_wait, and no open connection that stopped with them. Sooner when the connection whose traffic ended with the last delivery is closed, or none is open that could have got it.',
  advice:
    'Start the workers: the first pull gets these messages again. No setting of the consumer helps.',
  test: (facts) => {
    const { last, clients } = facts;
    if (!standsWithWork(facts) || isStillThere(facts)) return undefined;
    const { lastClosed } = clients;
    const proven = isGone(facts);
    const since = sinceActivityMs(facts);
    if (since !== undefined && since <= ackWaitMs(facts) && !proven) return undefined;
    const when = since === undefined ? '' : `, silent for ${span(since)}`;
    const who = lastClosed === undefined ? 'A client' : `A client (probably ${lastClosed.name})`;
    // A client that stopped is told by its last traffic; one that went on talking about other things is not.
    const doubt = proven ? '' : ' or hangs';
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
    'Messages in flight, nothing settled and nothing delivered in the window, no "in progress" from the worker, no waiting pull; and either younger than ack_wait or the connection that holds them is still open. A client is named when its traffic ended with the last delivery or acknowledgement and no other’s did. Where the stream’s limits discard messages before ack_wait is over: the only client that got what was delivered sent next to nothing. Of a push consumer: a member of the group that takes its share and answers nothing while the others answer.',
  advice:
    'Look at the worker: a deadlock, or something behind it that does not answer. Restarting it returns the messages after ack_wait. A worker with long jobs should say "in progress", then it is not taken for hung.',
  test: (facts) => {
    const { last } = facts;
    if (takesAndLoses(facts)) return lostInHand(facts);
    if (!standsWithWork(facts)) return undefined;
    const since = sinceActivityMs(facts);
    const wait = ackWaitMs(facts);
    const expired = since === undefined || since > wait;
    if (!isStillThere(facts) && (expired || isGone(facts))) return undefined;
    const silent =
      since === undefined ? 'for longer than the server remembers' : `for ${span(since)}`;
    const held = plural(last.ackPending, 'message');
    const back = expired
      ? 'ack_wait has passed'
      : `${last.ackPending === 1 ? 'it returns' : 'they return'} after ack_wait, ${span(wait)}`;
    // One long job with nothing behind it looks the same; that is no reason to wake anybody.
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

/** Messages go to a client that answers none of them, and the stream's limits remove them before ack_wait is over. */
function takesAndLoses(facts: ConsumerFacts): boolean {
  return isPull(facts) && losesAllInHand(facts) && receiverAnswers(facts) === false;
}

function lostInHand({ clients, last, motion }: ConsumerFacts): Match {
  const { name = '', got = 0 } = clients.receiver ?? {};
  return {
    severity: 'critical',
    summary: `The client ${name} was sent ${plural(got, 'message')} in ${span(motion?.dtMs ?? 0)} and answered none; the stream's limits discard them in its hands.`,
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

/** The same of a push consumer's group: the share of one member expires and goes round, and the others look slow. */
export const memberHung: ConsumerRule = {
  ...clientHung,
  test: ({ last, clients, motion }) => {
    const [member, ...others] = clients.deafMembers ?? [];
    if (member === undefined || last.config.ackPolicy === 'none') return undefined;
    if (last.ackPending === 0 || motion === undefined || motion.redeliveries === 0)
      return undefined;
    const more = others.length === 0 ? '' : ` (and ${plural(others.length, 'other')} like it)`;
    return {
      severity: 'critical',
      summary: `The subscriber ${member.name}${more} was sent ${plural(member.taken, 'message')} and answered none, while other members of its group do; they come again after ack_wait.`,
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

/** Somebody who has them is known to be connected: by its own traffic, or because nobody has left. */
function isStillThere(facts: ConsumerFacts): boolean {
  const { clients, last } = facts;
  if (holders(facts).length > 0) return true;
  // In a cluster, a server that is gone takes its list of closed connections with it.
  return last.cluster === undefined && clients.nobodyLeft === true && clients.holderIsOpen === true;
}

/** Nobody who is connected can have them, or the one whose traffic ended with the last delivery is closed. */
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

/** Names a client only where its traffic leaves no other; neighbours are not accused. */
function whoHolds(facts: ConsumerFacts, held: string, silent: string): string {
  const [holder, ...others] = holders(facts);
  if (holder === undefined) {
    return `A client took ${held} and has been silent ${silent}: it hangs or is gone`;
  }
  if (others.length === 0) return theHolder(facts, holder, { held, silent });
  const named = someNames(holders(facts), 3);
  return `${held} in flight, silent ${silent}; one or more of ${String(others.length + 1)} clients that stopped at the last delivery hold them (${named})`;
}

/** The only client that stopped at the last delivery; what it cannot have is somebody else's. */
function theHolder(
  { last, clients }: ConsumerFacts,
  holder: string,
  { held, silent }: { readonly held: string; readonly silent: string },
): string {
  if (last.ackPending === 1)
    return `The client ${holder} holds ${held} and has been silent ${silent}`;
  const { holderGot = Infinity, earlierHolders: earlier = [] } = clients;
  if (earlier.length > 0) {
    return `${held} are held by ${String(earlier.length + 1)} clients, the last of them silent ${silent}: ${holder}, and before it ${someNames(earlier, 3)}`;
  }
  const most = holderGot < last.ackPending ? `, ${count(holderGot)} of them at most,` : '';
  return `The client ${holder} got the last of ${held} in flight${most} and has been silent ${silent}`;
}

/** A pull consumer with work in flight on which nothing at all happens, and not because the ceiling is reached with pulls waiting. */
function standsWithWork(facts: ConsumerFacts): boolean {
  const { last, motion } = facts;
  if (!isPull(facts) || last.ackPending === 0 || last.waiting > 0) return false;
  if (ackCeilingReached(facts) && facts.samples.some((sample) => sample.waiting > 0)) return false;
  return nothingDelivered(facts) && motion?.settled === 0 && !motion.activityMoved;
}
