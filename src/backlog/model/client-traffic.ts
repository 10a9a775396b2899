import { isInbox } from './client-holder.js';
import type { SilentMember, PullerTraffic, ReceiverTraffic } from './consumer-facts.js';
import { clientName } from './consumer-facts.js';
import type { ConnectionSample, ConsumerSample } from '../../streams/model/snapshot.js';

/** One connection at both ends of the window. */
export interface ConnectionTraffic {
  readonly last: ConnectionSample;
  readonly seconds: number;
  readonly got: number;
  readonly sent: number;
}

/** Answers that a member would have given in the window if it answered as the others do; fewer are chance. */
const MISSED_ANSWERS = 5;

/**
 * Members of a queue group that take their share and answer nothing, while others do answer. Members are known by
 * their subscription; clients with further subscriptions may receive their messages from those.
 */
export function silentMembersOf(
  traffic: readonly ConnectionTraffic[],
  deliverSubject: string,
): readonly SilentMember[] {
  const members = traffic.filter(({ last }) => last.subscriptions.includes(deliverSubject));
  const got = members.reduce((sum, member) => sum + member.got, 0);
  const sent = members.reduce((sum, member) => sum + member.sent, 0);
  if (got === 0 || sent === 0) return [];
  return members
    .filter(
      (member) =>
        member.sent === 0 &&
        member.last.subscriptions.length === 1 &&
        member.got * (sent / got) >= MISSED_ANSWERS,
    )
    .map(({ last, got: taken }) => ({
      name: clientName(last),
      taken,
      members: members.length,
    }));
}

/** Fewer deliveries than this match many connections. */
const ENOUGH_DELIVERIES = 8;
const TOLERANCE = 0.1;
const MOST_BATCH = 10;

/**
 * The connection that received as many messages as the consumer delivered, and sent as many as acknowledgements and
 * small pull requests would be. Undefined unless there is exactly one such connection.
 */
export function pullerOf(
  traffic: readonly ConnectionTraffic[],
  first: ConsumerSample,
  last: ConsumerSample,
): PullerTraffic | undefined {
  const seconds = (last.atMs - first.atMs) / 1000;
  const deliveries = last.delivered.consumerSeq - first.delivered.consumerSeq;
  if (seconds <= 0 || deliveries < ENOUGH_DELIVERIES) return undefined;
  const acks =
    last.config.ackPolicy === 'none'
      ? 0
      : Math.max(0, deliveries - (last.ackPending - first.ackPending));
  const fitting = traffic.flatMap((connection) => {
    const scale = connection.seconds / seconds;
    const batch = batchOf(connection, deliveries * scale, acks * scale);
    const { rttMs } = connection.last;
    return batch === undefined || rttMs === undefined
      ? []
      : [{ name: clientName(connection.last), rttMs, batch }];
  });
  return fitting.length === 1 ? fitting[0] : undefined;
}

/**
 * The connection that received as many messages as the consumer delivered, whatever it did with them. Undefined unless there
 * is exactly one such connection.
 */
export function receiverOf(
  traffic: readonly ConnectionTraffic[],
  first: ConsumerSample,
  last: ConsumerSample,
): ReceiverTraffic | undefined {
  const seconds = (last.atMs - first.atMs) / 1000;
  const deliveries = last.delivered.consumerSeq - first.delivered.consumerSeq;
  if (seconds <= 0 || deliveries < ENOUGH_DELIVERIES) return undefined;
  const fitting = traffic.filter(
    ({ last: { subscriptions }, got, seconds: own }) =>
      subscriptions.some(isInbox) && fits(got, (deliveries * own) / seconds),
  );
  const [only] = fitting;
  if (only === undefined || fitting.length > 1) return undefined;
  return { name: clientName(only.last), got: only.got, sent: only.sent };
}

function fits(got: number, deliveries: number): boolean {
  return Math.abs(got - deliveries) <= slackOf(deliveries);
}

function slackOf(deliveries: number): number {
  return Math.max(2, TOLERANCE * deliveries);
}

/** Messages per pull request, if this is the traffic of small pull requests for this many deliveries. */
function batchOf(
  { got, sent }: ConnectionTraffic,
  deliveries: number,
  acks: number,
): number | undefined {
  if (!fits(got, deliveries)) return undefined;
  const pulls = sent - acks;
  if (pulls < deliveries / MOST_BATCH || pulls > deliveries + slackOf(deliveries)) return undefined;
  return Math.max(1, Math.round(deliveries / pulls));
}
