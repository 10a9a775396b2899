import { withoutLast } from '../../core/message/edit-headers.js';
import type { MessageHeaders, ReceivedMessage } from '../../core/message/message.js';
import { RawHeaders } from '../../core/message/raw-headers.js';
import { subjectText } from '../../core/subject/subject-bytes.js';
import { parsePlaceTime, type StreamPlace } from '../../core/message/stream-place.js';

/** Headers that a direct get adds to a message; a republished message already has such headers before them. */
const ADDED = [
  'Nats-Stream',
  'Nats-Subject',
  'Nats-Sequence',
  'Nats-Time-Stamp',
  'Nats-Num-Pending',
  'Nats-Last-Sequence',
  'Nats-UpTo-Sequence',
] as const;

/** A message as it was stored, and its place. */
export interface StoredDelivery {
  readonly message: ReceivedMessage;
  readonly delivery: StreamPlace & { readonly pending: number };
}

/**
 * Reads the answer to a direct get; undefined if it is not one. The added headers decide, since a stored message may
 * contain a status itself. They are missing if the message's headers end without an empty line.
 */
export function storedDelivery(
  answer: ReceivedMessage,
  stream: string,
): StoredDelivery | undefined {
  const last = (name: string): string | undefined => answer.headers?.get(name)?.at(-1);
  const subject = subjectOf(answer.headers);
  const time = parsePlaceTime(last('Nats-Time-Stamp') ?? '');
  const seq = Number(last('Nats-Sequence'));
  if (answer.headers?.has('Nats-Stream') !== true) return undefined;
  if (subject === undefined || time === undefined || !Number.isSafeInteger(seq)) return undefined;
  // The last message of a batch reports how many follow.
  const pending = Number(last('Nats-Num-Pending') ?? Infinity);
  const { payload, receivedAtMs } = answer;
  const message = {
    subject,
    payload,
    receivedAtMs,
    headers: withoutLast(answer.headers, ADDED),
  };
  return { message, delivery: { stream, seq, ...time, pending } };
}

/** The last header of that name is the added one. */
function subjectOf(headers: MessageHeaders | undefined): string | undefined {
  if (!(headers instanceof RawHeaders)) return headers?.get('Nats-Subject')?.at(-1);
  const lines = headers.lines().filter(({ name }) => name && subjectText(name) === 'Nats-Subject');
  const value = lines.at(-1)?.value;
  return value && subjectText(value);
}
