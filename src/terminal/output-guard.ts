import type { Taken } from '../core/message/reading.js';
import type { Output } from './output.js';

/** How much may wait for a slow reader of stdout before messages are dropped: as much as a server buffers for a client. */
const WAITING_LIMIT_BYTES = 64 * 1024 * 1024;

/** Limits memory when messages arrive faster than they are read from stdout. */
export class OutputGuard {
  readonly #out: Output;
  readonly #slow: 'drop' | 'wait';
  readonly #onFirstDrop: () => void;
  #dropped = false;

  /** @param slow drop messages above the limit, or ask for a pause when stdout is full */
  constructor(out: Output, slow: 'drop' | 'wait', onFirstDrop: () => void) {
    this.#out = out;
    this.#slow = slow;
    this.#onFirstDrop = onFirstDrop;
  }

  /** Whether there is no room for another message. */
  get overflows(): boolean {
    // After the request for a pause, only what was already on its way arrives.
    if (this.#slow === 'wait' || this.#out.pendingBytes <= WAITING_LIMIT_BYTES) return false;
    if (!this.#dropped) this.#onFirstDrop();
    this.#dropped = true;
    return true;
  }

  /** What to return after a message was written. */
  get taken(): Taken {
    return this.#slow === 'wait' && this.#out.isFull ? 'full' : 'taken';
  }
}
