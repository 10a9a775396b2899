import { describe, expect, test } from 'vitest';

import {
  addCoarseCounts,
  COARSE_CELLS,
  coarsePercentileNs,
  createHistogram,
  recordLatencies,
} from '../../../../src/core/statistics/latency-histogram.js';
import { IntervalLog } from '../../../../src/bench/model/interval-log.js';

/** A pass in which a message arrives each millisecond, and takes as long as `latencyNs` says. */
function watch(
  log: IntervalLog,
  totalMs: number,
  { latencyNs = () => 1000, isStill = () => false }: Partial<Watched> = {},
): void {
  const histogram = createHistogram();
  let received = 0;
  const read = (): Float64Array => {
    const counts = new Float64Array(COARSE_CELLS);
    addCoarseCounts(histogram, counts);
    return counts;
  };
  for (let atMs = 1; atMs <= totalMs; atMs++) {
    if (!isStill(atMs)) {
      received += 1;
      recordLatencies(histogram, latencyNs(atMs), 1);
    }
    if (atMs % 5 === 0) log.look({ atMs, sent: atMs, received, counted: received }, read);
  }
  log.finish({ atMs: totalMs, sent: totalMs, received, counted: received }, read());
}

interface Watched {
  readonly latencyNs: (atMs: number) => number;
  readonly isStill: (atMs: number) => boolean;
}

describe('the intervals of a pass', () => {
  test.each([1, 49, 50, 70, 5_000, 12_345, 60_000])('add up to all of it, for %d ms', (totalMs) => {
    const log = new IntervalLog(40, 0);
    watch(log, totalMs);
    const { intervals } = log;
    expect(intervals.length).toBeLessThanOrEqual(40);
    expect(intervals.reduce((sum, { ms }) => sum + ms, 0)).toBeCloseTo(totalMs, 3);
    expect(intervals.reduce((sum, { sent }) => sum + sent, 0)).toBe(totalMs);
    expect(intervals.reduce((sum, { received }) => sum + received, 0)).toBe(totalMs);
    let endMs = 0;
    for (const { atMs, ms } of intervals) {
      expect(atMs).toBeCloseTo(endMs, 3);
      endMs += ms;
    }
  });

  test('have the latencies of their own time', () => {
    const log = new IntervalLog(100, 0);
    watch(log, 1_000, { latencyNs: (atMs) => (atMs <= 500 ? 10_000 : 1_000_000) });
    const { intervals } = log;
    expect(intervals[2]?.p99Ns).toBeCloseTo(10_000, -3);
    expect(intervals.at(-1)?.p50Ns).toBeGreaterThanOrEqual(1_000_000);
    expect(intervals.at(-1)?.p50Ns).toBeLessThan(1_040_000);
    expect(intervals.at(-1)?.maxNs).toBe(intervals.at(-1)?.p50Ns);
  });
});

describe('stalls', () => {
  test('are times without progress, also at the end', () => {
    const log = new IntervalLog(100, 0);
    watch(log, 1_000, { isStill: (atMs) => (atMs > 200 && atMs <= 300) || atMs > 900 });
    expect(log.stalls).toEqual([
      { atMs: 200, ms: 105 },
      { atMs: 900, ms: 100 },
    ]);
  });

  test('are not the gaps of a low rate, nor the wait for the first message', () => {
    const log = new IntervalLog(100, 20);
    watch(log, 1_000, { isStill: (atMs) => atMs < 300 || (atMs > 400 && atMs < 470) });
    expect(log.stalls).toEqual([]);
  });
});

test('coarse percentiles are at most 3.2% too high', () => {
  const histogram = createHistogram();
  for (let value = 1; value <= 100_000; value += 7) recordLatencies(histogram, value * 50, 1);
  const counts = new Float64Array(COARSE_CELLS);
  addCoarseCounts(histogram, counts);
  for (const percent of [1, 50, 90, 99, 99.9, 100]) {
    const ratio = (coarsePercentileNs(counts, percent) ?? 0) / (percent * 1000 * 50);
    expect(ratio).toBeGreaterThanOrEqual(0.999);
    expect(ratio).toBeLessThan(1.033);
  }
  expect(coarsePercentileNs(new Float64Array(COARSE_CELLS), 50)).toBeUndefined();
});
