import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { fileError } from '../../connection/file-error.js';
import { fileVersion, readFrames, type FrameHead, type HistoryGap } from '../model/frame.js';
import type { HistoryCoverage } from '../model/coverage.js';
import { readingsOf, type ReadingTrees } from '../model/reading.js';
import { Names } from '../model/row.js';
import {
  filesWith,
  listLog,
  notALog,
  readLogFile,
  TAIL_FILE,
  type WantedTimes,
} from './log-files.js';
import { unpackBlock } from './payload.js';

/** A block of a log, and where its bytes are. */
interface PlacedFrame extends FrameHead {
  readonly file: string;
  readonly offset: number;
  readonly length: number;
  /** Of readings that may move into a block at any time. */
  readonly payload?: Uint8Array | undefined;
  /** What is between it and the one before was not read. */
  readonly isAfterSkipped?: boolean | undefined;
}

export interface HistoryReading {
  readonly number: number;
  readonly trees: ReadingTrees;
  /** Something before it could not be read. */
  readonly isAfterDamage: boolean;
}

/** A log as it was when it was opened; it may be written meanwhile. */
export class HistoryLog {
  readonly #dir: string;
  readonly #frames: readonly PlacedFrame[];
  /** What was found in each file with blocks. */
  readonly #files: ReadonlyMap<string, FileFrames>;
  readonly coverage: HistoryCoverage;

  private constructor(
    dir: string,
    frames: readonly PlacedFrame[],
    files: ReadonlyMap<string, FileFrames>,
    { fromMs, damaged, bytes }: Pick<HistoryCoverage, 'fromMs' | 'damaged' | 'bytes'>,
  ) {
    this.#dir = dir;
    this.#frames = frames;
    this.#files = files;
    this.coverage = {
      fromMs: fromMs ?? frames[0]?.fromMs,
      toMs: frames.at(-1)?.toMs,
      gaps: gapsOf(frames),
      damaged,
      readings: frames.reduce((sum, { readings }) => sum + readings, 0),
      everyMs: frames.at(-1)?.everyMs ?? 0,
      bytes,
    };
  }

  /**
   * @param earlier the same log, opened before: files that have not changed since are not read again
   * @param wanted the times that will be read, when the last reading is of that time. Files with other times alone are not
   *   read, so that their gaps and damages are unknown. @default all
   * @throws {NatsxError} usage — not a log, one of a newer natsx, or unreadable
   */
  static async open(
    dir: string,
    earlier?: HistoryLog,
    wanted: (lastMs: number) => WantedTimes = () => ({}),
  ): Promise<HistoryLog> {
    await checkFolder(dir);
    // First what moves to the others, so that nothing is missed that moves meanwhile.
    const tail = await framesOf(dir, TAIL_FILE, undefined);
    const { segments, hasTail } = await listLog(dir);
    if (segments.length === 0 && !hasTail) throw notALog(dir);
    const latest = segments.at(-1);
    const filesOf = (name: string): Promise<FileFrames> =>
      framesOf(dir, name, earlier === undefined ? undefined : earlier.#files.get(name));
    const last = latest === undefined ? NO_FRAMES : await filesOf(latest);
    const lastMs = (tail.frames.at(-1) ?? last.frames.at(-1))?.toMs ?? 0;
    const { fromMs, kept } = await filesWith(dir, segments, wanted(lastMs));
    const files = new Map<string, FileFrames>();
    for (const name of kept) files.set(name, name === latest ? last : await filesOf(name));
    const { frames, damaged, bytes, isLog } = joined(files, segments, tail);
    if (!isLog) throw notALog(dir);
    return new HistoryLog(dir, frames, files, { fromMs, damaged, bytes });
  }

  /**
   * Readings in order, from the block before the one with that time, so that windows can be made of them.
   *
   * @param wants which sections are read
   */
  async *readings(
    { fromMs = -Infinity, toMs = Infinity }: { readonly fromMs?: number; readonly toMs?: number },
    wants?: (section: string) => boolean,
  ): AsyncGenerator<HistoryReading> {
    let next: number | undefined;
    const from = Math.max(0, this.#firstWith(fromMs));
    for (const frame of this.#frames.slice(from)) {
      if (frame.fromMs > toMs) return;
      const payload = await this.#payload(frame);
      if (payload === undefined) continue;
      const names = new Names();
      let number = frame.first;
      for (const trees of readingsOf(unpackBlock(payload, names, wants), names)) {
        yield { number, trees, isAfterDamage: next !== undefined && number !== next };
        number += 1;
        next = number;
      }
    }
  }

  /** A few single readings, or one block, before the block that holds the time. */
  #firstWith(fromMs: number): number {
    const holding = this.#frames.findIndex(({ toMs }) => toMs >= fromMs);
    let first = holding < 0 ? this.#frames.length : holding;
    let before = 0;
    while (first > 0 && before < READINGS_BEFORE) {
      first -= 1;
      before += this.#frames[first]?.readings ?? 0;
    }
    return first;
  }

  /** Undefined where the file was removed since the log was opened. */
  async #payload(frame: PlacedFrame): Promise<Uint8Array | undefined> {
    if (frame.payload !== undefined) return frame.payload;
    const { file, offset, length } = frame;
    const handle = await open(join(this.#dir, file), 'r').catch(() => undefined);
    if (handle === undefined) return undefined;
    try {
      const bytes = new Uint8Array(length);
      const { bytesRead } = await handle.read(bytes, 0, length, offset);
      return bytesRead === length ? bytes : undefined;
    } finally {
      await handle.close();
    }
  }
}

/** What a closed connection or an earlier sample of a window may be in. */
const READINGS_BEFORE = 64;

interface FileFrames {
  readonly frames: readonly PlacedFrame[];
  readonly damaged: number;
  /** It ends with the beginning of a block. */
  readonly torn: boolean;
  readonly bytes: number;
  readonly changedMs: number;
  /** It has the first line of a log, or a block. */
  readonly isLog: boolean;
}

const NO_FRAMES = { frames: [], damaged: 0, torn: false, bytes: 0, changedMs: 0, isLog: false };

async function framesOf(
  dir: string,
  file: string,
  earlier: FileFrames | undefined,
): Promise<FileFrames> {
  const found = await stat(join(dir, file)).catch(() => undefined);
  const changedMs = found?.mtimeMs ?? 0;
  if (earlier !== undefined && found?.size === earlier.bytes && changedMs === earlier.changedMs) {
    return earlier;
  }
  const content = await readLogFile(dir, file);
  if (content === undefined) return NO_FRAMES;
  const { frames, damaged, torn } = readFrames(content);
  return {
    frames: frames.map(({ payload, ...head }) => ({
      ...head,
      file,
      offset: payload.byteOffset - content.byteOffset,
      length: payload.length,
      ...(file === TAIL_FILE ? { payload } : {}),
    })),
    damaged,
    torn,
    bytes: content.length,
    changedMs,
    isLog: frames.length > 0 || fileVersion(content) === 'this',
  };
}

/** @throws {NatsxError} usage — there is none, or it is a file */
async function checkFolder(dir: string): Promise<void> {
  const found = await stat(dir).catch((error: unknown) => {
    throw fileError('read the history', dir, error);
  });
  if (!found.isDirectory()) throw notALog(dir);
}

/** The blocks of some of a log's files, and the readings of its tail that are not among them. */
function joined(
  files: ReadonlyMap<string, FileFrames>,
  segments: readonly string[],
  tail: FileFrames,
): Pick<FileFrames, 'frames' | 'damaged' | 'bytes' | 'isLog'> {
  const frames: PlacedFrame[] = [];
  let { damaged, bytes, isLog } = tail;
  let before = -1;
  for (const [name, own] of files) {
    const place = segments.indexOf(name);
    frames.push(...(place === before + 1 ? own.frames : own.frames.map(afterSkipped)));
    before = place;
    // Only what is being written may end early.
    damaged += own.damaged + (own.torn && place < segments.length - 1 ? 1 : 0);
    bytes += own.bytes;
    isLog ||= own.isLog;
  }
  const end = frames.at(-1);
  const next = end === undefined ? 0 : end.first + end.readings;
  frames.push(...tail.frames.filter(({ first }) => first >= next));
  return { frames, damaged, bytes, isLog };
}

function afterSkipped(frame: PlacedFrame, place: number): PlacedFrame {
  return place === 0 ? { ...frame, isAfterSkipped: true } : frame;
}

function gapsOf(frames: readonly PlacedFrame[]): readonly HistoryGap[] {
  const gaps: HistoryGap[] = [];
  let before: PlacedFrame | undefined;
  for (const frame of frames) {
    const next = frame.isAfterSkipped === true ? undefined : before;
    if (next !== undefined && frame.first !== next.first + next.readings) {
      gaps.push({ fromMs: next.toMs, toMs: frame.fromMs, reason: 'damaged' });
    }
    gaps.push(...frame.gaps);
    before = frame;
  }
  return gaps;
}
