import type { MessageHeaders, ReceivedMessage } from '../message/message.js';
import { parsePlaceTime, type StreamPlace } from './stream-place.js';

/** What a direct get adds to the headers of a message. */
const ADDED = [
  'Nats-Stream',
  'Nats-Subject',
  'Nats-Sequence',
  'Nats-Time-Stamp',
  'Nats-Num-Pending',
  'Nats-Last-Sequence',
  'Nats-UpTo-Sequence',
] as const;

/** A message as it was stored, and where. */
export interface StoredDelivery {
  readonly message: ReceivedMessage;
  readonly delivery: StreamPlace & { readonly pending: number };
}

/** Takes apart the answer to a direct get; undefined when it is none. */
export function storedDelivery(
  answer: ReceivedMessage,
  stream: string,
): StoredDelivery | undefined {
  const last = (name: string): string | undefined => answer.headers?.get(name)?.at(-1);
  const subject = last('Nats-Subject');
  const time = parsePlaceTime(last('Nats-Time-Stamp') ?? '');
  const seq = Number(last('Nats-Sequence'));
  if (subject === undefined || time === undefined || !Number.isSafeInteger(seq)) return undefined;
  // The last message of a batch tells how many come after it.
  const pending = Number(last('Nats-Num-Pending') ?? Infinity);
  const { payload, receivedAtMs } = answer;
  const message = { subject, payload, receivedAtMs, headers: withoutAdded(answer.headers) };
  return { message, delivery: { stream, seq, ...time, pending } };
}

/** A republished message has such headers of its own: only the last value of each is the answer's. */
function withoutAdded(headers: MessageHeaders | undefined): MessageHeaders | undefined {
  const own = new Map(headers);
  for (const name of ADDED) {
    const values = own.get(name)?.slice(0, -1) ?? [];
    if (values.length === 0) own.delete(name);
    else own.set(name, values);
  }
  return own.size === 0 ? undefined : own;
}
