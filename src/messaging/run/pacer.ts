import { dueAtMs, type Pace } from '../../core/values/pace.js';
import { pauseUntil } from '../../connection/pause-until.js';

/** Holds messages back until they are due. The first one that is asked for starts the clock. */
export class Pacer {
  readonly #pace: Pace;
  #startedMs: number | undefined;

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  /** @returns undefined when message `index` (from 0) is due; else what ends when it is, or when the signal aborts */
  untilDue(index: number, signal: AbortSignal): Promise<void> | undefined {
    if (this.#pace.type === 'unlimited') return undefined;
    this.#startedMs ??= performance.now();
    return pauseUntil(this.#startedMs + dueAtMs(this.#pace, index), signal);
  }
}
