import { NatsxError } from '../domain/errors.js';

/** Anything thrown as a NatsxError; what natsx did not foresee is a bug, with its stack. */
export function asNatsxError(error: unknown): NatsxError {
  if (error instanceof NatsxError) return error;
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'ENOSPC') {
    return new NatsxError('usage', 'cannot write the output: no space is left', {
      hint: 'make room, or write elsewhere',
      cause: error,
    });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new NatsxError('internal', message, {
    hint: 'this is a bug in natsx: please report it with the lines above',
    cause: error,
  });
}
