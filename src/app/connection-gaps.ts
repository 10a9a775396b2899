/** How long before a disconnection reading must have stood still for it to count as its cause. */
const SUSPICIOUS_MS = 5_000;

/** Keeps account of how often and for how long there was no connection, and whether we were the reason. */
export class ConnectionGaps {
  gaps = 0;
  gapMs = 0;
  /** The server gives up a reader that stands still and says nothing: it can only be told by what we did ourselves. */
  slowConsumerCuts = 0;
  #paused = 0;
  #readingSinceMs = -Infinity;

  disconnected(): void {
    this.gaps += 1;
    const stoodStill = this.#paused > 0 || performance.now() - this.#readingSinceMs < SUSPICIOUS_MS;
    if (stoodStill) this.slowConsumerCuts += 1;
  }

  reconnected(gapMs: number): void {
    this.gapMs += gapMs;
  }

  paused(): void {
    this.#paused += 1;
  }

  resumed(): void {
    this.#paused -= 1;
    this.#readingSinceMs = performance.now();
  }
}
