import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  anyRun,
  coveredPairs,
  coveringRuns,
  pairText,
  possiblePairs,
} from '../../fuzz/matrix/covering-runs.js';
import { parseRun, routeIsThere, runText, shapeFits } from '../../fuzz/matrix/dimensions.js';

// Seconds of computing for each seed; many more on a busy machine.
describe('the runs of the matrix', { timeout: 120_000 }, () => {
  const runs = coveringRuns(42);

  it('have every pair of values that can come together', () => {
    const covered = coveredPairs(runs);
    const missing = [...possiblePairs()].filter((pair) => !covered.has(pair));
    expect(missing.map(pairText)).toEqual([]);
  });

  it('are the same for the same seed, and others for another one', () => {
    expect(coveringRuns(42)).toEqual(runs);
    expect(coveringRuns(8)).not.toEqual(runs);
  });

  it('are possible, and read back from their line', () => {
    fc.assert(
      fc.property(anyRun, (run) => {
        expect(routeIsThere(run)).toBe(true);
        expect(run.shapes.every((shape) => shapeFits(run, shape))).toBe(true);
        expect(parseRun(runText(run))).toEqual(run);
      }),
    );
  });
});
