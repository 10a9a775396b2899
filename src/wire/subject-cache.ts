import { subjectTextIn } from '../core/subject/subject-bytes.js';

const SLOTS = 1024;

/**
 * Turns subject bytes into strings, and returns the same string object for the same bytes. Decoding takes some hundred
 * nanoseconds, comparing bytes only a few; most streams of messages repeat few subjects.
 */
export class SubjectCache {
  readonly #slots: (CachedSubject | undefined)[] = new Array<CachedSubject | undefined>(SLOTS);

  /** The text of `bytes[start, end)`. */
  text(bytes: Buffer, start: number, end: number): string {
    const slot = slotOf(bytes, start, end);
    const cached = this.#slots[slot];
    if (cached !== undefined && sameBytes(cached.bytes, bytes, start, end)) return cached.text;
    const text = subjectTextIn(bytes, start, end);
    this.#slots[slot] = { bytes: Buffer.from(bytes.subarray(start, end)), text };
    return text;
  }
}

interface CachedSubject {
  readonly bytes: Buffer;
  readonly text: string;
}

function slotOf(bytes: Buffer, start: number, end: number): number {
  let hash = end - start;
  for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + (bytes[at] ?? 0)) | 0;
  return (hash ^ (hash >>> 15)) & (SLOTS - 1);
}

function sameBytes(cached: Buffer, bytes: Buffer, start: number, end: number): boolean {
  if (cached.length !== end - start) return false;
  for (let at = 0; at < cached.length; at++) {
    if (cached[at] !== bytes[start + at]) return false;
  }
  return true;
}
