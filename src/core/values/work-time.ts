import { parseWaitMs } from './duration.js';
import { usageError } from '../errors.js';
import { quoted } from '../printable.js';

/** How long handling a message takes: a uniformly random time between the two. */
export interface WorkTime {
  readonly minMs: number;
  readonly maxMs: number;
}

/** Reads `20ms`, or `10ms..30ms` (also `10ms-30ms`) for a random time in between. @throws usage */
export function parseWorkTime(text: string): WorkTime {
  const [from = '', to, ...rest] = text.split(/\.\.|-/);
  if (rest.length > 0 || from === '') {
    throw usageError(
      `invalid time ${quoted(text)}: expected a duration or a range of durations`,
      'write for example 20ms, or 10ms..30ms for a random time in this range',
    );
  }
  const minMs = parseWaitMs(from);
  const maxMs = to === undefined ? minMs : parseWaitMs(to);
  if (maxMs < minMs) {
    throw usageError(
      `invalid time ${quoted(text)}: it ends before it starts`,
      `did you mean ${to ?? ''}..${from}?`,
    );
  }
  return { minMs, maxMs };
}
