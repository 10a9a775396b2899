import type { ApiError } from '../../model/api-failure.js';
import { parsePublishAnswer, type PublishAck } from '../../model/publish-ack.js';

const SEQUENCE = Buffer.from('"seq":');
const CLOSING_BRACE = 125;
const ZERO = 48;
/** More digits may be larger than a number can hold. */
const MOST_DIGITS = 15;

/** Reads the answers of streams. An answer that differs from the last only in its sequence, as most do, is not parsed. */
export class AckReader {
  /** What precedes the sequence. */
  #head: Buffer = Buffer.alloc(0);
  #stream = '';
  #domain: string | undefined;

  /** The answer in `buffer[start, end)`; undefined when it is not from a stream. */
  read(buffer: Buffer, start: number, end: number): PublishAck | ApiError | undefined {
    const seq = this.#usualSequence(buffer, start, end);
    if (seq !== undefined) {
      const stream = this.#stream;
      const domain = this.#domain;
      return domain === undefined
        ? { stream, seq, duplicate: false }
        : { stream, seq, duplicate: false, domain };
    }
    const answer = parsePublishAnswer(buffer.toString('utf8', start, end));
    if (answer !== undefined && 'stream' in answer && !answer.duplicate) {
      const at = buffer.indexOf(SEQUENCE, start);
      this.#head = Buffer.from(buffer.subarray(start, at + SEQUENCE.length));
      this.#stream = answer.stream;
      this.#domain = answer.domain;
    }
    return answer;
  }

  #usualSequence(buffer: Buffer, start: number, end: number): number | undefined {
    const head = this.#head;
    const from = start + head.length;
    const digits = end - 1 - from;
    if (head.length === 0 || digits < 1 || digits > MOST_DIGITS) return undefined;
    if (buffer[end - 1] !== CLOSING_BRACE) return undefined;
    if (head.compare(buffer, start, from) !== 0) return undefined;
    let seq = 0;
    for (let at = from; at < end - 1; at++) {
      const digit = (buffer[at] ?? 0) - ZERO;
      if (digit < 0 || digit > 9) return undefined;
      seq = seq * 10 + digit;
    }
    return seq;
  }
}
