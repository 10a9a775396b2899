import { NatsxError } from '../core/errors.js';
import { quoted } from '../core/printable.js';
import { EXIT_CODES } from './exit-codes.js';
import type { Notices } from './notices.js';

export interface ContextFailure {
  readonly context: string;
  readonly error: NatsxError;
}

/** What a command for several contexts ends with: the failure with the highest exit code. The others are a line each. */
export function worstFailure(
  failed: readonly ContextFailure[],
  notices: Notices,
): NatsxError | undefined {
  const [worst] = failed.toSorted((a, b) => EXIT_CODES[b.error.kind] - EXIT_CODES[a.error.kind]);
  if (worst === undefined) return undefined;
  for (const { context, error } of failed) {
    if (error !== worst.error) notices.always(inContext(error.message, context));
  }
  const { kind, message, hint, details } = worst.error;
  return new NatsxError(kind, inContext(message, worst.context), { hint, details });
}

/** A context that does not exist is named in the message already. */
function inContext(message: string, context: string): string {
  const named = `context ${quoted(context)}`;
  return message.includes(named) ? message : `${named}: ${message}`;
}
