import type { NatsxError } from '../../core/errors.js';
import type { PublishAck } from './publish-ack.js';

/** What became of a message that was published to a stream. */
export type PublishFate =
  /** `resent`: after an attempt whose acknowledgement was lost; a duplicate is likely the one of that attempt then. */
  | { readonly type: 'stored'; readonly ack: PublishAck; readonly resent?: boolean }
  /** It is in no stream, and would not be with another attempt. */
  | { readonly type: 'refused'; readonly error: NatsxError }
  /** No answer came: it may be in the stream. */
  | { readonly type: 'in-doubt'; readonly error: NatsxError }
  /** It is in no stream: publishing ended before its turn. */
  | { readonly type: 'unsent'; readonly error: NatsxError };

/** Errors of JetStream that say "not now": nothing was stored, and the next attempt may do better. */
const TRANSIENT: ReadonlySet<number> = new Set([
  10004, // incomplete results: a cluster that is coming up
  10008, // temporarily unavailable: no leader
  10167, // too many requests: the stream's queue is full
]);
/** The same where the message has an id: an earlier attempt may still be under way. */
const TRANSIENT_WITH_ID: ReadonlySet<number> = new Set([
  10009, // the leader has changed
  10158, // a message of this id is being stored
]);

/** Whether a message that was answered with this `err_code` may be sent again without making a duplicate. */
export function isTransient(code: number | undefined, hasId: boolean): boolean {
  if (code === undefined) return false;
  return TRANSIENT.has(code) || (hasId && TRANSIENT_WITH_ID.has(code));
}
