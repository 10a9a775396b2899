import { decodeUtf8, quoted } from '../printable.js';
import type { ReceivedMessage } from './message.js';
import { isJsonObject, parseExactJson } from './exact-json.js';

/** What a stream says to a message that asked for a reply: that it keeps it, or why it does not. */
export interface StreamAnswer {
  readonly stream: string;
  /** Why the stream did not take the message; undefined when it stored it. */
  readonly refusal: string | undefined;
}

/** The keys of an acknowledgement; an answer with others is a service's own. */
const KEYS: ReadonlySet<string> = new Set([
  'type',
  'error',
  'stream',
  'seq',
  'domain',
  'duplicate',
  'val',
  'batch',
  'count',
]);
const LONGEST_BYTES = 2_000;
const BRACE = 0x7b;

/** Reads a reply as the answer of a stream; undefined when it is a service's. */
export function streamAnswerOf(reply: ReceivedMessage): StreamAnswer | undefined {
  const { payload, headers } = reply;
  if (payload[0] !== BRACE || payload.length > LONGEST_BYTES || headers !== undefined) {
    return undefined;
  }
  const answer = jsonObject(decodeUtf8(payload) ?? '');
  const stream = answer?.['stream'];
  if (answer === undefined || typeof stream !== 'string' || answer['seq'] === undefined) {
    return undefined;
  }
  if (Object.keys(answer).some((key) => !KEYS.has(key))) return undefined;
  const { error } = answer;
  if (error === undefined) return { stream, refusal: undefined };
  const description = isJsonObject(error) ? error['description'] : undefined;
  return typeof description === 'string' ? { stream, refusal: description } : undefined;
}

/** What the sender of a request should know: no service has answered. */
export function streamAnswerNote({ stream, refusal }: StreamAnswer, subject: string): string {
  const who = `the stream ${quoted(stream)}, which keeps the messages of ${quoted(subject)}`;
  return refusal === undefined
    ? `the reply is the acknowledgement of ${who}, and not the answer of a service; if one listens as well, wait for it with --replies 2`
    : `the reply is of ${who}: it did not store the request (${refusal})`;
}

function jsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = parseExactJson(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
