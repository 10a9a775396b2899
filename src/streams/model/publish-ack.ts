import { parseExactJson } from '../../core/message/exact-json.js';
import { sequenceOf, type Sequence } from './sequence.js';
import type { ApiError } from './api-failure.js';

/** The answer of a stream that has stored a message. */
export interface PublishAck {
  readonly stream: string;
  readonly seq: Sequence;
  /** The stream already had a message with this id, and did not store it again. */
  readonly duplicate: boolean;
  /** JetStream's domain, if the server has one. */
  readonly domain?: string;
  /** The new value of the subject's counter; a string, since it may be larger than a number can hold. */
  readonly val?: string;
}

// Answers are written by the server in one form; parsing it as JSON would take longer than publishing.
const USUAL =
  /^\{"stream":"([^"\\]*)",(?:\s*"domain":"([^"\\]*)",)?\s*"seq":(\d+)(?:,\s*"duplicate":\s*(true|false))?\}$/;

/** Reads the answer to a published message; undefined if it is not from JetStream. */
export function parsePublishAnswer(text: string): PublishAck | ApiError | undefined {
  const [, stream, domain, seq = '', duplicate] = USUAL.exec(text) ?? [];
  if (stream !== undefined) {
    const ack = { stream, seq: sequenceOf(seq), duplicate: duplicate === 'true' };
    return domain === undefined ? ack : { ...ack, domain };
  }
  try {
    const answer = parseExactJson(text) as {
      readonly stream?: unknown;
      readonly seq?: unknown;
      readonly duplicate?: unknown;
      readonly domain?: unknown;
      readonly val?: unknown;
      readonly error?: ApiError;
    };
    if (answer.error !== undefined) return answer.error;
    const { stream: name, seq: place, domain: at, val } = answer;
    if (typeof name !== 'string' || (typeof place !== 'number' && typeof place !== 'bigint'))
      return undefined;
    return {
      stream: name,
      seq: sequenceOf(place.toString()),
      duplicate: answer.duplicate === true,
      ...(typeof at === 'string' && { domain: at }),
      ...(typeof val === 'string' && { val }),
    };
  } catch {
    return undefined;
  }
}
