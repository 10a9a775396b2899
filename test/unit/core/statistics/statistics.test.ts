import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fitLine,
  lowerMedian,
  mean,
  median,
  percentile,
  sortedSamples,
  standardDeviation,
  summarizeSamples,
} from '../../../../src/core/statistics/statistics.js';

const samples = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 50 });
const oneTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('closed forms', () => {
  it('of 1…n', () => {
    expect(mean(oneTo(100))).toBe(50.5);
    // The sample variance of 1…n is n (n + 1) / 12.
    expect(standardDeviation(oneTo(100))).toBeCloseTo(Math.sqrt((100 * 101) / 12), 10);
    expect([0, 1, 50, 99, 99.5, 100].map((percent) => percentile(oneTo(100), percent))).toEqual([
      1, 1, 50, 99, 100, 100,
    ]);
    expect(percentile(oneTo(1000), 99.9)).toBe(999);
    expect([median(oneTo(4)), median(oneTo(5))]).toEqual([2.5, 3]);
    expect([lowerMedian(oneTo(4)), lowerMedian(oneTo(5))]).toEqual([2, 3]);
  });

  it('of nothing and of one', () => {
    expect(
      [mean([]), standardDeviation([]), percentile([], 50), median([])].every(Number.isNaN),
    ).toBe(true);
    expect(lowerMedian([])).toBeUndefined();
    expect(standardDeviation([5])).toBe(0);
    expect(summarizeSamples([])).toBeUndefined();
    expect(summarizeSamples([5])).toEqual({
      count: 1,
      min: 5,
      p50: 5,
      p90: 5,
      p99: 5,
      max: 5,
      mean: 5,
    });
  });

  it('keeps the digits of a small spread at a great height', () => {
    expect(standardDeviation([1e9 + 1, 1e9 + 2, 1e9 + 3])).toBe(1);
  });

  it('of a line', () => {
    expect(fitLine([])).toBeUndefined();
    expect(fitLine([[1, 1]])).toBeUndefined();
    expect(
      fitLine([
        [1, 1],
        [1, 2],
      ]),
    ).toBeUndefined();
    expect(
      fitLine([
        [0, 1],
        [2, 5],
      ]),
    ).toEqual({ slope: 2, intercept: 1, slopeStandardError: undefined });
    // Worked by hand: x = 1…4, y = 2, 1, 4, 3: slope 0.6, residual 3.2, error √(3.2 / 2 / 5).
    const fit = fitLine([
      [1, 2],
      [2, 1],
      [3, 4],
      [4, 3],
    ]);
    expect(fit?.slope).toBeCloseTo(0.6, 12);
    expect(fit?.intercept).toBeCloseTo(1, 12);
    expect(fit?.slopeStandardError).toBeCloseTo(Math.sqrt(0.32), 12);
  });
});

describe('a naive second implementation agrees', () => {
  it('on percentiles', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 100 }), (values, percent) => {
        const enough = (candidate: number) =>
          values.filter((value) => value <= candidate).length * 100 >= percent * values.length;
        const naive = Math.min(...values.filter(enough));
        expect(percentile(sortedSamples(values), percent)).toBe(naive);
      }),
    );
  });

  it('on deviation and slope', () => {
    fc.assert(
      fc.property(samples, (values) => {
        const count = values.length;
        const sum = values.reduce((total, value) => total + value, 0);
        const squares = values.reduce((total, value) => total + value * value, 0);
        const variance = count < 2 ? 0 : (squares - (sum * sum) / count) / (count - 1);
        expect(standardDeviation(values)).toBeCloseTo(Math.sqrt(Math.max(variance, 0)), 5);
        const sumX = (count * (count - 1)) / 2;
        const sumXX = ((count - 1) * count * (2 * count - 1)) / 6;
        const sumXY = values.reduce((total, value, index) => total + value * index, 0);
        const fit = fitLine(values.map((value, index) => [index, value]));
        if (count < 2) expect(fit).toBeUndefined();
        else
          expect(fit?.slope).toBeCloseTo(
            (count * sumXY - sumX * sum) / (count * sumXX - sumX * sumX),
            6,
          );
      }),
    );
  });

  it('on summaries, in order', () => {
    fc.assert(
      fc.property(samples, (values) => {
        const { min, p50, p90, p99, max } = summarizeSamples(values)!;
        expect([min, p50, p90, p99, max]).toEqual(sortedSamples([min, p50, p90, p99, max]));
        expect([min, max]).toEqual([Math.min(...values), Math.max(...values)]);
      }),
    );
  });
});
