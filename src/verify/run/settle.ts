import { setTimeout as sleep } from 'node:timers/promises';

import { wallNowMs } from './wall-clock.js';

export interface SettleOptions {
  /** Whether everything promised has arrived. */
  readonly isComplete: () => boolean;
  /** Milliseconds since the epoch; 0 for never. */
  readonly lastArrivalMs: () => number;
  /** Whether all connections are open, and since when. */
  readonly connected: () => { readonly now: boolean; readonly sinceMs: number };
  /** How long to wait without an arrival, in milliseconds. */
  readonly settleMs: number;
  /** How much longer to wait for redeliveries of a consumer. Called once, when no more messages arrive. */
  readonly redeliveryMs: () => Promise<number>;
  /** Ends the wait, because a connection is lost for good. */
  readonly lost: AbortSignal;
}

const LOOK_EVERY_MS = 20;
/** When everything has arrived, this much silence shows that no copies follow. */
const COMPLETE_QUIET_MS = 250;
/** An endless stream of copies must not keep a run from ending. */
const LONGEST_MS = 60_000;

/** Waits for late messages until nothing has arrived for a while; never indefinitely. */
export async function settle(options: SettleOptions): Promise<void> {
  const { settleMs, isComplete, lost } = options;
  const startMs = wallNowMs();
  let quietMs = settleMs;
  let asked = false;
  let endMs = startMs + LONGEST_MS + 10 * settleMs;
  while (!lost.aborted && wallNowMs() < endMs) {
    const silentMs = silence(options, startMs);
    if (isComplete() && silentMs >= Math.min(settleMs, COMPLETE_QUIET_MS)) return;
    if (silentMs >= quietMs && asked) return;
    if (silentMs >= quietMs) {
      asked = true;
      const moreMs = await options.redeliveryMs();
      quietMs += moreMs;
      endMs += moreMs;
    } else {
      await sleep(LOOK_EVERY_MS);
    }
  }
}

/** How long nothing has arrived although it could have. */
function silence({ lastArrivalMs, connected }: SettleOptions, startMs: number): number {
  const { now, sinceMs } = connected();
  return now ? wallNowMs() - Math.max(startMs, lastArrivalMs(), sinceMs) : 0;
}
