/** Those who wait until something changes. */
export class Wakeups {
  #waiting: (() => void)[] = [];

  /** Wakes all who wait. */
  all(): void {
    if (this.#waiting.length === 0) return;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Resolves at the next {@link all}, or when the signal aborts. */
  next(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const woken = (): void => {
        signal.removeEventListener('abort', woken);
        resolve();
      };
      this.#waiting.push(woken);
      signal.addEventListener('abort', woken, { once: true });
    });
  }
}
