import { setTimeout as sleep } from 'node:timers/promises';

import type { ConnectionPolicy } from './model/connection-policy.js';

const RETRY_MS = 250;

/** How long attempts to reach a server are repeated; it starts with the first attempt. */
export class Patience {
  readonly #deadlineMs: number;
  readonly #onEvent: ConnectionPolicy['onEvent'];

  constructor({ waitForServerMs, onEvent }: Pick<ConnectionPolicy, 'waitForServerMs' | 'onEvent'>) {
    this.#deadlineMs = performance.now() + waitForServerMs;
    this.#onEvent = onEvent;
  }

  /** Pauses before the next attempt, or until the signal aborts. @returns false, at once, when the time is over */
  async pause(reason: string, signal: AbortSignal): Promise<boolean> {
    const remainingMs = this.#deadlineMs - performance.now();
    if (remainingMs <= 0) return false;
    this.#onEvent({ type: 'waiting', reason, remainingMs });
    await sleep(Math.min(RETRY_MS, remainingMs), undefined, { signal }).catch(() => undefined);
    return true;
  }
}
