import type { MessageInPlace } from '../../core/message/message-in-place.js';
import type { ReadingEnd, ReadingLimits, ReadingOutcome } from '../../core/message/reading.js';
import type { MessageHandling } from './message-handling.js';
import { TurnClock } from './turn-clock.js';
import { LONGEST_TIMER_MS } from '../../core/values/duration.js';

/** Counters of a run so far. */
type ReadingCounts = Pick<
  ReadingOutcome,
  'messages' | 'bytes' | 'skipped' | 'dropped' | 'elapsedMs' | 'activeMs'
>;

export interface ReadingMeterOptions {
  readonly limits: ReadingLimits;
  /** Which messages are wanted; all when absent. */
  readonly accepts?: ((message: MessageInPlace) => boolean) | undefined;
  readonly handling: MessageHandling;
  /** Called when the handling has no room for now. */
  readonly onFull: () => void;
}

/** Counts what arrives and decides when a subscription ends. */
export class ReadingMeter {
  /** Resolves when one of the limits is reached. */
  readonly ended: Promise<ReadingEnd>;
  readonly #options: ReadingMeterOptions;
  readonly #count: number;
  readonly #clock = new TurnClock();
  readonly #startMs = performance.now();
  #resolveEnded: (end: ReadingEnd) => void = () => undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #durationTimer: NodeJS.Timeout | undefined;
  #admitted = 0;
  #bytes = 0;
  #skipped = 0;
  #dropped = 0;
  #firstMs: number | undefined;
  #lastMs: number;

  constructor(options: ReadingMeterOptions) {
    this.#options = options;
    this.#count = options.limits.count ?? Infinity;
    this.#lastMs = this.#startMs;
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve));
  }

  get counts(): ReadingCounts {
    return {
      messages: this.#admitted - this.#dropped,
      bytes: this.#bytes,
      skipped: this.#skipped,
      dropped: this.#dropped,
      elapsedMs: performance.now() - this.#startMs,
      activeMs: this.#lastMs - (this.#firstMs ?? this.#lastMs),
    };
  }

  /** Starts the clocks of the limits: the subscriptions are active. */
  start(): void {
    const { idleMs, durationMs } = this.#options.limits;
    this.#lastMs = Math.max(this.#lastMs, performance.now());
    if (durationMs !== undefined) this.#watchDuration(durationMs);
    if (idleMs !== undefined) this.#watchIdle(idleMs);
  }

  /** Stops the clocks. */
  stop(): void {
    clearTimeout(this.#idleTimer);
    clearTimeout(this.#durationTimer);
  }

  /** Handles a message that has just been read; the hot path. */
  arrived(message: MessageInPlace, member: string | undefined): void {
    if (this.#admitted >= this.#count) return;
    const { accepts, handling } = this.#options;
    if (accepts !== undefined && !accepts(message)) {
      this.#skipped += 1;
      return;
    }
    const nowMs = this.#clock.nowMs();
    this.#firstMs ??= nowMs;
    this.#lastMs = nowMs;
    this.#admitted += 1;
    const size = message.payloadSize;
    const taken = handling.take(message, this.#admitted, member);
    if (taken === 'dropped') this.#dropped += 1;
    else this.#bytes += size;
    if (taken === 'full') this.#options.onFull();
    if (this.#admitted === this.#count) this.#resolveEnded('count');
  }

  #watchIdle(idleMs: number): void {
    const check = (): void => {
      const seenMs = this.#lastMs;
      const remainingMs = seenMs + idleMs - performance.now();
      if (remainingMs > 0) this.#idleTimer = timer(remainingMs, check);
      // After a write that blocked, timers fire before the socket is read: check again after the read.
      else setImmediate(() => (this.#lastMs === seenMs ? this.#idle(idleMs, check) : check()));
    };
    this.#idleTimer = timer(idleMs, check);
  }

  #idle(idleMs: number, again: () => void): void {
    if (this.#options.handling.busy) this.#idleTimer = timer(idleMs, again);
    else this.#resolveEnded('idle');
  }

  #watchDuration(durationMs: number): void {
    const endMs = performance.now() + durationMs;
    const check = (): void => {
      const remainingMs = endMs - performance.now();
      if (remainingMs <= 0) this.#resolveEnded('duration');
      else this.#durationTimer = timer(remainingMs, check);
    };
    this.#durationTimer = timer(durationMs, check);
  }
}

/** Node's timers are limited to 2^31ms; callers with a longer delay check the clock when it fires. */
function timer(delayMs: number, act: () => void): NodeJS.Timeout {
  return setTimeout(act, Math.min(Math.ceil(delayMs), LONGEST_TIMER_MS));
}
