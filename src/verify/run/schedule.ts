/** When the messages of one publisher are due. Times are on the clock of `performance.now()`. */
export interface Schedule {
  /** Messages to send; Infinity when only the time limits them. */
  readonly share: number;
  readonly endMs: number;
  /** Undefined for as quickly as it goes. */
  readonly perSecond: number | undefined;
  readonly startMs: number;
}

/** How many messages may have been sent by now. */
export function dueBy(schedule: Schedule, nowMs: number): number {
  const { share, perSecond, startMs } = schedule;
  if (perSecond === undefined) return share;
  return Math.min(share, Math.floor(((nowMs - startMs) * perSecond) / 1000) + 1);
}

/** When message `number` (from 1) is due; a late message keeps this time, so that waiting shows in its latency. */
export function dueAtMs({ perSecond, startMs }: Schedule, number: number): number {
  return perSecond === undefined ? 0 : startMs + ((number - 1) * 1000) / perSecond;
}
