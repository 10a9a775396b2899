import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../src/core/statistics/random.js';
import { holmAdjusted, twoSidedP, welchTest } from '../../../../src/bench/model/significance.js';
import { spreadOf } from '../../../../src/core/statistics/spread.js';

describe("Student's distribution", () => {
  it('has the closed form of one degree of freedom (Cauchy)', () => {
    for (const t of [0.1, 1, 2, 12.7]) {
      expect(twoSidedP(t, 1)).toBeCloseTo(1 - (2 / Math.PI) * Math.atan(t), 10);
    }
  });

  it('has the closed form of two degrees of freedom', () => {
    for (const t of [0.1, 1, 2, 12.7]) {
      expect(twoSidedP(t, 2)).toBeCloseTo(1 - t / Math.sqrt(2 + t * t), 10);
    }
  });

  it.each([
    [12.706, 1],
    [4.303, 2],
    [2.776, 4],
    [2.228, 10],
    [1.984, 100],
  ])('has p = 0.05 at t = %d with %d degrees of freedom', (t, degrees) => {
    expect(twoSidedP(t, degrees)).toBeCloseTo(0.05, 4);
  });

  it('agrees with a numeric integral of the density', () => {
    const degrees = 5;
    const density = (x: number): number => (1 + (x * x) / degrees) ** (-(degrees + 1) / 2);
    const integral = (from: number, to: number): number => {
      const steps = 200_000;
      const width = (to - from) / steps;
      let sum = 0;
      for (let step = 0; step < steps; step++) sum += density(from + (step + 0.5) * width) * width;
      return sum;
    };
    const inside = integral(0, 1.7) / integral(0, 2000);
    expect(twoSidedP(1.7, degrees)).toBeCloseTo(1 - inside, 5);
  });
});

describe("Welch's test", () => {
  it('gives the worked values of two small samples', () => {
    const result = welchTest([1, 2, 3, 4, 5], [2, 4, 6, 8, 10])!;
    expect(result.t).toBeCloseTo(3 / Math.sqrt(0.5 + 2), 12);
    expect(result.degreesOfFreedom).toBeCloseTo(2.5 ** 2 / (0.25 / 4 + 4 / 4), 12);
  });

  it('needs two values a side, and takes samples without scatter', () => {
    expect(welchTest([1], [1, 2])).toBeUndefined();
    expect(welchTest([1, 1], [1, 1])?.pValue).toBe(1);
    expect(welchTest([1, 1], [2, 2])?.pValue).toBe(0);
  });
});

it('describes the scatter of repeats', () => {
  expect(spreadOf([4, 1, 3, 2])).toEqual({
    count: 4,
    min: 1,
    mean: 2.5,
    median: 2.5,
    max: 4,
    stddev: Math.sqrt(5 / 3),
  });
  expect(spreadOf([7])).toMatchObject({ median: 7, stddev: 0 });
  expect(spreadOf([])).toBeUndefined();
});

describe("Holm's correction", () => {
  it('gives the worked values of four tests', () => {
    const adjusted = holmAdjusted([0.01, undefined, 0.04, 0.03, 0.005]);
    expect(adjusted.map((value) => value?.toFixed(3))).toEqual([
      '0.030',
      undefined,
      '0.060',
      '0.060',
      '0.020',
    ]);
  });

  it('calls two equal sets of runs different at most once in twenty, whatever is looked at', () => {
    const random = seededRandom(7);
    // Sums of twelve uniform numbers scatter normally.
    const normal = (): number =>
      Array.from({ length: 12 }, random).reduce((sum, value) => sum + value, -6);
    const runs = (mean: number): number[] =>
      Array.from({ length: 5 }, () => mean * (1 + 0.05 * normal()));
    const [tries, values] = [400, 5];
    const called = (change: number): number =>
      Array.from({ length: tries }, () =>
        holmAdjusted(
          Array.from({ length: values }, () => welchTest(runs(100), runs(100 * change))?.pValue),
        ).some((pValue) => (pValue ?? 1) < 0.05),
      ).filter(Boolean).length / tries;
    expect(called(1)).toBeLessThan(0.08);
    expect(called(0.8)).toBeGreaterThan(0.95);
  });
});
