import { mkdir, open, stat, unlink, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { fileError } from '../../connection/file-error.js';
import { usageError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';
import {
  firstLine,
  frameBytes,
  readFrames,
  type Frame,
  type FrameHead,
  type HistoryGap,
} from '../model/frame.js';
import type { Block } from '../model/block.js';
import { joinBlocks, readingBlock, type ReadingTrees } from '../model/reading.js';
import { Names } from '../model/row.js';
import { listLog, readLogFile, segmentName, TAIL_FILE } from './log-files.js';
import { packBlock, unpackBlock } from './payload.js';

/** Readings of a block: enough to compress well, and few enough to be read for a single moment. */
export const BLOCK_READINGS = 64;
const SEGMENT_MS = 3_600_000;
/** A reading may take this long without leaving a gap. */
const SLOW_READING_MS = 5_000;
/** Files are removed as a whole, so that one has no more than this share of the size that is allowed. */
const SEGMENT_SHARE = 1 / 8;

export interface LogLimits {
  readonly keepMs: number;
  readonly maxBytes: number;
}

export interface ReadingStamp {
  readonly atMs: number;
  readonly everyMs: number;
  /** The connection was lost since the reading before. */
  readonly wasDisconnected: boolean;
  /** The gaps before it where they are known already; otherwise they follow from the times. */
  readonly gaps?: readonly HistoryGap[] | undefined;
}

/** What is known of a block besides its number. */
export type BlockSpan = Omit<FrameHead, 'first' | 'readings'>;

interface Segment {
  readonly path: string;
  readonly fromMs: number;
  readonly bytes: number;
  readonly toMs: number;
}

/** Appends readings to a log. Whoever opens one has its lock. */
export class LogWriter {
  readonly #dir: string;
  readonly #limits: LogLimits;
  /** Oldest first; blocks are added to the last. */
  readonly #segments: Segment[] = [];
  readonly #tail: LogFile;
  #waiting: Frame[] = [];
  #next = 1;
  /** Time of the reading before. */
  #lastMs: number | undefined;
  #isFirst = true;
  #readings = 0;

  private constructor(dir: string, limits: LogLimits, tail: LogFile) {
    this.#dir = dir;
    this.#limits = limits;
    this.#tail = tail;
  }

  /**
   * Opens a log, and creates it where there is none. What was not written to its end is cut off.
   *
   * @throws {NatsxError} usage — not a log, of a newer natsx, or it cannot be written
   */
  static async open(dir: string, limits: LogLimits): Promise<LogWriter> {
    const { segments, hasTail } = await listLog(dir);
    const content = hasTail ? await readLogFile(dir, TAIL_FILE) : undefined;
    const { frames, end } = readFrames(content ?? new Uint8Array());
    const tail = await LogFile.open(join(dir, TAIL_FILE), end);
    const writer = new LogWriter(dir, limits, tail);
    try {
      for (const name of segments) await writer.#addSegment(name, name === segments.at(-1));
      await writer.#takeTail(frames);
    } catch (error) {
      await tail.close();
      throw error;
    }
    return writer;
  }

  /** Readings that this process has written. */
  get readings(): number {
    return this.#readings;
  }

  /** Of the whole log. */
  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, this.#tail.length);
  }

  /** The next reading begins a block. */
  get isAtStart(): boolean {
    return this.#waiting.length === 0 || this.#isFirst;
  }

  /** @throws {NatsxError} usage — it cannot be written; the log is as it was before */
  async append(trees: ReadingTrees, stamp: ReadingStamp): Promise<void> {
    const names = new Names();
    const frame: Frame = {
      first: this.#next,
      readings: 1,
      fromMs: stamp.atMs,
      toMs: stamp.atMs,
      everyMs: stamp.everyMs,
      gaps: stamp.gaps ?? this.#gapBefore(stamp),
      payload: packBlock(readingBlock(trees, names), names, false),
    };
    await this.#tail.append(frameBytes(frame));
    this.#waiting.push(frame);
    this.#next += 1;
    this.#readings += 1;
    this.#lastMs = stamp.atMs;
    this.#isFirst = false;
    if (this.#waiting.length >= BLOCK_READINGS) await this.#compact();
    await this.#forget(stamp.atMs);
  }

  /**
   * Writes a block of readings of another log. No single readings may wait.
   *
   * @throws {NatsxError} usage — it cannot be written
   */
  async appendBlock(block: Block, names: Names, span: BlockSpan): Promise<void> {
    const head = { ...span, first: this.#next, readings: block.readings };
    const payload = packBlock(block, names, true);
    await this.#appendBlock(frameBytes({ ...head, payload }), head, head);
    this.#next += block.readings;
    this.#readings += block.readings;
    this.#lastMs = span.toMs;
  }

  async close(): Promise<void> {
    await this.#tail.close();
  }

  #gapBefore({ atMs, everyMs, wasDisconnected }: ReadingStamp): readonly HistoryGap[] {
    const fromMs = this.#lastMs;
    if (fromMs === undefined) return [];
    const gap = (reason: HistoryGap['reason']): readonly HistoryGap[] => [
      { fromMs, toMs: atMs, reason },
    ];
    if (this.#isFirst) return gap('stopped');
    const late = atMs - fromMs - everyMs;
    if (wasDisconnected && late > everyMs / 2) return gap('disconnected');
    return late > Math.max(1.5 * everyMs, SLOW_READING_MS) ? gap('late') : [];
  }

  async #addSegment(name: string, isLast: boolean): Promise<void> {
    const content = await readLogFile(this.#dir, name);
    const path = join(this.#dir, name);
    if (content === undefined) return;
    const { frames, end } = readFrames(content);
    const last = frames.at(-1);
    if (isLast && last === undefined) {
      // It was begun by a program that was killed at that moment.
      await unlink(path);
      return;
    }
    if (isLast && end < content.length) await truncated(path, end);
    // One that cannot be read is as old as the one before it.
    const knownMs = this.#segments.at(-1)?.toMs ?? Date.now();
    this.#segments.push({
      path,
      bytes: isLast ? end : content.length,
      fromMs: frames[0]?.fromMs ?? knownMs,
      toMs: last?.toMs ?? knownMs,
    });
    if (last === undefined) return;
    this.#next = Math.max(this.#next, last.first + last.readings);
    this.#lastMs = last.toMs;
  }

  /** Readings that are in a block already were left by a program that was killed at that moment. */
  async #takeTail(frames: readonly Frame[]): Promise<void> {
    const fresh = frames.filter(({ first }) => first >= this.#next);
    if (fresh.length === 0 && frames.length > 0) await this.#tail.empty();
    const last = fresh.at(-1);
    this.#waiting = fresh;
    if (last === undefined) return;
    this.#next = last.first + last.readings;
    this.#lastMs = last.toMs;
  }

  /** Makes one block of the readings that wait. They stay where they are until it is on the disk. */
  async #compact(): Promise<void> {
    const [first] = this.#waiting;
    const last = this.#waiting.at(-1);
    if (first === undefined || last === undefined) return;
    const names = new Names();
    const block = joinBlocks(this.#waiting.map(({ payload }) => unpackBlock(payload, names)));
    const bytes = frameBytes({
      first: first.first,
      readings: block.readings,
      fromMs: first.fromMs,
      toMs: last.toMs,
      everyMs: last.everyMs,
      gaps: this.#waiting.flatMap(({ gaps }) => gaps),
      payload: packBlock(block, names, true),
    });
    await this.#appendBlock(bytes, first, last);
    await this.#tail.empty();
    this.#waiting = [];
  }

  async #appendBlock(bytes: Uint8Array, first: FrameHead, last: FrameHead): Promise<void> {
    const known = this.#segments.at(-1);
    const goesOn =
      known !== undefined &&
      first.fromMs - known.fromMs < SEGMENT_MS &&
      known.bytes + bytes.length <= this.#limits.maxBytes * SEGMENT_SHARE;
    const segment = goesOn
      ? known
      : { path: join(this.#dir, segmentName(first.first)), bytes: 0, fromMs: first.fromMs };
    const file = await LogFile.open(segment.path, segment.bytes);
    try {
      await file.append(bytes);
    } finally {
      await file.close();
    }
    if (goesOn) this.#segments.pop();
    this.#segments.push({ ...segment, bytes: file.length, toMs: last.toMs });
  }

  /** Removes the oldest files until the rest is neither too old nor too large. */
  async #forget(nowMs: number): Promise<void> {
    const { keepMs, maxBytes } = this.#limits;
    for (;;) {
      const [oldest] = this.#segments;
      if (oldest === undefined || this.#segments.length === 1) return;
      if (nowMs - oldest.toMs <= keepMs && this.bytes <= maxBytes) return;
      await unlink(oldest.path).catch(() => undefined);
      this.#segments.shift();
    }
  }
}

/** A file that is appended to, with the first line that all files of a log have. */
class LogFile {
  readonly #path: string;
  readonly #file: FileHandle;
  #length: number;

  private constructor(path: string, file: FileHandle, length: number) {
    this.#path = path;
    this.#file = file;
    this.#length = length;
  }

  /** @param length what is to be kept of it */
  static async open(path: string, length: number): Promise<LogFile> {
    let file: FileHandle | undefined;
    try {
      file = await open(path, 'a', 0o600);
      if ((await file.stat()).size === 0) await syncFolder(dirname(path));
      await file.truncate(length);
      const log = new LogFile(path, file, length);
      if (length < firstLine().length) {
        await log.empty();
        await log.append(new TextEncoder().encode(firstLine()));
      }
      return log;
    } catch (error) {
      await file?.close();
      throw cannotWrite(path, error);
    }
  }

  get length(): number {
    return this.#length;
  }

  /** All of it, or nothing. */
  async append(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length;) {
        at += (await this.#file.write(bytes, at)).bytesWritten;
      }
      await this.#file.datasync();
    } catch (error) {
      await this.#file.truncate(this.#length).catch(() => undefined);
      throw cannotWrite(this.#path, error);
    }
    this.#length += bytes.length;
  }

  /** Leaves the first line, if there is one. */
  async empty(): Promise<void> {
    const length = Math.min(this.#length, firstLine().length);
    this.#length = length < firstLine().length ? 0 : length;
    await this.#file.truncate(this.#length);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** A new file is in its folder after this, whatever happens to the machine. */
async function syncFolder(dir: string): Promise<void> {
  // Not every system opens folders.
  const folder = await open(dir, 'r').catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}

async function truncated(path: string, length: number): Promise<void> {
  const file = await LogFile.open(path, length);
  await file.close();
}

function cannotWrite(path: string, error: unknown): Error {
  const failure = fileError('write the history', path, error);
  if (failure === error) return failure;
  return usageError(
    failure.message,
    'make room, or name a folder elsewhere; the history is whole up to here',
  );
}

/**
 * Makes sure that a folder may become a log.
 *
 * @throws {NatsxError} usage — it is a file, cannot be created, or has other files
 */
export async function prepareFolder(dir: string): Promise<void> {
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    if (!(await stat(dir)).isDirectory()) throw usageError(`${quoted(dir)} is not a folder`);
  } catch (error) {
    const isFile = (error as NodeJS.ErrnoException).code === 'EEXIST';
    if (isFile) throw usageError(`${quoted(dir)} is not a folder`, 'name a folder for the history');
    throw fileError('create the folder', dir, error);
  }
  const { segments, hasTail, others } = await listLog(dir);
  if (segments.length === 0 && !hasTail && others.length > 0) {
    throw usageError(
      `${quoted(dir)} has other files and no history`,
      'name an empty folder, or one that does not exist yet',
    );
  }
}
