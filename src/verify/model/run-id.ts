import { usageError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';

/** Size of the run id in the envelope. */
export const RUN_ID_BYTES = 16;

const RUN_ID = /^[A-Za-z0-9_-]{1,16}$/;

/** Checks a run id: letters, digits, `-` and `_`, at most 16. @throws usage */
export function parseRunId(text: string): string {
  if (RUN_ID.test(text)) return text;
  throw usageError(
    `invalid run id ${quoted(text)}`,
    'use up to 16 letters, digits, dashes and underscores',
  );
}

/** The default subject of a run, which no other client uses. */
export function ownSubject(runId: string): string {
  return `natsx.verify.${runId}`;
}
