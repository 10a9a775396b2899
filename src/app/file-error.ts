import { NatsxError } from '../domain/errors.js';
import { quoted } from '../domain/printable.js';

const REASONS: Readonly<Record<string, readonly [reason: string, hint: string]>> = {
  ENOENT: ['there is no such file or folder', 'Check the path.'],
  EACCES: ['it is not permitted', 'Check who owns it, or name another file.'],
  EPERM: ['it is not permitted', 'Check who owns it, or name another file.'],
  EROFS: ['the file system is read-only', 'Name a file elsewhere.'],
  EISDIR: ['it is a folder', 'Name a file.'],
  ENOTDIR: ['a part of the path is no folder', 'Check the path.'],
  ENOSPC: ['no space is left on the disk', 'Make room, then go on with --resume.'],
  EDQUOT: ['the disk quota is used up', 'Make room, then go on with --resume.'],
  EFBIG: [
    'the file would be larger than is allowed',
    'Raise the limit (ulimit -f), then --resume.',
  ],
};

/**
 * What a failure of the file system means, as a failure of a local file.
 *
 * @param deed such as `write to`
 */
export function fileError(deed: string, path: string, error: unknown): NatsxError {
  if (error instanceof NatsxError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const [reason, hint] = REASONS[code] ?? [(error as Error).message, undefined];
  const known = code === '' ? '' : ` (${code})`;
  return new NatsxError('usage', `cannot ${deed} ${quoted(path)}: ${reason}${known}`, {
    hint,
    cause: error,
    details: { file: path, code },
  });
}
