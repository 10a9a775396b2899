import { parseExactJson } from '../exact-json.js';
import type { ApiError } from './api-failure.js';

/** What a stream answers when it has stored a message. */
export interface PublishAck {
  readonly stream: string;
  readonly seq: number;
  /** The stream had a message of this id already, and did not store it again. */
  readonly duplicate: boolean;
}

// Answers are written by the server in one form; parsing it as JSON would take longer than publishing.
const USUAL =
  /^\{"stream":"([^"\\]*)",(?:\s*"domain":"[^"\\]*",)?\s*"seq":(\d+)(?:,\s*"duplicate":\s*(true|false))?\}$/;

/** Reads the answer to a publication; undefined when it is none, as from somebody who is no stream. */
export function parsePublishAnswer(text: string): PublishAck | ApiError | undefined {
  const [, stream, seq, duplicate] = USUAL.exec(text) ?? [];
  if (stream !== undefined) return { stream, seq: Number(seq), duplicate: duplicate === 'true' };
  try {
    const answer = parseExactJson(text) as {
      readonly stream?: unknown;
      readonly seq?: unknown;
      readonly duplicate?: unknown;
      readonly error?: ApiError;
    };
    if (answer.error !== undefined) return answer.error;
    if (typeof answer.stream !== 'string' || typeof answer.seq !== 'number') return undefined;
    return { stream: answer.stream, seq: answer.seq, duplicate: answer.duplicate === true };
  } catch {
    return undefined;
  }
}
