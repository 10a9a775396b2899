import { expect, it } from 'vitest';
import { hdrPercentileText } from '../../../../src/bench/model/hdr-text.js';
import {
  createHistogram,
  recordLatency,
} from '../../../../src/core/statistics/latency-histogram.js';

/** What hdr-histogram-js 3 (three digits, five ticks, scaled by 1000) prints of the same values: value, share, count. */
const SECOND_IMPLEMENTATION: readonly (readonly [number, number, number])[] = [
  [21.215, 0, 1],
  [71.551, 0.1, 21],
  [111.807, 0.2, 40],
  [167.295, 0.3, 60],
  [203.391, 0.4, 80],
  [242.559, 0.5, 100],
  [281.343, 0.55, 110],
  [306.943, 0.6, 120],
  [338.431, 0.65, 130],
  [361.215, 0.7, 140],
  [387.327, 0.75, 150],
  [398.079, 0.775, 155],
  [412.927, 0.8, 160],
  [421.631, 0.825, 165],
  [430.847, 0.85, 170],
  [440.063, 0.875, 175],
  [447.231, 0.8875, 178],
  [448.255, 0.9, 180],
  [455.167, 0.9125, 183],
  [462.591, 0.925, 185],
  [476.415, 0.9375, 188],
  [478.975, 0.94375, 189],
  [479.999, 0.95, 190],
  [487.679, 0.95625, 193],
  [487.679, 0.9625, 193],
  [487.935, 0.96875, 194],
  [494.079, 0.971875, 195],
  [494.079, 0.975, 195],
  [500.223, 0.978125, 196],
  [501.503, 0.98125, 197],
  [501.503, 0.984375, 197],
  [511.999, 0.9859375, 198],
  [511.999, 0.9875, 198],
  [511.999, 0.9890625, 198],
  [514.047, 0.990625, 199],
  [514.047, 0.9921875, 199],
  [514.047, 0.99296875, 199],
  [514.047, 0.99375, 199],
  [514.047, 0.99453125, 199],
  [515.583, 0.9953125, 200],
  [515.583, 1, 200],
];

it('agrees with another implementation of HdrHistogram, row by row', () => {
  const histogram = createHistogram();
  let value = 1;
  for (let index = 0; index < 200; index++) {
    value = (value * 48_271) % 2_147_483_647;
    recordLatency(histogram, 20_000 + (value % 500_000));
  }
  const rows = hdrPercentileText(histogram)
    .split('\n')
    .filter((line) => /^ *\d/.test(line))
    .map((line) => line.trim().split(/ +/).map(Number));
  const shares = new Map(SECOND_IMPLEMENTATION.map((row) => [row[1], row]));
  expect(rows.length).toBeGreaterThan(20);
  for (const [micros = 0, share = 0, count = 0] of rows) {
    const [otherMicros, , otherCount] = shares.get(share)!;
    expect(count).toBe(otherCount);
    expect(Math.abs(micros - otherMicros)).toBeLessThanOrEqual(otherMicros * 0.001);
  }
});
