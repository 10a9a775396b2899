import type { MessageInPlace } from '../../core/message/message-in-place.js';
import {
  headersMembers,
  jsonString,
  payloadMember,
  subjectMembers,
} from '../../core/message/payload-json.js';
import type { StreamPlace } from '../../core/message/stream-place.js';

const QUOTE = 34;
const COMMA = 44;
const BACKSLASH = 92;
const ZERO = 48;
/** Subjects whose JSON is cached; more than a burst alternates between. */
const KNOWN_SUBJECTS = 4096;
/** Digits of a sequence. */
const MOST_DIGITS = 20;
/** Bytes of a line besides its subject, headers and payload. */
const FRAME_BYTES = 128;

/**
 * Encodes messages of one stream as lines, into one buffer. Most payloads are plain text, whose bytes are copied; making
 * a string of each would take as long as the rest of recording.
 */
export class RecordedLineEncoder {
  readonly #prefix: Buffer;
  readonly #batchBytes: number;
  readonly #subjects = new Map<string, Buffer>();
  #bytes: Buffer;
  #used = 0;
  #second = Number.NaN;
  #secondText: Buffer = Buffer.alloc(0);

  constructor(stream: string, batchBytes: number) {
    this.#prefix = Buffer.from(`{"stream":${jsonString(stream)},"seq":`);
    this.#batchBytes = batchBytes;
    this.#bytes = Buffer.allocUnsafeSlow(batchBytes);
  }

  get length(): number {
    return this.#used;
  }

  /** The encoded lines; they belong to the caller, and the encoder continues with new memory. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#used);
    this.#bytes = Buffer.allocUnsafeSlow(this.#batchBytes);
    this.#used = 0;
    return taken;
  }

  /** Adds the line of a message, line feed included. */
  add(message: MessageInPlace, place: StreamPlace): void {
    const { headers } = message;
    const subject = this.#subject(message.subject);
    const headersText = headersMembers(headers);
    const { buffer, payloadStart: start, payloadEnd: end } = message;
    const payload = isPlain(buffer, start, end) ? undefined : member(buffer.subarray(start, end));
    // Only as much as needed: a series of large messages would keep the garbage collector busy.
    const payloadBytes = payload === undefined ? end - start : Buffer.byteLength(payload);
    const fixed = this.#prefix.length + subject.length + FRAME_BYTES + 3 * headersText.length;
    this.#reserve(fixed + payloadBytes);
    this.#copy(this.#prefix);
    this.#number(place.seq);
    this.#time(place);
    this.#copy(subject);
    if (headersText !== '') this.#used += this.#bytes.write(headersText, this.#used);
    if (payload === undefined) this.#plainPayload(message);
    else this.#member(payload, payloadBytes);
    this.#used += this.#bytes.write('}\n', this.#used, 'latin1');
  }

  #subject(subject: string): Buffer {
    const known = this.#subjects.get(subject);
    if (known !== undefined) return known;
    const json = Buffer.from(subjectMembers('subject', subject));
    if (this.#subjects.size >= KNOWN_SUBJECTS) this.#subjects.clear();
    this.#subjects.set(subject, json);
    return json;
  }

  #time(place: StreamPlace): void {
    const second = Math.floor(place.timeMs / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#secondText = Buffer.from(
        `,"time":"${new Date(second * 1000).toISOString().slice(0, 20)}`,
      );
    }
    this.#copy(this.#secondText);
    this.#digits((place.timeMs - second * 1000) * 1_000_000 + place.restNs, 9);
    this.#used += this.#bytes.write('Z",', this.#used, 'latin1');
  }

  #plainPayload({ buffer, payloadStart: start, payloadEnd: end }: MessageInPlace): void {
    this.#used += this.#bytes.write(',"payload":"', this.#used, 'latin1');
    this.#used += buffer.copy(this.#bytes, this.#used, start, end);
    this.#bytes[this.#used++] = QUOTE;
  }

  /** @param size of the text in bytes; for ASCII, such as base64, a faster encoding gives the same bytes */
  #member(text: string, size: number): void {
    this.#bytes[this.#used++] = COMMA;
    this.#used += this.#bytes.write(text, this.#used, size === text.length ? 'latin1' : 'utf8');
  }

  #number(value: number): void {
    let digits = 1;
    for (let bound = 10; bound <= value && digits < MOST_DIGITS; bound *= 10) digits++;
    this.#digits(value, digits);
  }

  #digits(value: number, width: number): void {
    let rest = value;
    for (let at = this.#used + width - 1; at >= this.#used; at--) {
      const tens = Math.floor(rest / 10);
      this.#bytes[at] = ZERO + rest - tens * 10;
      rest = tens;
    }
    this.#used += width;
  }

  #copy(bytes: Buffer): void {
    this.#bytes.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  #reserve(size: number): void {
    const wanted = this.#used + size;
    if (wanted <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(wanted, 2 * this.#bytes.length));
    this.#bytes.copy(grown, 0, 0, this.#used);
    this.#bytes = grown;
  }
}

/** Whether bytes are text that needs no escapes in JSON, and that cannot be mistaken for a JSON value. */
function isPlain(bytes: Buffer, start: number, end: number): boolean {
  if (start < end && mayBeginValue(bytes[start] ?? 0)) return false;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte < 32 || byte > 126 || byte === QUOTE || byte === BACKSLASH) return false;
  }
  return true;
}

/** `{`, `[`, `-`, digits, and the first letters of true, false and null. */
function mayBeginValue(byte: number): boolean {
  if (byte === 123 || byte === 91 || byte === 45) return true;
  return (byte >= 48 && byte <= 57) || byte === 116 || byte === 102 || byte === 110;
}

/** Bytes that happen to be valid text, such as zeros, would become six times longer by their escapes. */
function member(payload: Buffer): string {
  for (const byte of payload) {
    if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13) {
      return `"payload_base64":"${payload.toString('base64')}"`;
    }
  }
  return payloadMember(payload);
}
