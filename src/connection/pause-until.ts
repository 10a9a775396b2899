import { setTimeout as sleep } from 'node:timers/promises';
import { LONGEST_TIMER_MS } from '../core/values/duration.js';

/** A pause shorter than this is not worth a timer. */
const SHORTEST_PAUSE_MS = 0.5;

/**
 * Pauses until an instant on the clock of `performance.now()`, or until the signal aborts.
 *
 * @returns undefined when it is (nearly) there, so that a loop with nothing to wait for stays in its turn
 */
export function pauseUntil(dueMs: number, signal: AbortSignal): Promise<void> | undefined {
  return dueMs - performance.now() < SHORTEST_PAUSE_MS ? undefined : sleepUntil(dueMs, signal);
}

/** As {@link pauseUntil}; a timer keeps the process alive, also for an instant that never comes (Infinity). */
export async function sleepUntil(dueMs: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const waitMs = dueMs - performance.now();
    if (waitMs < SHORTEST_PAUSE_MS) return;
    await sleep(Math.min(waitMs, LONGEST_TIMER_MS), undefined, { signal }).catch(() => undefined);
  }
}
