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

/** When a stored schedule is due, and for which subject. */
export interface MessageSchedule {
  /** Absent for a repeating schedule (an interval or a cron expression). */
  readonly dueMs?: number | undefined;
  readonly target?: string | undefined;
}

/** Undefined for a message that is not a schedule. */
export function scheduleOf(headers: MessageHeaders | undefined): MessageSchedule | undefined {
  const text = headers?.get('Nats-Schedule')?.[0];
  if (text === undefined) return undefined;
  const target = headers?.get('Nats-Schedule-Target')?.[0];
  const at = /^@at\s+(\S+)$/.exec(text.trim())?.[1];
  const dueMs = at === undefined ? Number.NaN : Date.parse(at);
  return { dueMs: Number.isNaN(dueMs) ? undefined : dueMs, target };
}
