const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** Cuts a stream of bytes at a delimiter, wherever the stream's chunks happen to end. */
export class LineSplitter {
  readonly #delimiter: Buffer;
  /** Lines of text may come from Windows; with any other delimiter every byte counts. */
  readonly #dropsCarriageReturn: boolean;
  #rest: Buffer[] = [];
  #restBytes = 0;

  /** @param delimiter at least one byte; with a line feed, a carriage return before it is dropped */
  constructor(delimiter: Uint8Array = Uint8Array.of(LINE_FEED)) {
    this.#delimiter = Buffer.from(delimiter);
    this.#dropsCarriageReturn = delimiter.length === 1 && delimiter[0] === LINE_FEED;
  }

  /** Bytes of the line that has not ended yet. */
  get pendingBytes(): number {
    return this.#restBytes;
  }

  /** The lines that `chunk` completes, without their delimiters; views into it where possible. */
  push(chunk: Buffer): Buffer[] {
    const bytes = this.#joined(chunk);
    const lines: Buffer[] = [];
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(this.#delimiter, start);
      if (end < 0) break;
      lines.push(this.#line(bytes, start, end));
      start = end + this.#delimiter.length;
    }
    if (start < bytes.length) this.#keep(bytes.subarray(start));
    return lines;
  }

  /** The last line when the stream ends without a delimiter after it. */
  end(): Buffer | undefined {
    if (this.#restBytes === 0) return undefined;
    const last = this.#takeRest();
    return this.#line(last, 0, last.length);
  }

  /** A chunk in the middle of a long line is only put aside, so that such a line costs no repeated copies. */
  #joined(chunk: Buffer): Buffer {
    if (this.#restBytes === 0) return chunk;
    if (this.#delimiter.length === 1 && !chunk.includes(this.#delimiter)) {
      this.#keep(chunk);
      return Buffer.alloc(0);
    }
    this.#keep(chunk);
    return this.#takeRest();
  }

  #keep(bytes: Buffer): void {
    this.#rest.push(bytes);
    this.#restBytes += bytes.length;
  }

  #takeRest(): Buffer {
    const [only] = this.#rest;
    const all = this.#rest.length === 1 && only !== undefined ? only : Buffer.concat(this.#rest);
    this.#rest = [];
    this.#restBytes = 0;
    return all;
  }

  #line(bytes: Buffer, start: number, end: number): Buffer {
    const cut = this.#dropsCarriageReturn && end > start && bytes[end - 1] === CARRIAGE_RETURN;
    return bytes.subarray(start, cut ? end - 1 : end);
  }
}
