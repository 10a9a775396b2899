import { describe, expect, it } from 'vitest';

import { TimeMarks } from '../../../../src/verify/model/time-marks.js';

describe('the times of numbers', () => {
  it('are known to within the spacing of the marks, also in a run of millions at an uneven pace', () => {
    const marks = new TimeMarks();
    const timeOf = (number: number): number =>
      1e12 + number / 100 + (number > 1_000_000 ? 60_000 : 0);
    for (let number = 1; number <= 2_000_000; number++) marks.note(number, timeOf(number));
    for (const number of [1, 2, 777, 999_999, 1_000_001, 1_234_567, 2_000_000]) {
      expect(Math.abs((marks.at(number) ?? 0) - timeOf(number))).toBeLessThan(60);
    }
  });

  it('are unknown when nothing was sent, and the nearest known beyond the ends', () => {
    const marks = new TimeMarks();
    expect(marks.at(1)).toBeUndefined();
    marks.note(5, 1_000);
    expect(marks.at(1)).toBe(1_000);
    expect(marks.at(9)).toBe(1_000);
  });

  it('never take more than a fixed room', () => {
    const marks = new TimeMarks();
    for (let number = 1; number <= 300_000; number++) marks.note(number, number * 1_000);
    expect(marks.size).toBeLessThanOrEqual(65_536);
    expect(Math.abs((marks.at(150_000) ?? 0) - 150_000_000)).toBeLessThan(10_000);
  });
});
