import { NatsxError } from '../core/errors.js';
import { quoted } from '../core/printable.js';

const REASONS: Readonly<Record<string, readonly [reason: string, hint: string]>> = {
  ENOENT: ['there is no such file or folder', 'check the path'],
  EACCES: ['permission denied', 'check who owns it, or name another file'],
  EPERM: ['permission denied', 'check who owns it, or name another file'],
  EROFS: ['the file system is read-only', 'name a file elsewhere'],
  EISDIR: ['it is a folder', 'name a file'],
  ENOTDIR: ['a part of the path is not a folder', 'check the path'],
  ENOSPC: ['no space is left on the disk', 'make room, then go on with --resume'],
  EDQUOT: ['the disk quota is used up', 'make room, then go on with --resume'],
  EFBIG: ['the file would be larger than is allowed', 'raise the limit (ulimit -f), then --resume'],
};

/** Why the file system refused something, with its code: `there is no such file or folder (ENOENT)`. */
export function fileReason(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const reason = REASONS[code]?.[0] ?? message;
  return code === '' ? reason : `${reason} (${code})`;
}

/**
 * What a failure of the file system means, as a failure of a local file.
 *
 * @param deed such as `write to`
 */
export function fileError(deed: string, path: string, error: unknown): NatsxError {
  if (error instanceof NatsxError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return new NatsxError('usage', `cannot ${deed} ${quoted(path)}: ${fileReason(error)}`, {
    hint: REASONS[code]?.[1],
    cause: error,
    details: { file: path, code },
  });
}
