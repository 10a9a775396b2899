import { Delivery } from '../../streams/model/delivery.js';
import type { MessageView } from '../../wire/message-view.js';
import type { StoredSequences } from './worker-setup.js';

const BITS = 32;

/** Memory for the sequences of a stream, which all threads share. */
export function firstCopiesMemory({ first, last }: StoredSequences): SharedArrayBuffer {
  return new SharedArrayBuffer(Math.ceil((last - first + 1) / BITS) * Int32Array.BYTES_PER_ELEMENT);
}

/** Which messages of a stream a consumer has delivered: after a lost connection it delivers some again. */
export class FirstCopies {
  readonly #bits: Int32Array;
  readonly #first: number;
  readonly #delivery: Delivery;

  constructor(memory: SharedArrayBuffer, stored: StoredSequences, stream: string) {
    this.#bits = new Int32Array(memory);
    this.#first = stored.first;
    this.#delivery = new Delivery(stream);
  }

  /** Whether no client of the run had this message before; true for what was stored after the start. */
  isFirst({ buffer, replyStart, replyEnd }: MessageView): boolean {
    if (!this.#delivery.read(buffer, replyStart, replyEnd)) return true;
    const place = this.#delivery.seq - this.#first;
    const word = Math.floor(place / BITS);
    if (place < 0 || word >= this.#bits.length) return true;
    const mask = 1 << (place % BITS);
    return (Atomics.or(this.#bits, word, mask) & mask) === 0;
  }
}
