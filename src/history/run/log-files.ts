import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { fileError } from '../../connection/file-error.js';
import { NatsxError, usageError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';
import { fileVersion } from '../model/frame.js';

/** Where readings are until there are enough of them for a block. */
export const TAIL_FILE = 'tail.nxh';
export const LOCK_FILE = 'lock';
const SEGMENT = /^history-\d{12,}\.nxh$/;

/** The name of the file whose first reading has this number. */
export function segmentName(first: number): string {
  return `history-${String(first).padStart(12, '0')}.nxh`;
}

/** What a folder has of a log. */
export interface LogFiles {
  /** Names of the files with blocks, in order. */
  readonly segments: readonly string[];
  readonly hasTail: boolean;
  /** Names of files that belong to no log. */
  readonly others: readonly string[];
}

/** @throws {NatsxError} usage — the folder cannot be read */
export async function listLog(dir: string): Promise<LogFiles> {
  const names = await readdir(dir).catch((error: unknown) => {
    throw fileError('read the history', dir, error);
  });
  const segments = names.filter((name) => SEGMENT.test(name)).toSorted();
  const others = names.filter(
    (name) => !SEGMENT.test(name) && name !== TAIL_FILE && !name.startsWith(LOCK_FILE),
  );
  return { segments, hasTail: names.includes(TAIL_FILE), others };
}

/**
 * The bytes of a file of a log; undefined where it was removed meanwhile.
 *
 * @throws {NatsxError} usage — of a newer natsx, or unreadable
 */
export async function readLogFile(dir: string, name: string): Promise<Uint8Array | undefined> {
  const path = join(dir, name);
  try {
    const bytes = await readFile(path);
    if (fileVersion(bytes) !== 'newer') return bytes;
    throw new NatsxError('usage', `${quoted(path)} was written by a newer version of natsx`, {
      hint: 'update natsx to read it',
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw fileError('read the history', path, error);
  }
}

export function notALog(path: string): NatsxError {
  return usageError(
    `${quoted(path)} is not a history of natsx`,
    'natsx history record writes one; name its folder',
  );
}
