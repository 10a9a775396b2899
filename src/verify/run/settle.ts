import { setTimeout as sleep } from 'node:timers/promises';

import { wallNowMs } from './wall-clock.js';

export interface SettleOptions {
  /** Whether everything that was promised is there. */
  readonly isComplete: () => boolean;
  /** Milliseconds since the epoch; 0 for never. */
  readonly lastArrivalMs: () => number;
  /** Whether all connections stand, and since when. */
  readonly connected: () => { readonly now: boolean; readonly sinceMs: number };
  /** How long nothing may have come, in milliseconds. */
  readonly settleMs: number;
  /** What a consumer may still deliver anew: how much longer to wait for that. Asked once, when it is quiet. */
  readonly redeliveryMs: () => Promise<number>;
  /** Ends the wait: a connection is lost for good. */
  readonly lost: AbortSignal;
}

const LOOK_EVERY_MS = 20;
/** When all is there, this much silence shows that no copies follow. */
const COMPLETE_QUIET_MS = 250;
/** Copies that never end must not keep a run from ending. */
const LONGEST_MS = 60_000;

/** Waits for stragglers, until nothing has come for a while. Never for ever. */
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

/** How long nothing has come although it could have. */
function silence({ lastArrivalMs, connected }: SettleOptions, startMs: number): number {
  const { now, sinceMs } = connected();
  return now ? wallNowMs() - Math.max(startMs, lastArrivalMs(), sinceMs) : 0;
}
