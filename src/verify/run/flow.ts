/** After this time without an arrival, missing messages are not expected to arrive. */
const STALLED_MS = 200;

/**
 * Limits how far publishers may be ahead of the subscribers in the same process. Without JetStream nothing else does, and
 * a server disconnects a reader that falls behind, so verify itself would cause a loss.
 */
export class Flow {
  readonly #limit: number;
  readonly #arrivals: () => number;
  #sent = 0;
  #givenUp = 0;
  #seen = 0;
  #progressMs = 0;

  /** @param arrivals messages that arrived at the slowest receiver so far */
  constructor(limit: number, arrivals: () => number) {
    this.#limit = limit;
    this.#arrivals = arrivals;
  }

  noteSent(): void {
    this.#sent += 1;
  }

  /** How many more may be sent. `nowMs` is on the clock of `performance.now()`. */
  room(nowMs: number): number {
    const arrivals = this.#arrivals();
    if (arrivals !== this.#seen) {
      this.#seen = arrivals;
      this.#progressMs = nowMs;
    }
    // Messages that were not expected any more were only late.
    this.#givenUp = Math.min(this.#givenUp, this.#sent - arrivals);
    const underWay = this.#sent - arrivals - this.#givenUp;
    if (underWay < this.#limit) {
      this.#progressMs = nowMs;
      return this.#limit - underWay;
    }
    if (nowMs - this.#progressMs < STALLED_MS) return 0;
    this.#givenUp += underWay;
    return this.#limit;
  }
}
