import { closeSync, fstatSync, openSync, readSync, statSync, truncateSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';

import { usageError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';
import { sequenceIn } from '../model/recorded-line.js';
import { decodeRecordingHeader, type RecordingHeader } from '../model/recording-header.js';
import { compressionOf } from './file-compression.js';
import { fileError } from '../../connection/file-error.js';
import { RecordingFile } from './recording-file.js';
import { recordingLines } from './recording-lines.js';

/** The end of an existing recording. */
export interface RecordingTail {
  readonly header: RecordingHeader;
  /** Sequence of the last message, if it is a recording of a stream and has any. */
  readonly lastSeq: number | undefined;
  /** Whether an incomplete last line was removed. */
  readonly repaired: boolean;
}

/** Bytes that are read at a time, from the end of a plain file backwards. */
const STEP_BYTES = 256 * 1024;
const LINE_FEED = 10;

/** Whether the file exists and is not empty. @throws {NatsxError} usage — it cannot be examined, or is a folder */
export function hasContent(path: string): boolean {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats?.isDirectory() === true)
      throw usageError(`${quoted(path)} is a folder`, 'give the name of a file');
    return (stats?.size ?? 0) > 0;
  } catch (error) {
    throw fileError('look at', path, error);
  }
}

/**
 * Finds the end of a recording, and removes an incomplete last line. Without a complete first line there is nothing to
 * continue, and the file is emptied.
 *
 * @returns undefined if the file has no complete line
 * @throws {NatsxError} usage — it is not a recording, or cannot be read
 */
export async function recordingTail(path: string): Promise<RecordingTail | undefined> {
  return compressionOf(path) === 'none' ? plainTail(path) : compressedTail(path);
}

async function plainTail(path: string): Promise<RecordingTail | undefined> {
  const first = await firstLine(path);
  if (first === undefined) {
    truncateSync(path, 0);
    return undefined;
  }
  const header = decodeRecordingHeader(first, path);
  try {
    const { end, last } = lastWholeLine(path);
    const repaired = statSync(path).size > end;
    if (repaired) truncateSync(path, end);
    return { header, lastSeq: sequenceIn(last) ?? (await lastSequence(path)), repaired };
  } catch (error) {
    throw fileError('read', path, error);
  }
}

async function firstLine(path: string): Promise<string | undefined> {
  for await (const { lines } of recordingLines(path)) {
    if (lines[0] !== undefined) return lines[0].toString();
  }
  return undefined;
}

/** The last complete line, and the position of its end. */
function lastWholeLine(path: string): { readonly end: number; readonly last: string } {
  const file = openSync(path, 'r');
  try {
    let start = fstatSync(file).size;
    let bytes = Buffer.alloc(0);
    for (;;) {
      const step = Math.min(STEP_BYTES, start);
      start -= step;
      const piece = Buffer.alloc(step);
      readSync(file, piece, 0, step, start);
      bytes = Buffer.concat([piece, bytes]);
      const end = bytes.lastIndexOf(LINE_FEED);
      const before = end <= 0 ? -1 : bytes.lastIndexOf(LINE_FEED, end - 1);
      if (end >= 0 && (before >= 0 || start === 0)) {
        return { end: start + end + 1, last: bytes.toString('utf8', before + 1, end) };
      }
    }
  } finally {
    closeSync(file);
  }
}

/** If the last line is a note or the header, the whole file is searched. */
async function lastSequence(path: string): Promise<number | undefined> {
  let last: number | undefined;
  for await (const seq of recordedSequences(path)) last = seq;
  return last;
}

/** The sequences of all messages with complete lines, in the order of the file. @throws {NatsxError} usage */
export async function* recordedSequences(path: string): AsyncGenerator<number> {
  for await (const { lines } of recordingLines(path)) {
    for (const line of lines) {
      const seq = sequenceIn(line.toString());
      if (seq !== undefined) yield seq;
    }
  }
}

/** What was found in the lines read so far. */
class Found {
  header: RecordingHeader | undefined;
  lastSeq: number | undefined;

  add(line: string, path: string): void {
    if (this.header === undefined) this.header = decodeRecordingHeader(line, path);
    else this.lastSeq = sequenceIn(line) ?? this.lastSeq;
  }
}

/** Compressed data can only be read from the start; it is repaired by rewriting its complete lines. */
async function compressedTail(path: string): Promise<RecordingTail | undefined> {
  let found = new Found();
  let repaired = false;
  for await (const { lines, cutOff } of recordingLines(path)) {
    repaired ||= cutOff;
    for (const line of lines) found.add(line.toString(), path);
  }
  if (repaired) found = await rewrite(path);
  const { header, lastSeq } = found;
  return header === undefined ? undefined : { header, lastSeq, repaired };
}

/** @returns what the rewritten file contains: continuing after anything else would lose or repeat messages */
async function rewrite(path: string): Promise<Found> {
  const found = new Found();
  const ending = /\.[^.]*$/.exec(path)?.[0] ?? '';
  const draftPath = `${path}.repair${ending}`;
  await rm(draftPath, { force: true });
  const draft = new RecordingFile(draftPath);
  for await (const { lines } of recordingLines(path)) {
    for (const bytes of lines) {
      const line = bytes.toString();
      found.add(line, path);
      if (!draft.write(`${line}\n`)) await draft.ready();
    }
  }
  await draft.close();
  await rename(draftPath, path);
  return found;
}
