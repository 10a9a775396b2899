import { filledBuckets } from '../../core/statistics/latency-histogram.js';
import type { LatencyHistogram } from '../../core/statistics/latency-histogram.js';
import type { DistributionPoint } from './report.js';

/** Points for each doubling of the latency: fine enough for a plot, few enough for a report. */
const POINTS_PER_DOUBLING = 4;

/** The histogram in coarse logarithmic steps; empty steps in between have the count 0. */
export function coarseDistribution(histogram: LatencyHistogram): readonly DistributionPoint[] {
  const counts = new Map<number, number>();
  for (const bucket of filledBuckets(histogram)) {
    const step = stepOf(bucket.highestNs);
    counts.set(step, (counts.get(step) ?? 0) + bucket.count);
  }
  const steps = [...counts.keys()];
  if (steps.length === 0) return [];
  const first = Math.min(...steps);
  const last = Math.max(...steps);
  return Array.from({ length: last - first + 1 }, (_, index) => ({
    upToNs: Math.round(2 ** ((first + index) / POINTS_PER_DOUBLING)),
    count: counts.get(first + index) ?? 0,
  }));
}

function stepOf(valueNs: number): number {
  return Math.ceil(Math.log2(Math.max(1, valueNs)) * POINTS_PER_DOUBLING);
}
