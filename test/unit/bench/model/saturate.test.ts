import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findKnee, highestHeld, nextRate } from '../../../../src/bench/model/saturate.js';
import type { LoadStep } from '../../../../src/bench/model/saturate.js';

function step(ratePerS: number, p99Ns: number, held = true): LoadStep {
  return { ratePerS, achievedPerS: ratePerS, p50Ns: p99Ns / 2, p99Ns, held, reason: undefined };
}

describe('search for the highest rate', () => {
  it('finds any limit within its resolution, in few steps', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 20, max: 20_000_000 }),
        fc.integer({ min: 10, max: 100_000 }),
        (limit, startRatePerS) => {
          const settings = { startRatePerS, resolution: 0.05, maxRatePerS: 1e9 };
          const steps: LoadStep[] = [];
          for (
            let rate = nextRate(settings, steps);
            rate !== undefined;
            rate = nextRate(settings, steps)
          ) {
            steps.push(step(rate, 1000, rate <= limit));
          }
          const best = highestHeld(steps)!;
          expect(best.ratePerS).toBeLessThanOrEqual(limit);
          expect(best.ratePerS * 1.05 + 1).toBeGreaterThanOrEqual(limit);
          expect(steps.length).toBeLessThanOrEqual(32);
        },
      ),
    );
  });

  it('stops at the highest rate that it may ask for', () => {
    const settings = { startRatePerS: 100, resolution: 0.05, maxRatePerS: 350 };
    expect(nextRate({ ...settings, maxRatePerS: 50 }, [])).toBe(50);
    expect(nextRate(settings, [step(100, 1), step(200, 1)])).toBe(350);
    expect(nextRate(settings, [step(100, 1), step(350, 1)])).toBeUndefined();
  });

  it('gives up when not even one message a second holds', () => {
    const settings = { startRatePerS: 4, resolution: 0.05, maxRatePerS: 1000 };
    const steps: LoadStep[] = [];
    for (
      let rate = nextRate(settings, steps);
      rate !== undefined;
      rate = nextRate(settings, steps)
    ) {
      steps.push(step(rate, 1, false));
    }
    expect(steps.map((one) => one.ratePerS)).toEqual([4, 2, 1]);
    expect(highestHeld(steps)).toBeUndefined();
  });
});

describe('knee', () => {
  it('is where a flat curve begins to rise', () => {
    const curve = [
      step(100, 200),
      step(200, 210),
      step(400, 230),
      step(800, 260),
      step(900, 5000),
      step(1000, 90_000),
    ];
    expect(findKnee(curve)?.ratePerS).toBe(800);
  });

  it('is not seen in too few points, nor where nothing bends', () => {
    expect(findKnee([step(1, 1), step(2, 9)])).toBeUndefined();
    expect(findKnee([step(1, 5), step(2, 5), step(3, 5)])).toBeUndefined();
    expect(findKnee([step(1, 100), step(2, 90_000), step(3, 100_000)])).toBeUndefined();
  });
});
