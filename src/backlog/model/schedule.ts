import type { MessageHeaders } from '../../core/message/message.js';

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
