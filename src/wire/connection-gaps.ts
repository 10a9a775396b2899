import { threadLoad } from '../connection/thread-load.js';

/** A pause in reading within this time before a disconnection counts as its cause. */
const SUSPICIOUS_MS = 5_000;
/** A process that was busy for this share of the time before a disconnection probably read too slowly. */
const SUSPICIOUS_BUSY_SHARE = 0.85;
const SAMPLE_MS = 100;

/**
 * Counts how often and for how long there was no connection, and whether natsx was the reason: a server does not say that
 * it disconnects a slow reader, so this can only be inferred from our own behaviour.
 */
export class ConnectionGaps {
  gaps = 0;
  gapMs = 0;
  slowConsumerCuts = 0;
  #paused = 0;
  #readingSinceMs = -Infinity;
  #wasBusy = false;
  #load = threadLoad();
  #sampling = false;
  #sampler: NodeJS.Timeout | undefined;

  /** To be called for each message: while none arrives, nothing has to be measured. */
  reading(): void {
    if (this.#sampling) return;
    this.#sampling = true;
    this.#load = threadLoad();
    this.#sampler = setTimeout(() => (this.#sampling = false), SAMPLE_MS);
    this.#sampler.unref();
  }

  /** Ends measuring. */
  stop(): void {
    clearTimeout(this.#sampler);
  }

  disconnected(): void {
    this.gaps += 1;
    const stoodStill = this.#paused > 0 || performance.now() - this.#readingSinceMs < SUSPICIOUS_MS;
    if (stoodStill) this.slowConsumerCuts += 1;
    this.#wasBusy = !stoodStill && this.#load() > SUSPICIOUS_BUSY_SHARE;
  }

  /** @param sameServer whether it is the same process as before: then it was not restarted, but has disconnected us */
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
