import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createHistogram,
  filledBuckets,
  HISTOGRAM_CELLS,
  latencyDeviationNs,
  latencyTotals,
  mergeHistogram,
  percentileNs,
  recordLatencies,
  recordLatency,
  resetHistogram,
} from '../../../../src/core/statistics/latency-histogram.js';
import {
  summarizeLatency,
  percentileIsMeaningful,
} from '../../../../src/core/statistics/latency-summary.js';

const latencies = fc.array(
  fc.oneof(
    fc.nat(5_000),
    fc.nat(2 ** 31 - 1),
    fc.maxSafeNat().map((value) => value % 2 ** 43),
  ),
  { minLength: 1, maxLength: 300 },
);

/** Nearest rank on the sorted values: the definition, with every value kept. */
function exactPercentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil((percent / 100) * sorted.length - 1e-9)) - 1]!;
}

describe('latency histogram', () => {
  it('agrees with sorted values to 0.1 % at every percentile', () => {
    fc.assert(
      fc.property(
        latencies,
        fc.constantFrom(0, 25, 50, 75, 90, 99, 99.9, 99.99, 100),
        (values, percent) => {
          const histogram = createHistogram();
          for (const value of values) recordLatency(histogram, value);
          const exact = exactPercentile(values, percent);
          const found = percentileNs(histogram, percent);
          expect(found).toBeGreaterThanOrEqual(exact);
          expect(found - exact).toBeLessThanOrEqual(exact / 1000);
        },
      ),
    );
  });

  it('keeps count, sum, minimum and maximum exact', () => {
    fc.assert(
      fc.property(latencies, (values) => {
        const histogram = createHistogram();
        for (const value of values) recordLatency(histogram, value);
        expect(latencyTotals(histogram)).toEqual({
          count: values.length,
          sumNs: values.reduce((sum, value) => sum + value, 0),
          minNs: Math.min(...values),
          maxNs: Math.max(...values),
        });
      }),
    );
  });

  it('merges to what one histogram of all values holds', () => {
    fc.assert(
      fc.property(latencies, latencies, (left, right) => {
        const [a, b, both] = [createHistogram(), createHistogram(), createHistogram()];
        for (const value of left) recordLatency(a, value);
        for (const value of right) recordLatency(b, value);
        for (const value of [...left, ...right]) recordLatency(both, value);
        mergeHistogram(a, b);
        expect([...filledBuckets(a)]).toEqual([...filledBuckets(both)]);
        expect(latencyTotals(a).minNs).toBe(latencyTotals(both).minNs);
        expect(latencyTotals(a).maxNs).toBe(latencyTotals(both).maxNs);
      }),
    );
  });

  it('puts each value into a bucket that contains it', () => {
    fc.assert(
      fc.property(
        fc.maxSafeNat().map((value) => value % 2 ** 43),
        (value) => {
          const histogram = createHistogram();
          recordLatency(histogram, value);
          const [bucket] = [...filledBuckets(histogram)];
          expect(bucket!.lowestNs).toBeLessThanOrEqual(value);
          expect(bucket!.highestNs).toBeGreaterThanOrEqual(value);
        },
      ),
    );
  });

  it('keeps a maximum beyond its last bucket, and treats a negative latency as zero', () => {
    const histogram = createHistogram();
    recordLatency(histogram, 2 ** 50);
    recordLatency(histogram, -5);
    expect(latencyTotals(histogram)).toMatchObject({ count: 2, minNs: 0, maxNs: 2 ** 50 });
    expect(percentileNs(histogram, 100)).toBeLessThanOrEqual(2 ** 50);
  });

  it('works in shared memory and forgets on reset', () => {
    const shared = new SharedArrayBuffer(HISTOGRAM_CELLS * 8);
    const writer = createHistogram(new Float64Array(shared));
    const reader = createHistogram(new Float64Array(shared));
    recordLatencies(writer, 1000, 5);
    expect(latencyTotals(reader).count).toBe(5);
    resetHistogram(writer);
    expect(latencyTotals(reader).count).toBe(0);
    expect(percentileNs(reader, 50)).toBe(0);
  });

  it('estimates the deviation of a known distribution', () => {
    const histogram = createHistogram();
    for (let value = 1; value <= 1000; value++) recordLatency(histogram, value);
    expect(latencyDeviationNs(histogram)).toBeCloseTo(Math.sqrt((1000 ** 2 - 1) / 12), 6);
  });
});

describe('latency summary', () => {
  it('is absent without a single value', () => {
    expect(summarizeLatency(createHistogram())).toBeUndefined();
  });

  it('gives the fixed set of percentiles', () => {
    const histogram = createHistogram();
    for (let value = 1; value <= 1000; value++) recordLatency(histogram, value);
    expect(summarizeLatency(histogram)).toEqual({
      count: 1000,
      minNs: 1,
      meanNs: 501,
      stddevNs: 289,
      p50Ns: 500,
      p75Ns: 750,
      p90Ns: 900,
      p95Ns: 950,
      p99Ns: 990,
      p999Ns: 999,
      p9999Ns: 1000,
      maxNs: 1000,
    });
  });

  it.each([
    [1000, 99, true],
    [999, 99, false],
    [100_000, 99.99, true],
    [99_000, 99.99, false],
  ])('says whether %d samples carry p%d: %s', (count, percent, meaningful) => {
    expect(percentileIsMeaningful(count, percent)).toBe(meaningful);
  });
});
