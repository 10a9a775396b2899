import type { StreamPlace } from '../../core/message/stream-place.js';

const DOT = 46;
const ZERO = 48;
/** `$JS.ACK.<stream>.<consumer>.<delivered>.<stream seq>.<consumer seq>.<time>.<pending>` */
const SHORT_TOKENS = 9;
/** The same with `<domain>.<account hash>` before the stream; servers may add further tokens at the end. */
const LONG_TOKENS = 11;
/** Nanoseconds below the millisecond: the last six digits of the time. */
const REST_DIGITS = 6;

/**
 * The metadata in the reply subject of a delivered message. One object is reused for all messages, so that nothing is
 * allocated in a burst.
 */
export class Delivery implements StreamPlace {
  readonly stream: string;
  seq = 0;
  /** Number of the delivery since the consumer was created, from 1. */
  consumerSeq = 0;
  timeMs = 0;
  restNs = 0;
  /** How many messages the consumer still has to deliver after this one. */
  pending = 0;
  /** How often this message was delivered, this time included. */
  delivered = 0;
  readonly #dots = new Int32Array(16);

  constructor(stream: string) {
    this.stream = stream;
  }

  /** Reads the subject in `bytes[start, end)`. @returns false if it is not such a subject */
  read(bytes: Buffer, start: number, end: number): boolean {
    const dots = this.#dots;
    let count = 0;
    for (let at = start; at < end && count < dots.length; at++) {
      if (bytes[at] === DOT) dots[count++] = at;
    }
    const tokens = count + 1;
    if (tokens !== SHORT_TOKENS && tokens < LONG_TOKENS) return false;
    // Place of the dot before `<delivered>`.
    const at = tokens === SHORT_TOKENS ? 3 : 5;
    this.delivered = this.#number(bytes, at);
    this.seq = this.#number(bytes, at + 1);
    this.consumerSeq = this.#number(bytes, at + 2);
    const timeStart = dotAt(dots, at + 3) + 1;
    const timeEnd = dotAt(dots, at + 4);
    const split = timeEnd - REST_DIGITS;
    this.timeMs = digits(bytes, timeStart, split);
    this.restNs = digits(bytes, split, timeEnd);
    const pendingEnd = count > at + 5 ? dotAt(dots, at + 5) : end;
    this.pending = digits(bytes, timeEnd + 1, pendingEnd);
    return true;
  }

  #number(bytes: Buffer, dot: number): number {
    return digits(bytes, dotAt(this.#dots, dot) + 1, dotAt(this.#dots, dot + 1));
  }
}

function dotAt(dots: Int32Array, index: number): number {
  return dots[index] ?? 0;
}

function digits(bytes: Buffer, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) value = value * 10 + (bytes[at] ?? 0) - ZERO;
  return value;
}
