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
/** A process that stood still has yet to read what arrived in the meantime: more than this is not counted as silence. */
const LONGEST_LOOK_MS = 100;
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
  const silence = new Silence(options, startMs);
  while (!lost.aborted && wallNowMs() < endMs) {
    const silentMs = silence.look();
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
class Silence {
  readonly #options: SettleOptions;
  #lookedMs: number;
  #newsMs: number;
  #silentMs = 0;

  constructor(options: SettleOptions, startMs: number) {
    this.#options = options;
    this.#lookedMs = startMs;
    this.#newsMs = startMs;
  }

  /** @returns milliseconds */
  look(): number {
    const { now: isConnected, sinceMs } = this.#options.connected();
    const newsMs = Math.max(this.#options.lastArrivalMs(), sinceMs);
    const nowMs = wallNowMs();
    const isQuiet = isConnected && newsMs <= this.#newsMs;
    const stepMs = Math.min(nowMs - this.#lookedMs, LONGEST_LOOK_MS);
    this.#silentMs = isQuiet ? this.#silentMs + stepMs : 0;
    this.#lookedMs = nowMs;
    this.#newsMs = Math.max(this.#newsMs, newsMs);
    return this.#silentMs;
  }
}
