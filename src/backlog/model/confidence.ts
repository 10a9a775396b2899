import type { Motion } from './motion.js';
import { usableSamples } from './motion.js';
import type { ConsumerSample } from '../../streams/model/snapshot.js';
import { formatDurationMs } from '../../core/values/duration.js';

/** How far the numbers of one consumer can be trusted, and why not further. */
export interface Confidence {
  readonly level: 'high' | 'medium' | 'low';
  readonly reasons: readonly string[];
}

/** Shared, because most consumers of a large account have it. */
const HIGH: Confidence = { level: 'high', reasons: [] };
const ENOUGH_EVENTS = 20;
const ENOUGH_MS = 3_500;
const FRESH_LEADER_MS = 60_000;

/** @param partial something about this consumer or its stream did not answer */
export function confidenceIn(
  samples: readonly ConsumerSample[],
  motion: Motion | undefined,
  partial: boolean,
): Confidence {
  const last = samples.at(-1);
  const low = lowReasons(samples, motion, partial);
  if (low.length > 0 || last === undefined) return { level: 'low', reasons: low };
  const medium = mediumReasons(samples, motion, last);
  return medium.length > 0 ? { level: 'medium', reasons: medium } : HIGH;
}

function lowReasons(
  samples: readonly ConsumerSample[],
  motion: Motion | undefined,
  partial: boolean,
): readonly string[] {
  const last = samples.at(-1);
  if (last === undefined) return ['the server did not answer for it'];
  const reasons: string[] = [];
  if (samples.length === 1) reasons.push('only one sample');
  else if (motion === undefined) reasons.push('it was recreated during the window');
  else if (usableSamples(samples).length < samples.length) reasons.push('its cursor went back');
  if (leaderChanged(samples)) reasons.push('its leader changed during the window');
  else if (freshLeader(last)) {
    reasons.push(
      `its leader was elected ${formatDurationMs(last.atMs - (last.cluster?.leaderSinceMs ?? 0))} ago`,
    );
  }
  if (last.config.deliverPolicy === 'last_per_subject')
    reasons.push('delivery policy last_per_subject');
  if (last.delivered.consumerSeq > 0 && last.delivered.lastActiveMs === undefined) {
    reasons.push('the server was restarted since the last delivery');
  }
  if (partial) reasons.push('not everything answered');
  return reasons;
}

function mediumReasons(
  samples: readonly ConsumerSample[],
  motion: Motion | undefined,
  last: ConsumerSample,
): readonly string[] {
  const reasons: string[] = [];
  if (motion !== undefined && motion.dtMs < ENOUGH_MS)
    reasons.push(`${formatDurationMs(motion.dtMs)} of history`);
  if (motion?.exact === false) reasons.push('the publish rate into the filter is estimated');
  const events = motion === undefined ? 0 : motion.deliveries + motion.published;
  // Counters that do not change are certain for the whole time between two samples.
  if (samples.length === 2 && (events > 0 || last.pending + last.ackPending > 0))
    reasons.unshift('two samples');
  if (events < ENOUGH_EVENTS && last.pending + last.ackPending > 0)
    reasons.push('few messages moved');
  return reasons;
}

function leaderChanged(samples: readonly ConsumerSample[]): boolean {
  const leader = samples[0]?.cluster?.leader;
  return samples.some((sample) => sample.cluster?.leader !== leader);
}

function freshLeader(sample: ConsumerSample): boolean {
  const since = sample.cluster?.leaderSinceMs;
  return since !== undefined && sample.atMs - since < FRESH_LEADER_MS;
}
