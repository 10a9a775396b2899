/** How quickly a recording is published again. */
export type ReplayPace =
  | { readonly type: 'unlimited' }
  | { readonly type: 'rate'; readonly perSecond: number }
  /** As far apart as the originals were, divided by the speed. */
  | { readonly type: 'original'; readonly speed: number };

/** When messages are due, in milliseconds since the first one. */
export class ReplayClock {
  readonly #pace: ReplayPace;
  #firstMs: number | undefined;
  #count = 0;
  #lastDueMs = 0;

  constructor(pace: ReplayPace) {
    this.#pace = pace;
  }

  /** @param timeMs when the original was stored; a message without a time follows the one before at once */
  dueMs(timeMs: number | undefined): number {
    const pace = this.#pace;
    switch (pace.type) {
      case 'unlimited':
        return 0;
      case 'rate':
        return (this.#count++ * 1000) / pace.perSecond;
      case 'original':
        if (timeMs === undefined) return this.#lastDueMs;
        this.#firstMs ??= timeMs;
        // Recordings that were joined may go back in time.
        this.#lastDueMs = Math.max(this.#lastDueMs, (timeMs - this.#firstMs) / pace.speed);
        return this.#lastDueMs;
    }
  }
}
