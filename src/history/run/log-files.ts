import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { fileError } from '../../connection/file-error.js';
import { NatsxError, usageError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';
import { fileVersion, firstTime } from '../model/frame.js';

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

/** A part of a log; absent times are its beginning and its end. */
export interface WantedTimes {
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

/** Enough of a file for its first line and the head of its first block. */
const BEGINNING_BYTES = 64;

/**
 * The files that may have readings of these times, with one before them and the last of all.
 *
 * @param names of all files with blocks, in order
 * @returns with the time at which the log begins, where files were left out
 */
export async function filesWith(
  dir: string,
  names: readonly string[],
  { fromMs = -Infinity, toMs = Infinity }: WantedTimes,
): Promise<{ readonly fromMs?: number | undefined; readonly kept: readonly string[] }> {
  if (fromMs === -Infinity && toMs === Infinity) return { kept: names };
  const begins: (number | undefined)[] = [];
  for (const name of names) begins.push(await beginningOf(join(dir, name)));
  const holding = begins.findLastIndex((atMs) => atMs !== undefined && atMs <= fromMs);
  const after = begins.findIndex((atMs) => atMs !== undefined && atMs > toMs);
  const end = after < 0 ? names.length : after;
  const kept = names.filter(
    (_, place) => (place >= holding - 1 && place < end) || place === names.length - 1,
  );
  return { fromMs: begins[0], kept };
}

/** When the first reading of a file was; undefined where that cannot be read. */
async function beginningOf(path: string): Promise<number | undefined> {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const bytes = new Uint8Array(BEGINNING_BYTES);
    const { bytesRead } = await file.read(bytes, 0, BEGINNING_BYTES, 0);
    return firstTime(bytes.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

export function notALog(path: string): NatsxError {
  return usageError(
    `${quoted(path)} is not a history of natsx`,
    'natsx history record writes one; name its folder',
  );
}
