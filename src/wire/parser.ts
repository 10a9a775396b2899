import { NatsxError } from '../core/errors.js';
import { MessageView } from './message-view.js';

/** Receives what the server sent, in order. Nothing is allocated for a message. */
export interface FrameSink {
  /** The view is reused: it is valid until the call returns. */
  message(view: MessageView): void;
  info(json: string): void;
  ping(): void;
  pong(): void;
  error(text: string): void;
}

const SPACE = 32;
const CR = 13;
const LF = 10;
const LETTER_H = 72;
const LETTER_M = 77;
/** A longer control line is not NATS: INFO, the longest, grows with the cluster's addresses but stays far below. */
const LONGEST_LINE_BYTES = 4 * 1024 * 1024;
/** Digits; sizes are below 2^31 and sids are ours. */
const LONGEST_NUMBER = 10;
/** Returned in place of a position when the control line itself is not complete. */
const UNKNOWN = 0;

/**
 * Incremental parser of the server's side of the NATS protocol. Chunks may end at any byte; a message within one
 * chunk is read in place, only one that crosses the end of a chunk is copied.
 */
export class Parser {
  /** Receives the frames; replaced when the connection changes its owner. */
  sink: FrameSink;
  readonly #view = new MessageView();
  /** The beginning of an incomplete frame, and the length of the whole frame, if known. */
  #carry = Buffer.allocUnsafeSlow(64 * 1024);
  #carried = 0;
  #needed = UNKNOWN;
  #messages = 0;

  constructor(sink: FrameSink) {
    this.sink = sink;
  }

  /** Messages delivered so far. */
  get messages(): number {
    return this.#messages;
  }

  /**
   * Takes the next `length` bytes of the stream; the buffer may be reused afterwards.
   * @throws {NatsxError} connection: the bytes are not the NATS protocol.
   */
  push(chunk: Buffer, length: number = chunk.length): void {
    let position = this.#carried > 0 ? this.#completeCarried(chunk, length) : 0;
    while (position < length) {
      const next = this.#frame(chunk, position, length);
      if (next <= UNKNOWN) {
        this.#needed = -next;
        this.#keep(chunk, position, length);
        return;
      }
      position = next;
    }
  }

  /** Completes the carried frame; returns the position in the chunk after it. */
  #completeCarried(chunk: Buffer, length: number): number {
    let position = 0;
    while (this.#carried > 0) {
      const end = this.#endOfMissing(chunk, position, length);
      this.#keep(chunk, position, end);
      position = end;
      if (this.#carried < this.#needed) return position;
      if (this.#needed === UNKNOWN && this.#carry[this.#carried - 1] !== LF) return position;
      const carried = this.#carried;
      const next = this.#frame(this.#carry, 0, carried);
      if (next < UNKNOWN) {
        this.#needed = -next;
      } else if (next === UNKNOWN) {
        // The line is complete, but not a frame.
        throw notNats(this.#carry, 0, carried);
      } else {
        this.#carried = 0;
        this.#needed = UNKNOWN;
      }
    }
    return position;
  }

  #endOfMissing(chunk: Buffer, position: number, length: number): number {
    if (this.#needed !== UNKNOWN) {
      return Math.min(length, position + this.#needed - this.#carried);
    }
    const lineEnd = chunk.indexOf(LF, position);
    return lineEnd === -1 || lineEnd >= length ? length : lineEnd + 1;
  }

  #keep(chunk: Buffer, start: number, end: number): void {
    const carried = this.#carried + end - start;
    if (this.#needed === UNKNOWN && carried > LONGEST_LINE_BYTES) throw notNats(chunk, start, end);
    const wanted = Math.max(carried, this.#needed);
    if (wanted > this.#carry.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(wanted, 2 * this.#carry.length));
      this.#carry.copy(grown, 0, 0, this.#carried);
      this.#carry = grown;
    }
    chunk.copy(this.#carry, this.#carried, start, end);
    this.#carried = carried;
  }

  /** Handles one frame; returns the position after it, or minus its length if it is incomplete (0: unknown). */
  #frame(bytes: Buffer, start: number, end: number): number {
    const letter = bytes[start];
    if (letter === LETTER_M) return this.#message(bytes, start, end);
    if (letter === LETTER_H) return this.#messageWithHeaders(bytes, start, end);
    return this.#control(bytes, start, end);
  }

  /** `MSG <subject> <sid> [reply] <size>`; the hot path. */
  #message(bytes: Buffer, start: number, end: number): number {
    const subjectStart = start + 4;
    const subjectEnd = tokenEndIn(bytes, subjectStart, end);
    const sidEnd = tokenEndIn(bytes, subjectEnd + 1, end);
    let sizeStart = sidEnd + 1;
    let sizeEnd = tokenEndIn(bytes, sizeStart, end);
    const view = this.#view;
    view.replyStart = view.replyEnd = 0;
    if (sizeEnd < end && bytes[sizeEnd] === SPACE) {
      view.replyStart = sizeStart;
      view.replyEnd = sizeEnd;
      sizeStart = sizeEnd + 1;
      sizeEnd = tokenEndIn(bytes, sizeStart, end);
    }
    const payloadStart = sizeEnd + 2;
    if (payloadStart > end) return UNKNOWN;
    const size = numberIn(bytes, sizeStart, sizeEnd);
    if (size < 0 || bytes[sizeEnd] !== CR) throw notNats(bytes, start, end);
    view.buffer = bytes;
    view.sid = numberIn(bytes, subjectEnd + 1, sidEnd);
    view.subjectStart = subjectStart;
    view.subjectEnd = subjectEnd;
    view.headersStart = payloadStart;
    view.payloadStart = payloadStart;
    return this.#deliver(start, payloadStart + size, end);
  }

  /** `HMSG <subject> <sid> [reply] <headers size> <total size>`. */
  #messageWithHeaders(bytes: Buffer, start: number, end: number): number {
    const lineEnd = lineEndIn(bytes, start, end);
    if (lineEnd === -1) return UNKNOWN;
    const view = this.#view;
    let at = start + 5;
    view.subjectStart = at;
    at = tokenEndIn(bytes, at, lineEnd);
    view.subjectEnd = at++;
    const sidEnd = tokenEndIn(bytes, at, lineEnd);
    view.sid = numberIn(bytes, at, sidEnd);
    at = sidEnd + 1;
    view.replyStart = view.replyEnd = 0;
    let sizeEnd = tokenEndIn(bytes, at, lineEnd);
    const secondEnd = tokenEndIn(bytes, sizeEnd + 1, lineEnd);
    if (secondEnd < lineEnd) {
      view.replyStart = at;
      view.replyEnd = sizeEnd;
      at = sizeEnd + 1;
      sizeEnd = secondEnd;
    }
    const headersSize = numberIn(bytes, at, sizeEnd);
    const totalSize = numberIn(bytes, sizeEnd + 1, lineEnd);
    if (headersSize < 0 || totalSize < headersSize) throw notNats(bytes, start, end);
    view.buffer = bytes;
    view.headersStart = lineEnd + 2;
    view.payloadStart = view.headersStart + headersSize;
    return this.#deliver(start, view.headersStart + totalSize, end);
  }

  #deliver(start: number, payloadEnd: number, end: number): number {
    const view = this.#view;
    const next = payloadEnd + 2;
    if (next > end) return start - next;
    if (view.buffer[payloadEnd] !== CR) throw notNats(view.buffer, payloadEnd, end);
    view.payloadEnd = payloadEnd;
    this.#messages++;
    this.sink.message(view);
    return next;
  }

  #control(bytes: Buffer, start: number, end: number): number {
    const lineEnd = lineEndIn(bytes, start, end);
    if (lineEnd === -1) {
      // Detected at the first bytes, not at the end of a line that may never arrive.
      if (!mayBeControl(bytes, start, end)) throw notNats(bytes, start, end);
      return UNKNOWN;
    }
    const line = bytes.toString('utf8', start, lineEnd);
    if (line === 'PING') this.sink.ping();
    else if (line === 'PONG') this.sink.pong();
    else if (line.startsWith('-ERR')) this.sink.error(line.slice(4).trim());
    else if (line.startsWith('INFO ')) this.sink.info(line.slice(5));
    else if (line !== '+OK') throw notNats(bytes, start, end);
    return lineEnd + 2;
  }
}

const CONTROL_STARTS = ['INFO ', 'PING', 'PONG', '+OK', '-ERR'];

function mayBeControl(bytes: Buffer, start: number, end: number): boolean {
  const begin = bytes.toString('latin1', start, Math.min(end, start + 5));
  return CONTROL_STARTS.some((known) => known.startsWith(begin) || begin.startsWith(known));
}

/** The position of the CR that ends the line, or -1 when the line is not complete. */
function lineEndIn(bytes: Buffer, start: number, end: number): number {
  const lineFeed = bytes.indexOf(LF, start);
  return lineFeed === -1 || lineFeed >= end ? -1 : lineFeed - 1;
}

/** The position of the blank or line end after a token; `end` or beyond when the token may go on. */
function tokenEndIn(bytes: Buffer, start: number, end: number): number {
  let at = start;
  // Subjects may contain control characters, so only these end a token.
  for (; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte <= SPACE && (byte === SPACE || byte === CR || byte === LF)) break;
  }
  return at;
}

/** A decimal number, or -1 if there is none or it is too long. */
function numberIn(bytes: Buffer, start: number, end: number): number {
  if (start >= end || end - start > LONGEST_NUMBER) return -1;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] ?? 0) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

function notNats(bytes: Buffer, start: number, end: number): NatsxError {
  const sample = bytes.toString('latin1', start, Math.min(end, start + 24));
  return new NatsxError(
    'connection',
    `the peer does not speak the NATS protocol: it sent ${JSON.stringify(sample)}`,
    { hint: 'check the port: 4222 is the usual one for clients, 8222 is monitoring' },
  );
}
