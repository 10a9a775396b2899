import type { Clock } from '../clock.js';
import type { WallTime } from './agent-protocol.js';

const NS_PER_MS = 1e6;
const MS_PER_S = 1_000;
/** The time of day is good to this, unless the machine is so busy that no try is. */
const GOOD_NS = 3_000;
const TRIES = 10;

/**
 * The time of day at which `clock` was 0. The system's time of day is read in whole milliseconds, so this waits until
 * one begins.
 */
export function wallTimeAtZero(clock: Clock): WallTime {
  let best = nextMillisecond(clock);
  for (let tries = 1; tries < TRIES && best.doubtNs > GOOD_NS; tries++) {
    const other = nextMillisecond(clock);
    if (other.doubtNs < best.doubtNs) best = other;
  }
  const seconds = Math.floor(best.ms / MS_PER_S);
  const nanoseconds = (best.ms % MS_PER_S) * NS_PER_MS - best.atNs;
  return { seconds, nanoseconds };
}

/** When the next millisecond of the day began, and how long that was not looked at. */
function nextMillisecond(clock: Clock): {
  readonly ms: number;
  readonly atNs: number;
  readonly doubtNs: number;
} {
  let before = { ms: Date.now(), atNs: -Infinity };
  for (;;) {
    const ms = Date.now();
    const atNs = clock();
    if (ms !== before.ms && before.atNs > -Infinity) {
      return { ms, atNs, doubtNs: atNs - before.atNs };
    }
    // The process may have paused between the first two readings.
    before = { ms, atNs: ms === before.ms ? atNs : -Infinity };
  }
}

/** How far one time of day is ahead of another, in nanoseconds. */
export function wallDifferenceNs(one: WallTime, other: WallTime): number {
  return (one.seconds - other.seconds) * 1e9 + (one.nanoseconds - other.nanoseconds);
}
