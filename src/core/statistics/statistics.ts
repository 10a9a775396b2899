/** Five numbers and the mean of a set of samples, in the samples' unit. */
export interface SampleSummary {
  readonly count: number;
  readonly min: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
  readonly mean: number;
}

/** A straight line through points, by least squares. */
export interface LinearFit {
  /** Units of y for one unit of x. */
  readonly slope: number;
  readonly intercept: number;
  /** Standard error of the slope; `undefined` with fewer than three points, where nothing is left to estimate it from. */
  readonly slopeStandardError: number | undefined;
}

/** Arithmetic mean; NaN for no samples. */
export function mean(samples: readonly number[]): number {
  if (samples.length === 0) return Number.NaN;
  let sum = 0;
  for (const sample of samples) sum += sample;
  return sum / samples.length;
}

/** Sample standard deviation (n − 1); 0 for one sample, NaN for none. */
export function standardDeviation(samples: readonly number[]): number {
  if (samples.length < 2) return samples.length === 0 ? Number.NaN : 0;
  const centre = mean(samples);
  // Distances from the mean, not sums of squares: the latter lose all digits when the spread is small.
  let squares = 0;
  for (const sample of samples) squares += (sample - centre) ** 2;
  return Math.sqrt(squares / (samples.length - 1));
}

/** The samples in rising order, as `percentile` wants them. */
export function sortedSamples(samples: readonly number[]): readonly number[] {
  return [...samples].sort((a, b) => a - b);
}

/** Nearest rank: the smallest sample that at least `percent` % of all samples do not exceed; NaN for none. */
export function percentile(sorted: readonly number[], percent: number): number {
  // Rounding away the binary error of percent / 100 keeps 99.9% of 1000 at rank 999.
  const rank = Math.ceil(Number(((percent / 100) * sorted.length).toFixed(9)));
  return sorted[Math.min(Math.max(rank, 1), sorted.length) - 1] ?? Number.NaN;
}

/** The middle sample, or the mean of the two in the middle; NaN for none. */
export function median(samples: readonly number[]): number {
  const sorted = sortedSamples(samples);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** The middle sample, or the lower of the two in the middle: always one that was measured. Undefined for none. */
export function lowerMedian(samples: readonly number[]): number | undefined {
  const sorted = sortedSamples(samples);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}

/** An exact summary of samples that were all kept; `undefined` for none. */
export function summarizeSamples(samples: readonly number[]): SampleSummary | undefined {
  if (samples.length === 0) return undefined;
  const sorted = sortedSamples(samples);
  return {
    count: sorted.length,
    min: percentile(sorted, 0),
    p50: percentile(sorted, 50),
    p90: percentile(sorted, 90),
    p99: percentile(sorted, 99),
    max: percentile(sorted, 100),
    mean: mean(sorted),
  };
}

/** The least-squares line through `[x, y]` points; `undefined` with fewer than two different x. */
export function fitLine(
  points: readonly (readonly [x: number, y: number])[],
): LinearFit | undefined {
  const centreX = mean(points.map(([x]) => x));
  const centreY = mean(points.map(([, y]) => y));
  let spread = 0;
  let together = 0;
  for (const [x, y] of points) {
    spread += (x - centreX) ** 2;
    together += (x - centreX) * (y - centreY);
  }
  if (points.length < 2 || spread === 0) return undefined;
  const slope = together / spread;
  const intercept = centreY - slope * centreX;
  let residual = 0;
  for (const [x, y] of points) residual += (y - centreY - slope * (x - centreX)) ** 2;
  const slopeStandardError =
    points.length < 3 ? undefined : Math.sqrt(residual / (points.length - 2) / spread);
  return { slope, intercept, slopeStandardError };
}

/** Shares `total` whole things over `parts`, so that no two shares differ by more than one. */
export function fairSplit(total: number, parts: number): readonly number[] {
  const base = Math.floor(total / parts);
  const extra = total % parts;
  return Array.from({ length: parts }, (_, index) => base + (index < extra ? 1 : 0));
}
