import type { NatsxError } from '../../core/errors.js';
import type { PublishAck } from './publish-ack.js';

/** The fate of a message that was published to a stream. */
export type PublishFate =
  /** `resent`: an earlier attempt lost its acknowledgement, so a duplicate is probably of that attempt. */
  | { readonly type: 'stored'; readonly ack: PublishAck; readonly resent?: boolean }
  /** It is not stored, and another attempt would not change that. */
  | { readonly type: 'refused'; readonly error: NatsxError }
  /** It did not reach its stream, and is not stored: a gap in a fast batch. */
  | { readonly type: 'lost'; readonly error: NatsxError }
  /** No answer arrived: it may be in the stream. */
  | { readonly type: 'in-doubt'; readonly error: NatsxError }
  /** It is not stored: publishing ended before its turn. */
  | { readonly type: 'unsent'; readonly error: NatsxError };

/** Errors of JetStream that mean "not now": nothing was stored, and the next attempt may succeed. */
const TRANSIENT: ReadonlySet<number> = new Set([
  10004, // incomplete results: a cluster that is starting
  10008, // temporarily unavailable: no leader
  10167, // too many requests: the stream's queue is full
]);
/** The same for messages with an id: an earlier attempt may still be in progress. */
const TRANSIENT_WITH_ID: ReadonlySet<number> = new Set([
  10009, // the leader has changed
  10158, // a message with this id is being stored
]);

/** Whether a message that was answered with this `err_code` may be sent again without creating a duplicate. */
export function isTransient(code: number | undefined, hasId: boolean): boolean {
  if (code === undefined) return false;
  return TRANSIENT.has(code) || (hasId && TRANSIENT_WITH_ID.has(code));
}
