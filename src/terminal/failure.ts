import { NatsxError } from '../core/errors.js';

/** Errors of a disk that cannot be written to. */
const WRITE_FAILURES: ReadonlyMap<string, string> = new Map([
  ['ENOSPC', 'no space is left'],
  ['EDQUOT', 'the quota is used up'],
  ['EFBIG', 'the file may not grow any more'],
  ['EIO', 'the disk reports an error'],
]);

/** Anything thrown, as a NatsxError; an error that natsx does not expect is a bug, and keeps its stack. */
export function asNatsxError(error: unknown): NatsxError {
  if (error instanceof NatsxError) return error;
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  const isWrite = syscall === 'write' || code === 'ENOSPC';
  const why = isWrite ? WRITE_FAILURES.get(code ?? '') : undefined;
  if (why !== undefined) {
    return new NatsxError('usage', `cannot write the output: ${why}`, {
      hint: 'free some space, or write somewhere else',
      cause: error,
    });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new NatsxError('internal', message, {
    hint: 'this is a bug in natsx: please report it with the lines above',
    cause: error,
  });
}
