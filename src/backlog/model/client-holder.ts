import type {
  ClosedConnection,
  ConnectionSample,
  ConsumerSample,
} from '../../streams/model/snapshot.js';
import { patternsOverlap } from '../../core/subject/subject-match.js';

/**
 * The server notes the traffic of a connection right after the delivery, a millisecond or two later. Others that
 * happened to be busy then, such as the publisher, were so a little before, or are still.
 */
const BEFORE_DELIVERY_MS = 1;
const AFTER_DELIVERY_MS = 10;
/**
 * The same for a connection that received more than it sent by about the number of messages in flight, which is hardly
 * a coincidence; and for others if none stopped earlier: on a busy machine the time is recorded late.
 */
const AFTER_DELIVERY_LATE_MS = 100;

/** What a connection, open or closed, leaves behind as a trace. */
type Trace = Pick<
  ConnectionSample | ClosedConnection,
  'startMs' | 'lastActivityMs' | 'outMessages' | 'inMessages' | 'subscriptions'
>;

/** When the consumer last did something, and for how much. */
export interface LastSigns {
  readonly deliveredMs: number;
  readonly ackedMs: number | undefined;
  readonly inFlight: number;
  /** Subjects of the stream: a client that subscribes to them as well has another reason to receive messages then. */
  readonly subjects: readonly string[];
}

/** Undefined when nothing was delivered, or the server does not remember when. */
export function lastSignsOf(
  last: ConsumerSample | undefined,
  subjects: readonly string[],
): LastSigns | undefined {
  const deliveredMs = last?.delivered.lastActiveMs;
  if (last === undefined || deliveredMs === undefined) return undefined;
  return {
    deliveredMs,
    ackedMs: last.ackFloor.lastActiveMs,
    inFlight: last.ackPending,
    subjects,
  };
}

/**
 * Those of the connections that stopped right at the last delivery or acknowledgement. One that owes messages is
 * likelier than one that has answered all; between equals, all are returned.
 */
export function heldBy<T extends Trace>(connections: readonly T[], signs: LastSigns): readonly T[] {
  const late = connections.filter(
    (trace) =>
      wasListening(trace, signs) &&
      trace.subscriptions.some(isInbox) &&
      stoppedAt(trace, signs, AFTER_DELIVERY_LATE_MS) &&
      !listensToStream(trace, signs),
  );
  const owing = late.filter((trace) => owes(trace, signs));
  if (owing.length > 0) return owing;
  const atOnce = late.filter((trace) => stoppedAt(trace, signs, AFTER_DELIVERY_MS));
  return atOnce.length > 0 ? atOnce : late;
}

/** A client sends a little besides acknowledgements, and receives a little besides messages. */
const OTHER_TRAFFIC = 2;

/**
 * Connections that stopped before the last holder did: only if it cannot hold everything in flight, and if what all of
 * them received and did not answer adds up to what is in flight.
 */
export function stoppedEarlier<T extends Trace>(
  connections: readonly T[],
  holder: T,
  signs: LastSigns,
): readonly T[] {
  if ((holder.outMessages ?? 0) >= signs.inFlight) return [];
  const earlier = connections.filter(
    (trace) =>
      trace !== holder &&
      wasListening(trace, signs) &&
      trace.subscriptions.some(isInbox) &&
      !listensToStream(trace, signs) &&
      (trace.lastActivityMs ?? Infinity) < signs.deliveredMs &&
      owed(trace) > 0,
  );
  const all = [holder, ...earlier].reduce((sum, trace) => sum + owed(trace), 0);
  const slack = OTHER_TRAFFIC * (earlier.length + 1);
  return Math.abs(all - signs.inFlight) <= slack ? earlier : [];
}

/** Whether it was there at the last delivery and could receive at all. */
export function wasListening(
  { startMs = 0, subscriptions }: Pick<Trace, 'startMs' | 'subscriptions'>,
  { deliveredMs }: LastSigns,
): boolean {
  return startMs <= deliveredMs && subscriptions.length > 0;
}

/** The usual prefix, or another one before the random part of an inbox. */
const INBOX = /^_INBOX|(?:^|\.)[0-9A-Za-z]{20,}(?:\.|$)/;

/** Whether a subscription receives replies to its client's requests. */
export function isInbox(subject: string): boolean {
  return INBOX.test(subject);
}

function listensToStream({ subscriptions }: Trace, { subjects }: LastSigns): boolean {
  return subscriptions.some(
    (subscription) =>
      !isInbox(subscription) && subjects.some((subject) => patternsOverlap(subscription, subject)),
  );
}

function stoppedAt(trace: Trace, { deliveredMs, ackedMs }: LastSigns, mostMs: number): boolean {
  if (isWithin(trace, deliveredMs, mostMs)) return true;
  // Part of the batch was done before it stopped: then its last traffic is its last acknowledgement.
  return ackedMs !== undefined && ackedMs > deliveredMs && isWithin(trace, ackedMs, mostMs);
}

function owes(trace: Trace, { inFlight }: LastSigns): boolean {
  return owed(trace) >= Math.max(1, inFlight / 2);
}

function owed({ outMessages = 0, inMessages = 0 }: Trace): number {
  return outMessages - inMessages;
}

function isWithin({ lastActivityMs }: Trace, fromMs: number, mostMs: number): boolean {
  if (lastActivityMs === undefined) return false;
  const afterMs = lastActivityMs - fromMs;
  return afterMs >= -BEFORE_DELIVERY_MS && afterMs <= mostMs;
}
