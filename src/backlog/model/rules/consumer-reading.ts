import type { ConsumerFacts } from '../consumer-facts.js';
import type { PullFacts } from '../series.js';
import type { ConsumerSample } from '../../../streams/model/snapshot.js';
import { shellWord } from '../../../core/printable.js';

/** Small questions about a consumer that several rules share; each is one comparison of server data. */

export function isPull(facts: ConsumerFacts): boolean {
  return facts.last.config.deliverSubject === undefined;
}

/** Created by a client for itself, which keeps its own count and recreates it when a message is missing. */
export function isOrdered({ config }: ConsumerSample): boolean {
  return !config.durable && config.ackPolicy === 'none' && config.memoryStorage === true;
}

/** Delivery and the messages in flight stood still over the window. */
export function isIdle(facts: ConsumerFacts): boolean {
  return facts.motion?.idle === true || stoodStill(facts);
}

/** Nothing was delivered in the window; false when there is no window. */
export function nothingDelivered(facts: ConsumerFacts): boolean {
  return facts.motion?.deliveries === 0 || stoodStill(facts);
}

/** As long as a usual window; a shorter time may be chance. */
const STILL_MS = 4_000;

/**
 * In an archive with a single reading, the server's own times show that nothing was delivered or acknowledged for as
 * long as a window. Always false where there could be a second reading, and if clients ask for messages: those that
 * wait may have arrived at that moment.
 */
export function stoodStill(facts: ConsumerFacts): boolean {
  const { last, motion, missing } = facts;
  if (motion !== undefined || !missing.some(({ kind }) => kind === 'rates')) return false;
  if (hasDemand(facts)) return false;
  const { delivered, ackFloor, createdMs } = last;
  const times =
    delivered.consumerSeq === 0
      ? [createdMs]
      : [delivered.lastActiveMs, ackFloor.lastActiveMs ?? 0];
  return times.every((time) => time !== undefined && last.atMs - time >= STILL_MS);
}

/** As many messages are in flight as the consumer allows. */
export function ackCeilingReached(facts: ConsumerFacts): boolean {
  const limit = facts.last.config.maxAckPending;
  return limit !== undefined && facts.last.ackPending >= limit;
}

/** A client wants messages: a pull request is waiting, or a push subscriber is bound. */
export function hasDemand(facts: ConsumerFacts): boolean {
  return facts.last.waiting > 0 || (!isPull(facts) && facts.last.pushBound);
}

/** Nothing was settled in the window, and the stream's limits removed messages that were in flight. */
export function losesAllInHand({ motion }: ConsumerFacts): boolean {
  return motion?.settled === 0 && motion.removedInFlight > 0;
}

/** Whether the one client that received the deliveries answers most of them, or almost none; undefined if unclear. */
export function receiverAnswers({ clients: { receiver } }: ConsumerFacts): boolean | undefined {
  if (receiver === undefined) return undefined;
  if (receiver.sent >= receiver.got / 2) return true;
  return receiver.sent <= receiver.got / 10 ? false : undefined;
}

/** Time since the last delivery by the server's clock; undefined when the server does not remember one. */
export function sinceDeliveryMs(facts: ConsumerFacts): number | undefined {
  const { lastActiveMs } = facts.last.delivered;
  return lastActiveMs === undefined ? undefined : Math.max(0, facts.last.atMs - lastActiveMs);
}

/** Time since the last delivery or acknowledgement. */
export function sinceActivityMs(facts: ConsumerFacts): number | undefined {
  const times = [facts.last.delivered.lastActiveMs, facts.last.ackFloor.lastActiveMs].filter(
    (time) => time !== undefined,
  );
  return times.length === 0 ? undefined : Math.max(0, facts.last.atMs - Math.max(...times));
}

/** Time since the last acknowledgement of any message. */
export function sinceAckMs(facts: ConsumerFacts): number | undefined {
  const { lastActiveMs } = facts.last.ackFloor;
  return lastActiveMs === undefined ? undefined : Math.max(0, facts.last.atMs - lastActiveMs);
}

/** The time after which the server redelivers a message: the first backoff step overrides `ack_wait`. */
export function ackWaitMs(facts: ConsumerFacts): number {
  return facts.last.config.backoffMs[0] ?? facts.last.config.ackWaitMs;
}

/** What clients asked for; undefined if their pull requests were not observed. */
export function heardPulls({ lookups }: ConsumerFacts): PullFacts | undefined {
  return lookups.tap ?? lookups.pulls;
}

/** The command that changes a setting without a flag, with the server's own key. */
export function setByFile(
  facts: { readonly stream: string; readonly name: string },
  settings: Readonly<Record<string, number>>,
): string {
  return `echo '${JSON.stringify(settings)}' | natsx consumer edit ${target(facts)} --config - --yes`;
}

/** `ORDERS worker`, quoted for a shell. */
export function target(facts: { readonly stream: string; readonly name: string }): string {
  return `${shellWord(facts.stream)} ${shellWord(facts.name)}`;
}
