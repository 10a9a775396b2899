/**
 * Latencies in nanoseconds, in buckets of 0.1% width: 1,024 linear buckets for each power of two, as in
 * HdrHistogram with three digits. Its memory is one Float64Array of fixed size, so that it can lie in a
 * SharedArrayBuffer, be filled by one thread and read by another, and does not grow with the messages.
 * Count, sum, minimum and maximum are exact.
 */
export interface LatencyHistogram {
  /** `[count, sum, min, max, ...buckets]` */
  readonly cells: Float64Array;
}

const COUNT = 0;
const SUM = 1;
const MIN = 2;
const MAX = 3;
const FIRST_BUCKET = 4;

const HALF = 1024;
const LINEAR = 2 * HALF;
/** Values below 2^11 have a bucket each. */
const LINEAR_BITS = 11;
/** Values of 2^43ns (2.4 hours) and more share the last bucket; the maximum stays exact. */
const TOP_BITS = 43;
const BUCKETS = LINEAR + (TOP_BITS - LINEAR_BITS) * HALF;
const TWO_POW_32 = 2 ** 32;

/** Cells that one histogram needs; eight bytes each. */
export const HISTOGRAM_CELLS = FIRST_BUCKET + BUCKETS;

/** @param cells memory of `HISTOGRAM_CELLS` cells, all zero; own memory when absent */
export function createHistogram(
  cells: Float64Array = new Float64Array(HISTOGRAM_CELLS),
): LatencyHistogram {
  return { cells };
}

/** Forgets everything. */
export function resetHistogram(histogram: LatencyHistogram): void {
  histogram.cells.fill(0);
}

/**
 * Records one latency.
 * @param valueNs a whole number; below zero (a clock that was read early) counts as zero
 */
export function recordLatency(histogram: LatencyHistogram, valueNs: number): void {
  recordLatencies(histogram, valueNs, 1);
}

/** Records `times` messages that took the same time. */
export function recordLatencies(histogram: LatencyHistogram, valueNs: number, times: number): void {
  const { cells } = histogram;
  const value = valueNs > 0 ? valueNs : 0;
  const count = cells[COUNT] ?? 0;
  if (count === 0 || value < (cells[MIN] ?? 0)) cells[MIN] = value;
  if (value > (cells[MAX] ?? 0)) cells[MAX] = value;
  cells[COUNT] = count + times;
  cells[SUM] = (cells[SUM] ?? 0) + value * times;
  const cell = FIRST_BUCKET + bucketOf(value);
  cells[cell] = (cells[cell] ?? 0) + times;
}

function bucketOf(value: number): number {
  if (value < LINEAR) return Math.floor(value);
  const high = Math.floor(value / TWO_POW_32);
  const bits = high > 0 ? 64 - Math.clz32(high) : 32 - Math.clz32(value);
  if (bits > TOP_BITS) return BUCKETS - 1;
  const shift = bits - LINEAR_BITS;
  const scaled = high > 0 ? Math.floor(value / 2 ** shift) : value >>> shift;
  return shift * HALF + scaled;
}

/** The smallest and the largest whole number that fall into the bucket. */
function bucketBounds(bucket: number): { readonly lowest: number; readonly highest: number } {
  if (bucket < LINEAR) return { lowest: bucket, highest: bucket };
  const shift = Math.floor(bucket / HALF) - 1;
  const lowest = (bucket - shift * HALF) * 2 ** shift;
  return { lowest, highest: lowest + 2 ** shift - 1 };
}

/** Adds `from` to `into`. */
export function mergeHistogram(into: LatencyHistogram, from: LatencyHistogram): void {
  const before = latencyTotals(into);
  const added = latencyTotals(from);
  if (added.count === 0) return;
  const target = into.cells;
  target[COUNT] = before.count + added.count;
  target[SUM] = before.sumNs + added.sumNs;
  target[MIN] = before.count === 0 ? added.minNs : Math.min(before.minNs, added.minNs);
  target[MAX] = Math.max(before.maxNs, added.maxNs);
  for (let cell = FIRST_BUCKET; cell < HISTOGRAM_CELLS; cell++) {
    const more = from.cells[cell] ?? 0;
    if (more !== 0) target[cell] = (target[cell] ?? 0) + more;
  }
}

/** Exact facts; all zero when nothing was recorded. */
export interface LatencyTotals {
  readonly count: number;
  readonly sumNs: number;
  readonly minNs: number;
  readonly maxNs: number;
}

export function latencyTotals(histogram: LatencyHistogram): LatencyTotals {
  const { cells } = histogram;
  return {
    count: cells[COUNT] ?? 0,
    sumNs: cells[SUM] ?? 0,
    minNs: cells[MIN] ?? 0,
    maxNs: cells[MAX] ?? 0,
  };
}

/** A bucket that holds something. */
export interface LatencyBucket {
  readonly lowestNs: number;
  readonly highestNs: number;
  readonly count: number;
}

/** The buckets that hold something, from the lowest up. */
export function* filledBuckets(histogram: LatencyHistogram): Generator<LatencyBucket> {
  const { cells } = histogram;
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    const count = cells[FIRST_BUCKET + bucket] ?? 0;
    if (count === 0) continue;
    const { lowest, highest } = bucketBounds(bucket);
    yield { lowestNs: lowest, highestNs: highest, count };
  }
}

/**
 * The nearest-rank percentile: the smallest recorded value (rounded up to its bucket's end, at most 0.1%)
 * that at least `percent` of all values do not exceed. Zero when nothing was recorded.
 */
export function percentileNs(histogram: LatencyHistogram, percent: number): number {
  const { count, minNs, maxNs } = latencyTotals(histogram);
  if (count === 0) return 0;
  const rank = Math.max(1, Math.ceil((percent / 100) * count - 1e-9 * count));
  let seen = 0;
  for (const bucket of filledBuckets(histogram)) {
    seen += bucket.count;
    if (seen >= rank) return Math.min(maxNs, Math.max(minNs, bucket.highestNs));
  }
  return maxNs;
}

/** Standard deviation from the buckets' middles, in ns. */
export function latencyDeviationNs(histogram: LatencyHistogram): number {
  const { count, sumNs } = latencyTotals(histogram);
  if (count < 2) return 0;
  const mean = sumNs / count;
  let squares = 0;
  for (const bucket of filledBuckets(histogram)) {
    const middle = (bucket.lowestNs + bucket.highestNs) / 2;
    squares += bucket.count * (middle - mean) ** 2;
  }
  return Math.sqrt(squares / count);
}

/** Buckets that {@link addCoarseCounts} counts as one: they are 3% wide together, where a bucket is 0.1%. */
const COARSE = 32;

/** Cells for {@link addCoarseCounts}. */
export const COARSE_CELLS = BUCKETS / COARSE;

/** Adds the counts of a histogram to cells that are 32 times fewer, and as much faster to compare. */
export function addCoarseCounts({ cells }: LatencyHistogram, into: Float64Array): void {
  for (let coarse = 0; coarse < COARSE_CELLS; coarse++) {
    const start = FIRST_BUCKET + coarse * COARSE;
    let sum = 0;
    for (let cell = start; cell < start + COARSE; cell++) sum += cells[cell] ?? 0;
    into[coarse] = (into[coarse] ?? 0) + sum;
  }
}

/** The upper end of the cell that the percentile is in; undefined if nothing was counted. */
export function coarsePercentileNs(counts: Float64Array, percent: number): number | undefined {
  const count = counts.reduce((sum, one) => sum + one, 0);
  const rank = Math.max(1, Math.ceil((percent / 100) * count - 1e-9 * count));
  let seen = 0;
  for (let coarse = 0; coarse < COARSE_CELLS; coarse++) {
    seen += counts[coarse] ?? 0;
    if (count > 0 && seen >= rank) return bucketBounds((coarse + 1) * COARSE - 1).highest;
  }
  return undefined;
}
