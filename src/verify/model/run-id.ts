import { usageError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';

/** A run id has to fit into the envelope. */
export const RUN_ID_BYTES = 16;

const RUN_ID = /^[A-Za-z0-9_-]{1,16}$/;

/** Checks a run id: letters, digits, `-` and `_`, 16 at most. @throws usage */
export function parseRunId(text: string): string {
  if (RUN_ID.test(text)) return text;
  throw usageError(
    `invalid run id ${quoted(text)}`,
    'use up to 16 letters, digits, dashes and underscores',
  );
}

/** The subject of a run that was given none: nobody else uses it. */
export function ownSubject(runId: string): string {
  return `natsx.verify.${runId}`;
}
