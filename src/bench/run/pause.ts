import { setTimeout as sleep } from 'node:timers/promises';
import { CONTROL, RUNNING, STOPPED } from './meters.js';
import type { Clock } from './clock.js';

const NS_PER_MS = 1e6;
/** Timers fire up to a millisecond late; closer times are awaited turn by turn of the event loop. */
const TIMER_SLACK_NS = 1.5 * NS_PER_MS;
/** The time that a blocked thread needs to wake up. */
const WAKE_SLACK_NS = 60_000;
/** A blocked thread does not read its sockets. */
const LONGEST_BLOCK_NS = 5 * NS_PER_MS;

/** At the end of its time, a late sender may still send what was due. */
export const GRACE_NS = 300e6;

/** Lets the event loop handle pending events. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export function isStopped(control: Float64Array): boolean {
  return control[CONTROL.stop] === STOPPED;
}

/** Whether senders may send: the pass is neither finishing nor stopped. */
export function mayStillSend(control: Float64Array): boolean {
  return control[CONTROL.stop] === RUNNING;
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

/** Waits towards `untilNs`, a few milliseconds at most: call it again until that time. */
export async function pauseTowards(untilNs: number, options: PauseOptions): Promise<void> {
  const leftNs = untilNs - options.clock();
  if (leftNs > 50 * NS_PER_MS) await sleep(20);
  else if (options.mayBlock) {
    block(leftNs);
    await nextTurn();
  } else if (leftNs > TIMER_SLACK_NS) await sleep((leftNs - TIMER_SLACK_NS) / NS_PER_MS);
  else await nextTurn();
}

/** Waits until that time, or until the run is stopped. */
export async function waitUntil(untilNs: number, options: PauseOptions): Promise<void> {
  while (options.clock() < untilNs && !isStopped(options.control)) {
    await pauseTowards(untilNs, options);
  }
}

/** Resolves soon after the run is stopped. */
export async function untilStopped(control: Float64Array): Promise<void> {
  while (!isStopped(control)) await sleep(4);
}
