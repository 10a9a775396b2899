import { mean, median, sortedSamples, standardDeviation } from './statistics.js';

/** How repeats of the same measurement scatter. */
export interface Spread {
  readonly count: number;
  readonly min: number;
  readonly mean: number;
  readonly median: number;
  readonly max: number;
  /** Sample standard deviation (n − 1); 0 for fewer than two values. */
  readonly stddev: number;
}

/** `undefined` for no values. */
export function spreadOf(values: readonly number[]): Spread | undefined {
  const sorted = sortedSamples(values);
  const min = sorted[0];
  const max = sorted.at(-1);
  if (min === undefined || max === undefined) return undefined;
  return {
    count: sorted.length,
    min,
    mean: mean(sorted),
    median: median(sorted),
    max,
    stddev: standardDeviation(sorted),
  };
}
