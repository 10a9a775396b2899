import { recordedTimeMs, type RecordedMessage } from '../model/recorded-line.js';
import type { ReplayRange } from './replay-request.js';

/** Whether a message of a recording is in the range. Messages without a time are in every range of times. */
export function isInRange(range: ReplayRange, recorded: RecordedMessage): boolean {
  const { fromSeq, toSeq, fromMs, toMs } = range;
  const { seq } = recorded;
  if (seq !== undefined && (seq < (fromSeq ?? 0) || seq > (toSeq ?? Infinity))) return false;
  if (fromMs === undefined && toMs === undefined) return true;
  const timeMs = recordedTimeMs(recorded);
  if (timeMs === undefined) return true;
  return timeMs >= (fromMs ?? -Infinity) && timeMs <= (toMs ?? Infinity);
}

/** Whether the range has any bound. */
export function isBounded(range: ReplayRange): boolean {
  return Object.values(range).some((bound) => bound !== undefined);
}
