import { dueAtMs, type Pace } from '../../core/values/pace.js';
import { pauseUntil } from '../../connection/pause-until.js';

/** Delays messages until they are due. The first call starts the clock. */
export class Pacer {
  readonly #pace: Pace;
  #startedMs: number | undefined;

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  /** @returns undefined if message `index` (from 0) is due; else a promise that resolves when it is, or the signal aborts */
  untilDue(index: number, signal: AbortSignal): Promise<void> | undefined {
    if (this.#pace.type === 'unlimited') return undefined;
    this.#startedMs ??= performance.now();
    return pauseUntil(this.#startedMs + dueAtMs(this.#pace, index), signal);
  }
}
