import { isTextSubject, subjectBytes } from '../core/subject/subject-bytes.js';

/** As text or encoded. */
export type ReplySubject = string | Uint8Array;

/** What goes into one PUB or HPUB frame. */
export interface PublishFrame {
  readonly subject: string;
  /** Encoded, it is copied like the payload. */
  readonly reply?: ReplySubject | undefined;
  /** A whole headers block, as `encodeHeadersBlock` makes it. */
  readonly headersBlock?: Uint8Array | undefined;
  readonly payload: Uint8Array;
}

/** An encoded frame in which a counter of fixed width is replaced from message to message. */
export interface NumberedFrame {
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly digits: number;
}

const PUB = Buffer.from('PUB ');
const HPUB = Buffer.from('HPUB ');
const SPACE = 32;
const CR = 13;
const LF = 10;
const ZERO = 48;
/** Below this many bytes a loop beats the call of TypedArray#set. */
const SMALL = 24;
/** Encoded subjects that are cached; more than a publisher usually alternates between. */
const KNOWN_SUBJECTS = 256;
/** Room for the verb, the blanks, two sizes and the line ends. */
const FRAMING_BYTES = 48;

/** A growing buffer of encoded frames, so that many messages go out in one write. */
export class FrameBuffer {
  #bytes: Buffer;
  #length = 0;
  #subject = '';
  #subjectBytes: Buffer = Buffer.alloc(0);
  readonly #known = new Map<string, Buffer>();

  constructor(initialBytes: number = 64 * 1024) {
    this.#bytes = Buffer.allocUnsafeSlow(initialBytes);
  }

  /** Bytes encoded so far. */
  get length(): number {
    return this.#length;
  }

  /** Encodes one message: PUB, or HPUB when there are headers. The payload is copied. */
  publish(frame: PublishFrame): void {
    const { headersBlock, payload } = frame;
    if (frame.subject !== this.#subject) this.#lookUp(frame.subject);
    const headersSize = headersBlock === undefined ? 0 : headersBlock.length;
    const replySize = frame.reply === undefined ? 0 : 3 * frame.reply.length + 1;
    this.#reserve(
      FRAMING_BYTES + this.#subjectBytes.length + replySize + headersSize + payload.length,
    );
    this.#put(headersBlock === undefined ? PUB : HPUB);
    this.#put(this.#subjectBytes);
    this.#bytes[this.#length++] = SPACE;
    if (frame.reply !== undefined) {
      if (typeof frame.reply === 'string') {
        if (isTextSubject(frame.reply))
          this.#length += this.#bytes.write(frame.reply, this.#length, 'utf8');
        else this.#put(subjectBytes(frame.reply));
      } else {
        this.#put(frame.reply);
      }
      this.#bytes[this.#length++] = SPACE;
    }
    if (headersBlock !== undefined) {
      this.#putNumber(headersSize);
      this.#bytes[this.#length++] = SPACE;
    }
    this.#putNumber(headersSize + payload.length);
    this.#endLine();
    if (headersBlock !== undefined) this.#put(headersBlock);
    this.#put(payload);
    this.#endLine();
  }

  /** Appends frames that are already encoded. */
  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#put(bytes);
  }

  /** Appends a line of the protocol; the line end is added. */
  line(text: string): void {
    this.#reserve(3 * text.length + 2);
    this.#length += this.#bytes.write(text, this.#length, 'utf8');
    this.#endLine();
  }

  /** Appends a prepared frame with `number` in its place, zero-padded. */
  appendNumbered(frame: NumberedFrame, number: number): void {
    this.#reserve(frame.bytes.length);
    const start = this.#length + frame.offset;
    this.#put(frame.bytes);
    putDigits(this.#bytes, start, frame.digits, number);
  }

  /** The encoded frames, in place: valid until the next call that encodes or clears. */
  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Discards the encoded frames and keeps the memory. */
  clear(): void {
    this.#length = 0;
  }

  #lookUp(subject: string): void {
    let bytes = this.#known.get(subject);
    if (bytes === undefined) {
      if (this.#known.size >= KNOWN_SUBJECTS) this.#known.clear();
      bytes = subjectBytes(subject);
      this.#known.set(subject, bytes);
    }
    this.#subject = subject;
    this.#subjectBytes = bytes;
  }

  /** Grows by doubling, so that not every frame copies the buffer. */
  #reserve(size: number): void {
    const wanted = this.#length + size;
    if (wanted <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(wanted, 2 * this.#bytes.length));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }

  #put(bytes: Uint8Array): void {
    const start = this.#length;
    if (bytes.length > SMALL) {
      this.#bytes.set(bytes, start);
    } else {
      for (let at = 0; at < bytes.length; at++) this.#bytes[start + at] = bytes[at] ?? 0;
    }
    this.#length = start + bytes.length;
  }

  #putNumber(number: number): void {
    let digits = 1;
    for (let bound = 10; bound <= number; bound *= 10) digits++;
    putDigits(this.#bytes, this.#length, digits, number);
    this.#length += digits;
  }

  #endLine(): void {
    this.#bytes[this.#length++] = CR;
    this.#bytes[this.#length++] = LF;
  }
}

/** Writes the last `digits` digits of a whole number, zero-padded. */
export function putDigits(bytes: Uint8Array, start: number, digits: number, number: number): void {
  let rest = number;
  for (let at = start + digits - 1; at >= start; at--) {
    const tens = Math.floor(rest / 10);
    bytes[at] = ZERO + rest - tens * 10;
    rest = tens;
  }
}

/** The bytes of one PUB or HPUB frame. */
export function encodePublish(frame: PublishFrame): Buffer {
  const buffer = new FrameBuffer(FRAMING_BYTES + frame.payload.length);
  buffer.publish(frame);
  return Buffer.from(buffer.bytes());
}

/** Copies of one frame in one buffer of at most `maxBytes` (at least one copy): for a publisher at full speed. */
export function repeatFrame(
  frame: Uint8Array,
  maxBytes: number,
): { readonly bytes: Buffer; readonly frames: number } {
  const frames = Math.max(1, Math.floor(maxBytes / frame.length));
  const bytes = Buffer.allocUnsafeSlow(frames * frame.length);
  for (let at = 0; at < bytes.length; at += frame.length) bytes.set(frame, at);
  return { bytes, frames };
}
