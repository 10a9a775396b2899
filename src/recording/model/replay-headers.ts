import { IdentifiedHeaders } from '../../core/message/identified-headers.js';
import { MESSAGE_ID } from '../../core/message/publish-headers.js';
import { mergeHeaders, withoutHeaders } from '../../core/message/edit-headers.js';
import type { MessageHeaders } from '../../core/message/message.js';
import { RawHeaders } from '../../core/message/raw-headers.js';

/** What happens to headers that servers interpret. */
export type HeaderPolicy = 'safe' | 'keep' | 'drop';

/**
 * Conditions, commands and origins that only made sense for the original: servers would refuse them, delete messages or
 * send traces because of them. A stream with sources or a mirror adds `Nats-Stream-Source`; clients may not send it.
 */
const MEANT_FOR_THE_PAST =
  /^nats-(?:expected-|rollup$|batch-|schedule|next-|incr$|counter|required-api-level$|stream-source$|trace-)/i;
const SERVERS_OWN = /^nats-/i;

/**
 * The headers of a message that is published again. `safe` removes those that only made sense for the original
 * (`Nats-Expected-…`, `Nats-Rollup` …) and keeps message ids, time-to-live and the reason of a delete marker, which a
 * key-value bucket would otherwise read as an empty value; `drop` removes all that start with `Nats-`.
 */
export function replayHeaders(
  headers: MessageHeaders | undefined,
  policy: HeaderPolicy,
): MessageHeaders | undefined {
  if (headers === undefined || policy === 'keep') return headers;
  const unwanted = policy === 'safe' ? MEANT_FOR_THE_PAST : SERVERS_OWN;
  return withoutHeaders(headers, (name) => unwanted.test(name));
}

/** The headers with a message id, unless they have one. */
export function headersWithId(headers: MessageHeaders | undefined, id: string): MessageHeaders {
  if (headers !== undefined) {
    for (const name of headers.keys()) if (/^nats-msg-id$/i.test(name)) return headers;
  }
  if (headers instanceof RawHeaders) return mergeHeaders(headers, new Map([[MESSAGE_ID, [id]]]));
  return new IdentifiedHeaders(headers, id);
}
