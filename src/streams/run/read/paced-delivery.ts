import { ReplayClock, type ReplayPace } from '../../../core/values/pace.js';
import type { StreamMessage } from '../../model/stream-message.js';
import { Notifier } from '../../../connection/notifier.js';
import { LONGEST_TIMER_MS } from '../../../core/values/duration.js';

/** Most messages that may wait for their time. */
const MOST_WAITING = 500;
/** Most payload bytes of waiting messages. */
const MOST_WAITING_BYTES = 32 * 1024 * 1024;

/** Delivers messages at the intervals at which they were stored, or at another speed. */
export class PacedDelivery {
  readonly #clock: ReplayClock;
  readonly #hand: (message: StreamMessage) => void;
  readonly #waiting: { readonly message: StreamMessage; readonly atMs: number }[] = [];
  #waitingBytes = 0;
  #startMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #changed = new Notifier();

  constructor(pace: ReplayPace, hand: (message: StreamMessage) => void) {
    this.#clock = new ReplayClock(pace);
    this.#hand = hand;
  }

  /** Takes the next message. @returns false when {@link ready} should be waited for */
  take(message: StreamMessage): boolean {
    this.#startMs ??= performance.now();
    const atMs = this.#startMs + this.#clock.dueMs(message.place.timeMs);
    if (this.#waiting.length === 0 && atMs <= performance.now()) {
      this.#hand(message);
      return true;
    }
    this.#waiting.push({ message: message.keep(), atMs });
    this.#waitingBytes += message.payloadSize;
    this.#arm();
    return this.#waiting.length < MOST_WAITING && this.#waitingBytes < MOST_WAITING_BYTES;
  }

  /** Resolves when there is room again. */
  async ready(): Promise<void> {
    const isFull = (): boolean =>
      this.#waiting.length > MOST_WAITING / 2 || this.#waitingBytes > MOST_WAITING_BYTES / 2;
    while (isFull()) await this.#changed.next();
  }

  /** Resolves when the last message was delivered. */
  async empty(): Promise<void> {
    while (this.#waiting.length > 0) await this.#changed.next();
  }

  /** Drops waiting messages. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
    this.#changed.notify();
  }

  #arm(): void {
    const [next] = this.#waiting;
    if (this.#timer !== undefined || next === undefined) return;
    const waitMs = Math.min(LONGEST_TIMER_MS, Math.max(0, next.atMs - performance.now()));
    this.#timer = setTimeout(() => this.#due(), waitMs);
  }

  #due(): void {
    this.#timer = undefined;
    const nowMs = performance.now();
    for (let next = this.#waiting[0]; next !== undefined && next.atMs <= nowMs;) {
      this.#waiting.shift();
      this.#waitingBytes -= next.message.payloadSize;
      this.#hand(next.message);
      next = this.#waiting[0];
    }
    this.#arm();
    this.#changed.notify();
  }
}
