import { parseDurationMs } from './duration.js';
import { NatsxError, usageError } from '../errors.js';
import { quoted } from '../printable.js';

const DATE = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;
const DAY = /^(yesterday|today|tomorrow)(?:[T ](\d\d):(\d\d)(?::(\d\d))?)?$/;
const DAYS_AHEAD: Readonly<Record<string, number>> = { yesterday: -1, today: 0, tomorrow: 1 };

/** JavaScript's dates end there. */
const LAST_DATE_MS = 8.64e15;

/** Where a duration points: `1h` is an hour ago, or an hour from now. */
export type TimeDirection = 'past' | 'future';

/**
 * Reads a point in time: RFC 3339, `2026-11-22`, `2026-11-22T22:30`, `today`, `yesterday 08:00`, `now`, or a duration
 * such as `1h` before or after now. A time without a zone is local; a day without a time is its midnight.
 *
 * @returns milliseconds since the epoch
 * @throws usage when the text is not a time
 */
export function parseTimeMs(
  text: string,
  nowMs: number,
  direction: TimeDirection = 'past',
): number {
  const at = dateMs(text) ?? dayMs(text, nowMs);
  if (at !== undefined) return at;
  const durationMs = durationOf(text, direction);
  const timeMs = direction === 'past' ? nowMs - durationMs : nowMs + durationMs;
  if (Math.abs(timeMs) <= LAST_DATE_MS) return timeMs;
  throw usageError(`the duration ${quoted(text)} is too long`);
}

function durationOf(text: string, direction: TimeDirection): number {
  try {
    return parseDurationMs(text);
  } catch (error) {
    if (!(error instanceof NatsxError)) throw error;
    const [days, duration] =
      direction === 'past'
        ? ['today, yesterday', 'how long ago: 90s, 1h30m, 7d']
        : ['tomorrow', 'how long from now: 90s, 1h30m, 7d'];
    throw usageError(
      `invalid time ${quoted(text)}`,
      `write 2026-11-22T22:30:00Z, ${days}, or ${duration}`,
    );
  }
}

function dateMs(text: string): number | undefined {
  if (!DATE.test(text)) return undefined;
  // A date alone would be read as UTC, a time without a zone as local: here both are local.
  const at = Date.parse(text.length === 10 ? `${text}T00:00` : text.replace(' ', 'T'));
  return Number.isNaN(at) ? undefined : at;
}

function dayMs(text: string, nowMs: number): number | undefined {
  if (text === 'now') return nowMs;
  const [, day = '', hours = '0', minutes = '0', seconds = '0'] = DAY.exec(text) ?? [];
  const ahead = DAYS_AHEAD[day];
  if (ahead === undefined || Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) {
    return undefined;
  }
  const date = new Date(nowMs);
  // The calendar decides: a day may have 23 or 25 hours.
  date.setDate(date.getDate() + ahead);
  return date.setHours(Number(hours), Number(minutes), Number(seconds), 0);
}
