/**
 * A clock that is read once for all messages that were read from the socket together: they arrived at the same time,
 * and reading the clock for each would cost as much as a third of handling it.
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
