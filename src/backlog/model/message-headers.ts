import type { MessageHeaders } from '../../core/message/message.js';
import { parseDurationMs } from '../../core/values/duration.js';

/**
 * How long a message lives by its own `Nats-TTL`: seconds, or a duration in Go's spelling. Undefined for one that has
 * none or never expires, and for a delete marker, whose expiry loses nothing.
 */
export function messageTtlMs(headers: MessageHeaders | undefined): number | undefined {
  const text = headers?.get('Nats-TTL')?.[0]?.trim();
  if (text === undefined || headers?.has('Nats-Marker-Reason') === true) return undefined;
  if (/^\d+$/.test(text)) return 1000 * Number(text);
  try {
    return parseDurationMs(text);
  } catch {
    return undefined;
  }
}
