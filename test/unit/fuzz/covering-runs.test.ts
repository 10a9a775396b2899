import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  anyRun,
  coveredPairs,
  coveringRuns,
  possiblePairs,
} from '../../fuzz/matrix/covering-runs.js';
import { parseRun, routeIsThere, runText, shapeFits } from '../../fuzz/matrix/dimensions.js';

describe('the runs of the matrix', () => {
  it('have every pair of values that can come together', () => {
    const runs = coveringRuns(42);
    const covered = coveredPairs(runs);
    expect([...possiblePairs()].filter((pair) => !covered.has(pair))).toEqual([]);
  });

  it('are the same for the same seed, and others for another one', () => {
    expect(coveringRuns(7)).toEqual(coveringRuns(7));
    expect(coveringRuns(7)).not.toEqual(coveringRuns(8));
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
