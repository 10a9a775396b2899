import { latencyDeviationNs, latencyTotals, percentileNs } from './latency-histogram.js';
import type { LatencyHistogram } from './latency-histogram.js';

/** Percentiles of one kind of latency, in nanoseconds. The set is fixed, so that runs compare. */
export interface LatencySummary {
  readonly count: number;
  readonly minNs: number;
  readonly meanNs: number;
  readonly stddevNs: number;
  readonly p50Ns: number;
  readonly p75Ns: number;
  readonly p90Ns: number;
  readonly p95Ns: number;
  readonly p99Ns: number;
  readonly p999Ns: number;
  readonly p9999Ns: number;
  readonly maxNs: number;
}

/** `undefined` when nothing was recorded. */
export function summarizeLatency(histogram: LatencyHistogram): LatencySummary | undefined {
  const { count, sumNs, minNs, maxNs } = latencyTotals(histogram);
  if (count === 0) return undefined;
  return {
    count,
    minNs,
    meanNs: Math.round(sumNs / count),
    stddevNs: Math.round(latencyDeviationNs(histogram)),
    p50Ns: percentileNs(histogram, 50),
    p75Ns: percentileNs(histogram, 75),
    p90Ns: percentileNs(histogram, 90),
    p95Ns: percentileNs(histogram, 95),
    p99Ns: percentileNs(histogram, 99),
    p999Ns: percentileNs(histogram, 99.9),
    p9999Ns: percentileNs(histogram, 99.99),
    maxNs,
  };
}

/**
 * Whether `count` samples say anything about the percentile: at least ten must lie above it.
 * @param percent such as 99.9
 */
export function percentileIsMeaningful(count: number, percent: number): boolean {
  return Math.round(count * (100 - percent)) >= 1000;
}
