import * as Flags from '@oclif/core/flags';

import { parseTimeMs } from '../../core/values/time.js';
import { parseSequence } from '../model/sequence.js';
import { usageError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';

/** A time in the future: how long from now (`1h`), or a date (`2026-01-31T08:00:00Z`). */
export const untilFlag = Flags.custom<Date>({
  helpValue: '<duration|time>',
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => parseUntil(text, Date.now()),
});

/** @throws {NatsxError} usage — neither a duration nor a date, or a date in the past */
function parseUntil(text: string, nowMs: number): Date {
  const until = new Date(parseTimeMs(text, nowMs, 'future'));
  if (until.getTime() > nowMs) return until;
  throw usageError(
    `${quoted(text)} is in the past`,
    'write a time in the future, or how long from now: 1h',
  );
}

type StreamPlace = { readonly seq: number } | { readonly timeMs: number } | 'end';

/** A place in a stream: a sequence (`1200`), a date, how long ago (`1h`), or `end`. */
export const placeFlag = Flags.custom<StreamPlace>({
  helpValue: '<sequence|time|end>',
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => parsePlace(text, Date.now()),
});

/** @throws {NatsxError} usage — neither a sequence, a duration nor a date */
function parsePlace(text: string, nowMs: number): StreamPlace {
  if (text === 'end') return text;
  if (/^\d+$/.test(text)) return { seq: parseSequence(text) };
  return { timeMs: parseTimeMs(text, nowMs) };
}
