/** How long before a disconnection reading must have stood still for it to count as its cause. */
const SUSPICIOUS_MS = 5_000;
/** A process that was busy for this share of the time before a disconnection hardly read quickly enough. */
const SUSPICIOUS_BUSY_SHARE = 0.85;
const SAMPLE_MS = 100;

/**
 * Keeps account of how often and for how long there was no connection, and whether we were the reason: a server that
 * gives up a slow reader says nothing, so that it can only be told by what we did ourselves.
 */
export class ConnectionGaps {
  gaps = 0;
  gapMs = 0;
  slowConsumerCuts = 0;
  #paused = 0;
  #readingSinceMs = -Infinity;
  #wasBusy = false;
  #sample = performance.eventLoopUtilization();
  readonly #sampler: NodeJS.Timeout;

  constructor() {
    this.#sampler = setInterval(() => {
      this.#sample = performance.eventLoopUtilization();
    }, SAMPLE_MS);
    this.#sampler.unref();
  }

  /** Forgets the clock. */
  stop(): void {
    clearInterval(this.#sampler);
  }

  disconnected(): void {
    this.gaps += 1;
    const stoodStill = this.#paused > 0 || performance.now() - this.#readingSinceMs < SUSPICIOUS_MS;
    if (stoodStill) this.slowConsumerCuts += 1;
    const { utilization } = performance.eventLoopUtilization(this.#sample);
    this.#wasBusy = !stoodStill && utilization > SUSPICIOUS_BUSY_SHARE;
  }

  /** @param sameServer whether it is the process that was connected before: it has not been restarted, it cut us */
  reconnected(gapMs: number, sameServer: boolean): void {
    this.gapMs += gapMs;
    if (this.#wasBusy && sameServer) this.slowConsumerCuts += 1;
    this.#wasBusy = false;
  }

  paused(): void {
    this.#paused += 1;
  }

  resumed(): void {
    this.#paused -= 1;
    this.#readingSinceMs = performance.now();
  }
}
