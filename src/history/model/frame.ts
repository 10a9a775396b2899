import { crc32 } from '../../core/values/crc32.js';

/** The first line of each file of a log. A number that is higher than this is of a newer natsx. */
const HISTORY_SCHEMA = 'natsx.history/1';
const FIRST_LINE = /^natsx\.history\/(\d+)\n/;

/** A time without readings. */
export interface HistoryGap {
  readonly fromMs: number;
  readonly toMs: number;
  readonly reason: 'stopped' | 'disconnected' | 'late' | 'damaged';
}

/** What is known of a block without reading it. */
export interface FrameHead {
  /** Numbers of its readings, counted over the whole log. */
  readonly first: number;
  readonly readings: number;
  /** Times of the first and the last of them, by the server's clock. */
  readonly fromMs: number;
  readonly toMs: number;
  /** How far apart readings were meant to be. */
  readonly everyMs: number;
  /** Gaps that ended with one of its readings. */
  readonly gaps: readonly HistoryGap[];
}

/** A block as it is in a file. */
export interface Frame extends FrameHead {
  /** Compressed. */
  readonly payload: Uint8Array;
}

const MARK = 0x4248584e;
const HEAD_BYTES = 48;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * The bytes of a frame: mark, CRC-32 of all that follows, length of the payload, number of readings, number of the
 * first, times, interval, length of the list of gaps, gaps, payload.
 */
export function frameBytes(frame: Frame): Uint8Array {
  const { payload } = frame;
  const gaps =
    frame.gaps.length === 0 ? new Uint8Array() : encoder.encode(JSON.stringify(frame.gaps));
  const bytes = new Uint8Array(HEAD_BYTES + gaps.length + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MARK, true);
  view.setUint32(8, payload.length, true);
  view.setUint32(12, frame.readings, true);
  view.setFloat64(16, frame.first, true);
  view.setFloat64(24, frame.fromMs, true);
  view.setFloat64(32, frame.toMs, true);
  view.setUint32(40, frame.everyMs, true);
  view.setUint32(44, gaps.length, true);
  bytes.set(gaps, HEAD_BYTES);
  bytes.set(payload, HEAD_BYTES + gaps.length);
  view.setUint32(4, crc32(bytes, 8, bytes.length), true);
  return bytes;
}

/** What was found in a file of a log. */
export interface FileContent {
  readonly frames: readonly Frame[];
  /** Stretches that are not whole blocks. */
  readonly damaged: number;
  /** The file ends with the beginning of a block; this is where the last whole one ends. */
  readonly torn: boolean;
  readonly end: number;
}

export type FileVersion = 'this' | 'newer' | 'none';

/** Whether a file is one of a log that this natsx can read. */
export function fileVersion(bytes: Uint8Array): FileVersion {
  const head = String.fromCharCode(...bytes.subarray(0, 64));
  const version = FIRST_LINE.exec(head)?.[1];
  if (version === undefined) return isBeginning(bytes) ? 'this' : 'none';
  return Number(version) === 1 ? 'this' : 'newer';
}

/** A file that was created just before the program was killed. */
function isBeginning(bytes: Uint8Array): boolean {
  const line = firstLine();
  return bytes.length < line.length && line.startsWith(String.fromCharCode(...bytes));
}

export function firstLine(): string {
  return `${HISTORY_SCHEMA}\n`;
}

/** When the first reading of a file was, by its first bytes alone; undefined if they are not what they should be. */
export function firstTime(bytes: Uint8Array): number | undefined {
  const at = firstLine().length;
  if (fileVersion(bytes) !== 'this' || bytes.length < at + HEAD_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.getUint32(at, true) === MARK ? view.getFloat64(at + 24, true) : undefined;
}

/** Every whole block of a file; after a damaged one it goes on with the next that is whole. */
export function readFrames(bytes: Uint8Array): FileContent {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const frames: Frame[] = [];
  let damaged = 0;
  // A first line that was damaged does not make the rest unreadable.
  let end = fileVersion(bytes) === 'this' ? Math.min(firstLine().length, bytes.length) : 0;
  let at = end;
  while (at < bytes.length) {
    const frame = frameAt(bytes, view, at);
    if (frame === undefined) {
      at = nextMark(bytes, at + 1);
      continue;
    }
    if (at !== end) damaged += 1;
    frames.push(frame);
    at = frame.payload.byteOffset - bytes.byteOffset + frame.payload.length;
    end = at;
  }
  const torn = end < bytes.length && endOf(bytes, view, end) > bytes.length;
  return { frames, damaged: damaged + (end < bytes.length && !torn ? 1 : 0), torn, end };
}

/** Where the frame that begins here ends, as far as can be seen. */
function endOf(bytes: Uint8Array, view: DataView, at: number): number {
  if (at + HEAD_BYTES > bytes.length) return Infinity;
  return at + HEAD_BYTES + view.getUint32(at + 8, true) + view.getUint32(at + 44, true);
}

function frameAt(bytes: Uint8Array, view: DataView, at: number): Frame | undefined {
  const end = endOf(bytes, view, at);
  if (end > bytes.length || view.getUint32(at, true) !== MARK) return undefined;
  if (crc32(bytes, at + 8, end) !== view.getUint32(at + 4, true)) return undefined;
  const from = at + HEAD_BYTES + view.getUint32(at + 44, true);
  const gaps = decoder.decode(bytes.subarray(at + HEAD_BYTES, from));
  return {
    readings: view.getUint32(at + 12, true),
    first: view.getFloat64(at + 16, true),
    fromMs: view.getFloat64(at + 24, true),
    toMs: view.getFloat64(at + 32, true),
    everyMs: view.getUint32(at + 40, true),
    gaps: gaps === '' ? [] : (JSON.parse(gaps) as readonly HistoryGap[]),
    payload: bytes.subarray(from, end),
  };
}

function nextMark(bytes: Uint8Array, from: number): number {
  let at = bytes.indexOf(MARK & 0xff, from);
  while (at >= 0 && at + 4 <= bytes.length) {
    if (bytes[at + 1] === 0x58 && bytes[at + 2] === 0x48 && bytes[at + 3] === 0x42) return at;
    at = bytes.indexOf(MARK & 0xff, at + 1);
  }
  return bytes.length;
}
