import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';

import { pauseUntil } from '../../../src/connection/pause-until.js';

const never = new AbortController().signal;

describe('pauseUntil', () => {
  it('has nothing to wait for once the instant is there, or nearly', () => {
    expect(pauseUntil(performance.now() - 1_000, never)).toBeUndefined();
    expect(pauseUntil(performance.now() + 0.1, never)).toBeUndefined();
  });

  it('does not end before the instant', async () => {
    const dueMs = performance.now() + 20;
    await pauseUntil(dueMs, never);
    expect(performance.now()).toBeGreaterThan(dueMs - 0.5);
  });

  it('ends when the signal aborts, also before it began', async () => {
    const stop = new AbortController();
    const pause = pauseUntil(performance.now() + 3_600_000, stop.signal);
    expect(pause).toBeDefined();
    stop.abort();
    await pause;
    await pauseUntil(performance.now() + 3_600_000, AbortSignal.abort());
  });

  it('waits for an instant that is further away than timers reach', async () => {
    const stop = new AbortController();
    const pause = pauseUntil(performance.now() + 2 ** 32, stop.signal);
    const first = await Promise.race([pause?.then(() => 'the instant'), sleep(20, 'a moment')]);
    expect(first).toBe('a moment');
    stop.abort();
    await pause;
  });
});
