import type { Motion } from './motion.js';

/** {@link Motion} per second, with what follows from it. */
export interface ConsumerPace {
  readonly publishPerS: number;
  readonly deliverPerS: number;
  readonly settlePerS: number;
  readonly growthPerS: number;
  readonly redeliverPerS: number;
  /** Of all deliveries, 0 to 1; 0 when nothing was delivered. */
  readonly redeliveryShare: number;
  /** Time from delivery to acknowledgement by Little's law; absent when nothing was settled. */
  readonly serviceMs?: number | undefined;
}

/** @param meanAckPending messages in flight, averaged over the samples */
export function paceOf(motion: Motion, meanAckPending: number): ConsumerPace {
  const seconds = motion.dtMs / 1000;
  const settlePerS = motion.settled / seconds;
  return {
    publishPerS: motion.published / seconds,
    deliverPerS: motion.deliveries / seconds,
    settlePerS,
    growthPerS: motion.growth / seconds,
    redeliverPerS: motion.redeliveries / seconds,
    redeliveryShare: motion.deliveries === 0 ? 0 : motion.redeliveries / motion.deliveries,
    serviceMs: settlePerS > 0 ? (1000 * meanAckPending) / settlePerS : undefined,
  };
}
