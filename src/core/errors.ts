/**
 * What kind of failure it was. The exit code follows from it (`cli/exit-codes.ts`), so the set is closed:
 * a new kind does not compile without a code.
 */
export type ErrorKind =
  | 'internal'
  | 'usage'
  | 'connection'
  | 'auth'
  | 'timeout'
  | 'no-responders'
  | 'not-found'
  | 'rejected'
  | 'unhealthy'
  | 'interrupted';

export interface ErrorFacts {
  /** The next step for the reader, in the imperative. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  /** Flat facts for `--json`; never secrets. */
  readonly details?: Readonly<Record<string, string | number | boolean>> | undefined;
}

/** A failure that natsx understands: one sentence of what failed and on what, and what to do next. */
export class NatsxError extends Error {
  override readonly name = 'NatsxError';
  readonly kind: ErrorKind;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, string | number | boolean>> | undefined;

  constructor(kind: ErrorKind, message: string, facts: ErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.kind = kind;
    this.hint = facts.hint;
    this.details = facts.details;
  }
}

/** Invalid input: a flag, a subject, a template, a local file. */
export function usageError(message: string, hint?: string): NatsxError {
  return new NatsxError('usage', message, { hint });
}

/** A caught error that natsx understands. @throws any other: a bug, which must not be hidden */
export function expectedError(error: unknown): NatsxError {
  if (error instanceof NatsxError) return error;
  throw error;
}
