import type { Motion } from './motion.js';
import type { ConsumerPace } from './pace.js';
import type { TapFacts } from './series.js';
import type { ConsumerSample } from '../../streams/model/snapshot.js';
import type { Thresholds } from './thresholds.js';

interface Evidence {
  readonly motion: Motion | undefined;
  readonly pace: ConsumerPace | undefined;
  readonly tap: TapFacts | undefined;
  readonly thresholds: Thresholds;
}

/**
 * Whether a consumer with a backlog does its work: something was settled, and either the backlog is a few seconds
 * of work, or it goes up and down without climbing (a batch job is a sawtooth), or everything has been handed to
 * workers that began only now or ask for more.
 */
export function keepsUp(
  samples: readonly ConsumerSample[],
  { motion, pace, tap, thresholds }: Evidence,
): boolean {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || motion === undefined || pace === undefined) {
    return false;
  }
  // A backlog that shrinks because limits discard it is not worked off.
  if (motion.evictedUnread > 0) return false;
  const backlog = last.pending + last.ackPending;
  if (pace.settlePerS > 0) {
    if (backlog <= pace.settlePerS * thresholds.keepsUpWithinS) return true;
    const start = first.pending + first.ackPending;
    if (motion.fell && backlog <= start + motion.batch) return true;
  }
  if (freshWorkOnly(first, last, motion) || allInWork(samples, motion, pace)) return true;
  return saidToBeInWork(samples, motion, tap);
}

/** Nothing is pending, and the worker of every message in flight was heard to send "in progress". */
function saidToBeInWork(
  samples: readonly ConsumerSample[],
  motion: Motion,
  tap: TapFacts | undefined,
): boolean {
  const inFlight = samples.at(-1)?.ackPending ?? 0;
  return (
    samples.every(({ pending }) => pending === 0) &&
    motion.redeliveries === 0 &&
    (tap?.naks ?? 0) === 0 &&
    inFlight > 0 &&
    (tap?.working ?? 0) >= inFlight
  );
}

/** No more in flight than clients that ask for more: a worker that fetched ahead and hangs would have more. */
function oneEach(samples: readonly ConsumerSample[]): boolean {
  return samples.every(({ ackPending, waiting }) => ackPending <= Math.max(1, waiting));
}

/**
 * Long jobs: nothing is pending, clients ask for more, and no message was ever redelivered. Deliveries of which none is
 * finished could as well be lost.
 */
function allInWork(
  samples: readonly ConsumerSample[],
  motion: Motion,
  pace: ConsumerPace,
): boolean {
  return (
    samples.every(({ pending, redelivered }) => pending === 0 && redelivered === 0) &&
    samples.every(({ waiting, pushBound }) => waiting > 0 || pushBound) &&
    motion.redeliveries === 0 &&
    (pace.settlePerS > 0 || (motion.deliveries === 0 && oneEach(samples)))
  );
}

/** Nothing is pending, and what is in flight was first delivered within the window. */
function freshWorkOnly(first: ConsumerSample, last: ConsumerSample, motion: Motion): boolean {
  return (
    last.pending === 0 &&
    first.ackPending === 0 &&
    motion.deliveries > 0 &&
    motion.redeliveries === 0
  );
}
