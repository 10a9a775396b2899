import type { Motion } from './motion.js';
import type { Pace } from './pace.js';
import type { ConsumerSample } from './snapshot.js';
import type { Thresholds } from './thresholds.js';

/**
 * Whether a consumer with a backlog does its work: something was settled, and either the backlog is a few seconds
 * of work, or it goes up and down without climbing (a batch job is a sawtooth), or everything has been handed to
 * workers that began only now.
 */
export function keepsUp(
  samples: readonly ConsumerSample[],
  motion: Motion | undefined,
  pace: Pace | undefined,
  thresholds: Thresholds,
): boolean {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || motion === undefined || pace === undefined) {
    return false;
  }
  // A backlog that shrinks because limits eat it is not worked off.
  if (motion.evictedUnread > 0) return false;
  const backlog = last.pending + last.ackPending;
  if (pace.settlePerS > 0) {
    if (backlog <= pace.settlePerS * thresholds.keepsUpWithinS) return true;
    const start = first.pending + first.ackPending;
    if (motion.fell && backlog <= start + motion.batch) return true;
  }
  return freshWorkOnly(first, last, motion);
}

/** Nothing waits, and what is in flight was first delivered within the window. */
function freshWorkOnly(first: ConsumerSample, last: ConsumerSample, motion: Motion): boolean {
  return (
    last.pending === 0 &&
    first.ackPending === 0 &&
    motion.deliveries > 0 &&
    motion.redeliveries === 0
  );
}
