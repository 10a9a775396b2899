import { describe, expect, it } from 'vitest';
import { makeSendTimes } from '../../../../src/core/values/pace.js';

describe('constant schedule', () => {
  it('has the rate of all clients together, evenly', () => {
    const schedules = [0, 1, 2, 3].map((client) =>
      makeSendTimes({ pace: { ratePerS: 1000, kind: 'constant' }, client, clients: 4, seed: 1 }),
    );
    const times = schedules
      .flatMap((next) => Array.from({ length: 250 }, () => next()))
      .sort((a, b) => a - b);
    expect(times).toEqual(Array.from({ length: 1000 }, (_, index) => index * 1_000_000));
  });

  it('does not drift over ten million messages', () => {
    const next = makeSendTimes({
      pace: { ratePerS: 3, kind: 'constant' },
      client: 0,
      clients: 1,
      seed: 1,
    });
    let last = 0;
    for (let index = 0; index <= 10_000_000; index++) last = next();
    expect(Math.abs(last - (10_000_000 / 3) * 1e9)).toBeLessThanOrEqual(1);
  });
});

describe('poisson schedule', () => {
  const times = (seed: number): readonly number[] => {
    const next = makeSendTimes({
      pace: { ratePerS: 1000, kind: 'poisson' },
      client: 0,
      clients: 1,
      seed,
    });
    return Array.from({ length: 100_000 }, () => next());
  };

  it('has the mean and the deviation of exponential gaps', () => {
    const all = times(7);
    const gaps = all.slice(1).map((time, index) => time - all[index]!);
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
    expect(mean / 1e6).toBeCloseTo(1, 1);
    expect(Math.sqrt(variance) / 1e6).toBeCloseTo(1, 1);
  });

  it('repeats with its seed and never falls', () => {
    const all = times(7);
    expect(times(7)).toEqual(all);
    expect(times(8)).not.toEqual(all);
    expect(
      all.every((time, index) => Number.isInteger(time) && time >= (all[index - 1] ?? 0)),
    ).toBe(true);
  });
});

describe('a ramp', () => {
  const times = (ramp: { fromPerS: number; toPerS: number; overMs: number }): readonly number[] => {
    const pace = { ratePerS: 0, kind: 'constant' as const, ramp };
    const clients = [0, 1].map((client) => makeSendTimes({ pace, client, clients: 2, seed: 1 }));
    return clients
      .flatMap((next) => Array.from({ length: 600 }, () => next()))
      .filter((time) => time < ramp.overMs * 1e6)
      .toSorted((a, b) => a - b);
  };

  it.each([
    [{ fromPerS: 0, toPerS: 1_000, overMs: 1_000 }, 500, 125],
    [{ fromPerS: 1_000, toPerS: 0, overMs: 1_000 }, 500, 375],
    [{ fromPerS: 200, toPerS: 600, overMs: 1_000 }, 400, 150],
    [{ fromPerS: 400, toPerS: 400, overMs: 1_000 }, 400, 200],
  ])('%o sends the area below it', (ramp, all, firstHalf) => {
    const sent = times(ramp);
    expect(sent).toHaveLength(all);
    expect(sent.filter((time) => time < 500e6)).toHaveLength(firstHalf);
    expect(sent.every((time, at) => Number.isInteger(time) && time >= (sent[at - 1] ?? 0))).toBe(
      true,
    );
  });
});
