import type { Taken } from '../core/message/reading.js';
import type { Output } from './output.js';

/** What may wait for a slow reader of stdout before messages are dropped: as much as a server holds for a client. */
const WAITING_LIMIT_BYTES = 64 * 1024 * 1024;

/** Keeps memory bounded when messages come quicker than they are read from stdout. */
export class OutputGuard {
  readonly #out: Output;
  readonly #slow: 'drop' | 'wait';
  readonly #onFirstDrop: () => void;
  #dropped = false;

  /** @param slow drop what is too much, or ask for a pause as soon as something waits */
  constructor(out: Output, slow: 'drop' | 'wait', onFirstDrop: () => void) {
    this.#out = out;
    this.#slow = slow;
    this.#onFirstDrop = onFirstDrop;
  }

  /** Whether there is no room for another message. */
  get overflows(): boolean {
    // Whoever asked for a pause gets only what was on its way before it.
    if (this.#slow === 'wait' || this.#out.pendingBytes <= WAITING_LIMIT_BYTES) return false;
    if (!this.#dropped) this.#onFirstDrop();
    this.#dropped = true;
    return true;
  }

  /** What to answer after a message was written. */
  get taken(): Taken {
    return this.#slow === 'wait' && this.#out.isFull ? 'full' : 'taken';
  }
}
