/** A piece of a frame. */
export interface FramePiece {
  readonly bytes: Uint8Array;
  /** Whether the frame ends with it. */
  readonly ends: boolean;
}

/** `28 B5 2F FD`, read as a little-endian number. */
const MAGIC = 0xfd2fb528;
/** Sixteen numbers from here on begin frames of somebody else's data, which decompress to nothing. */
const SKIPPABLE = 0x184d2a50;
const BLOCK_HEADER_BYTES = 3;
const CHECKSUM_BYTES = 4;
const REPEATED_BYTE = 1;

type Part = 'magic' | 'descriptor' | 'header' | 'block' | 'content' | 'checksum' | 'size';

/**
 * Finds where the frames of zstd data begin and end (RFC 8878, section 3.1), without decompressing. Node.js
 * decompresses one frame, takes a second one for an error, and a half one for a whole one.
 */
export class ZstdFrames {
  #part: Part = 'magic';
  /** Bytes of this part that are still to come. */
  #left = 4;
  /** The part's bytes as a little-endian number, for parts that are numbers. */
  #number = 0;
  #place = 0;
  #hasChecksum = false;
  #isLast = false;
  #isInside = false;

  /** Whether the data ends in the middle of a frame. */
  get isInside(): boolean {
    return this.#isInside;
  }

  /** Cuts what comes next into pieces that belong to one frame each. @throws {RangeError} it is no zstd data */
  push(bytes: Uint8Array): readonly FramePiece[] {
    const pieces: FramePiece[] = [];
    let start = 0;
    let at = 0;
    while (at < bytes.length) {
      this.#isInside = true;
      const step = Math.min(this.#left, bytes.length - at);
      if (this.#left <= 4) this.#read(bytes, at, step);
      at += step;
      this.#left -= step;
      while (this.#left === 0) this.#next();
      if (this.isInside) continue;
      pieces.push({ bytes: bytes.subarray(start, at), ends: true });
      start = at;
    }
    if (start < at) pieces.push({ bytes: bytes.subarray(start, at), ends: false });
    return pieces;
  }

  #read(bytes: Uint8Array, at: number, count: number): void {
    for (let byte = 0; byte < count; byte += 1) {
      this.#number += (bytes[at + byte] ?? 0) * 2 ** (8 * this.#place);
      this.#place += 1;
    }
  }

  #expect(part: Part, byteCount: number): void {
    this.#part = part;
    this.#left = byteCount;
    this.#number = 0;
    this.#place = 0;
  }

  /** Goes on behind a part. */
  #next(): void {
    switch (this.#part) {
      case 'magic': {
        this.#afterMagic();
        return;
      }
      case 'descriptor':
        this.#hasChecksum = (this.#number & 4) !== 0;
        {
          this.#expect('header', headerBytes(this.#number));
          return;
        }
      case 'size':
        this.#isLast = true;
        this.#hasChecksum = false;
        {
          this.#expect('content', this.#number);
          return;
        }
      case 'header': {
        this.#expect('block', BLOCK_HEADER_BYTES);
        return;
      }
      case 'block': {
        this.#afterBlockHeader();
        return;
      }
      case 'content': {
        this.#afterContent();
        return;
      }
      case 'checksum': {
        this.#end();
        return;
      }
    }
  }

  #afterMagic(): void {
    if (this.#number === MAGIC) this.#expect('descriptor', 1);
    else if (this.#number >= SKIPPABLE && this.#number < SKIPPABLE + 16) this.#expect('size', 4);
    else throw new RangeError('no zstd frame begins here');
  }

  #afterBlockHeader(): void {
    this.#isLast = (this.#number & 1) === 1;
    const type = (this.#number >> 1) & 3;
    this.#expect('content', type === 1 ? REPEATED_BYTE : this.#number >> 3);
  }

  #afterContent(): void {
    if (!this.#isLast) this.#expect('block', BLOCK_HEADER_BYTES);
    else if (this.#hasChecksum) this.#expect('checksum', CHECKSUM_BYTES);
    else this.#end();
  }

  #end(): void {
    this.#expect('magic', 4);
    this.#isInside = false;
  }
}

/** Bytes of a frame's header behind its descriptor: window, dictionary and size of the content. */
function headerBytes(descriptor: number): number {
  const isSingle = (descriptor & 32) !== 0;
  const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const size = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  return (isSingle ? 0 : 1) + dictionary + size;
}
