/** After this time without an arrival, what is missing will not come any more. */
const STALLED_MS = 200;

/**
 * Keeps the publishers from running away from the subscribers of the same process: without JetStream nothing else does,
 * and a server cuts off a reader that falls behind, which would be a loss of our own making.
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
    // What was given up and comes after all was only late.
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
