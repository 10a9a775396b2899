/**
 * A clock that is read once for all messages of one read from the socket: they arrived at the same time, and reading the
 * clock for each would take a third of the time needed to handle it.
 */
export class TurnClock {
  #nowMs = 0;
  #fresh = false;
  readonly #expire = (): void => {
    this.#fresh = false;
  };

  /** Monotonic milliseconds, on the clock of `performance.now()`. */
  nowMs(): number {
    if (!this.#fresh) {
      this.#fresh = true;
      this.#nowMs = performance.now();
      setImmediate(this.#expire);
    }
    return this.#nowMs;
  }
}
