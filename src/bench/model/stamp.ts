/**
 * The first bytes of a measured message, little endian: sequence (4) · publisher (2) · pass (2) · intended send time in
 * ns (6). Bodies below 14 bytes carry only the first 8 (no one-way latency), below 8 nothing (messages are counted).
 */
export const STAMP_BYTES = 14;
/** Sequence, publisher and pass: enough to check loss, duplicates and order. */
const SEQUENCE_BYTES = 8;

const TWO_POW_32 = 2 ** 32;
/** Offset of the time within the stamp. */
const TIME_AT = 8;

/** The stamp that the smallest body of a run has room for. */
export type StampKind = 'none' | 'sequence' | 'sequence-and-time';

/** Which stamp fits into bodies of at least `smallestBytes`. */
export function stampKindFor(smallestBytes: number): StampKind {
  if (smallestBytes >= STAMP_BYTES) return 'sequence-and-time';
  return smallestBytes >= SEQUENCE_BYTES ? 'sequence' : 'none';
}

/** Writes publisher and pass, which are the same in all frames of a block. */
export function writeOrigin(target: Uint8Array, at: number, publisher: number, pass: number): void {
  target[at + 4] = publisher & 0xff;
  target[at + 5] = (publisher >>> 8) & 0xff;
  target[at + 6] = pass & 0xff;
  target[at + 7] = (pass >>> 8) & 0xff;
}

export function writeSequence(target: Uint8Array, at: number, sequence: number): void {
  target[at] = sequence & 0xff;
  target[at + 1] = (sequence >>> 8) & 0xff;
  target[at + 2] = (sequence >>> 16) & 0xff;
  target[at + 3] = (sequence >>> 24) & 0xff;
}

/** @param timeNs nanoseconds since the run's epoch; 48 bits hold 78 hours */
export function writeTime(target: Uint8Array, at: number, timeNs: number): void {
  const high = Math.floor(timeNs / TWO_POW_32);
  const low = timeNs >>> 0;
  target[at + TIME_AT] = low & 0xff;
  target[at + TIME_AT + 1] = (low >>> 8) & 0xff;
  target[at + TIME_AT + 2] = (low >>> 16) & 0xff;
  target[at + TIME_AT + 3] = low >>> 24;
  target[at + TIME_AT + 4] = high & 0xff;
  target[at + TIME_AT + 5] = (high >>> 8) & 0xff;
}

/** The low 32 bits of the sequence. */
export function readSequence(bytes: Uint8Array, at: number): number {
  return (
    (byteAt(bytes, at) |
      (byteAt(bytes, at + 1) << 8) |
      (byteAt(bytes, at + 2) << 16) |
      (byteAt(bytes, at + 3) << 24)) >>>
    0
  );
}

export function readPublisher(bytes: Uint8Array, at: number): number {
  return byteAt(bytes, at + 4) | (byteAt(bytes, at + 5) << 8);
}

export function readPass(bytes: Uint8Array, at: number): number {
  return byteAt(bytes, at + 6) | (byteAt(bytes, at + 7) << 8);
}

/** Nanoseconds since the run's epoch. */
export function readTime(bytes: Uint8Array, at: number): number {
  const high = byteAt(bytes, at + TIME_AT + 4) | (byteAt(bytes, at + TIME_AT + 5) << 8);
  return high * TWO_POW_32 + readSequence(bytes, at + TIME_AT);
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}
