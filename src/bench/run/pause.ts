import { setTimeout as sleep } from 'node:timers/promises';
import { CONTROL } from './meters.js';
import type { Clock } from './clock.js';

const NS_PER_MS = 1e6;
/** Timers fire up to a millisecond late; nearer instants are awaited turn by turn. */
const TIMER_SLACK_NS = 1.5 * NS_PER_MS;
/** What a blocked thread needs to wake up. */
const WAKE_SLACK_NS = 60_000;
/** A thread that blocks hears nothing meanwhile. */
const LONGEST_BLOCK_NS = 5 * NS_PER_MS;

/** A sender that was late at the end of its time may still send what was due by then. */
export const GRACE_NS = 300e6;

/** Lets the event loop handle what waits. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export function isStopped(control: Float64Array): boolean {
  return control[CONTROL.stop] === 1;
}

const parked = new Int32Array(new SharedArrayBuffer(4));

/** Sleeps by blocking the thread: precise to some 50µs without burning a processor that the server may need. */
function block(ns: number): void {
  const sleepNs = Math.min(ns, LONGEST_BLOCK_NS) - WAKE_SLACK_NS;
  if (sleepNs > 0) Atomics.wait(parked, 0, 0, sleepNs / NS_PER_MS);
}

export interface PauseOptions {
  readonly clock: Clock;
  readonly control: Float64Array;
  readonly mayBlock: boolean;
}

/** Waits until about `untilNs`, at most some milliseconds at a time: call it again until the instant is there. */
export async function pauseTowards(untilNs: number, options: PauseOptions): Promise<void> {
  const leftNs = untilNs - options.clock();
  if (leftNs > 50 * NS_PER_MS) await sleep(20);
  else if (options.mayBlock) {
    block(leftNs);
    await nextTurn();
  } else if (leftNs > TIMER_SLACK_NS) await sleep((leftNs - TIMER_SLACK_NS) / NS_PER_MS);
  else await nextTurn();
}

/** Waits for the instant, or for the stop. */
export async function waitUntil(untilNs: number, options: PauseOptions): Promise<void> {
  while (options.clock() < untilNs && !isStopped(options.control)) {
    await pauseTowards(untilNs, options);
  }
}

/** Resolves soon after the run is told to stop. */
export async function untilStopped(control: Float64Array): Promise<void> {
  while (!isStopped(control)) await sleep(4);
}
