import * as Flags from '@oclif/core/flags';

import { parseDurationMs } from '../../domain/values/duration.js';
import { usageError } from '../../domain/errors.js';
import { quoted } from '../../domain/printable.js';

/** A point in time: so long from now (`1h`), or a date (`2026-01-31T08:00:00Z`). */
export const untilFlag = Flags.custom<Date>({
  helpValue: '<duration|time>',
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => parseUntil(text, Date.now()),
});

/** @throws {NatsxError} usage — neither a duration nor a date */
function parseUntil(text: string, nowMs: number): Date {
  if (!/^\d{4}-/.test(text)) return new Date(nowMs + parseDurationMs(text));
  const date = new Date(text);
  if (!Number.isNaN(date.getTime())) return date;
  throw usageError(`${quoted(text)} is no time`, 'write 1h, or 2026-01-31T08:00:00Z');
}

/** A place in a stream: a sequence (`1200`), a date, or so long ago (`1h`). */
export const placeFlag = Flags.custom<{ readonly seq: number } | { readonly timeMs: number }>({
  helpValue: '<sequence|time>',
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => parsePlace(text, Date.now()),
});

/** @throws {NatsxError} usage — neither a sequence, a duration nor a date */
function parsePlace(
  text: string,
  nowMs: number,
): { readonly seq: number } | { readonly timeMs: number } {
  if (/^\d+$/.test(text)) return { seq: Number(text) };
  if (/^\d{4}-/.test(text)) return { timeMs: parseUntil(text, nowMs).getTime() };
  return { timeMs: nowMs - parseDurationMs(text) };
}
