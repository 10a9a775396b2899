import type { ConsumerConfig } from './consumer-info.js';

const DEFAULT_MS = 30_000;

/** How long a consumer waits for an acknowledgement before it redelivers a message, in milliseconds. */
export class AckWaits {
  readonly shortestMs: number;
  readonly #waitMs: number;
  readonly #backoffMs: readonly number[];

  constructor({ ack_wait: waitNs, backoff = [] }: Pick<ConsumerConfig, 'ack_wait' | 'backoff'>) {
    this.#waitMs = waitNs === undefined ? DEFAULT_MS : waitNs / 1e6;
    this.#backoffMs = backoff.map((ns) => ns / 1e6);
    this.shortestMs = Math.min(this.#waitMs, ...this.#backoffMs);
  }

  /** @param delivered how often the message was delivered, this time included */
  of(delivered: number): number {
    const last = this.#backoffMs.length - 1;
    return this.#backoffMs[Math.min(delivered - 1, last)] ?? this.#waitMs;
  }
}
