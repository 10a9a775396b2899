import * as Args from '@oclif/core/args';
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

/** The same as an argument, which is how the official CLI takes it. */
export const untilArg = {
  until: Args.custom<Date>({
    description: 'the same as --until',
    hidden: true,
    ignoreStdin: true,
    // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
    parse: async (text) => parseUntil(text, Date.now()),
  })(),
} as const;

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

/** A place in a stream: a sequence (`1200`), a time, how long ago (`1h`), or `end`, which is also `new`. */
export const placeFlag = Flags.custom<StreamPlace>({
  helpValue: '<sequence|time|end|new>',
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => parsePlace(text, Date.now()),
});

/** @throws {NatsxError} usage — neither a sequence, a duration nor a time */
function parsePlace(text: string, nowMs: number): StreamPlace {
  if (text === 'end' || text === 'new') return 'end';
  if (/^\d+$/.test(text)) return { seq: parseSequence(text) };
  return { timeMs: parseTimeMs(text, nowMs) };
}
