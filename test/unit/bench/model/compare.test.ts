import { describe, expect, it } from 'vitest';
import { compareReports } from '../../../../src/bench/model/compare.js';
import { exampleConditions, exampleReport } from './example-report.js';

function outcomeOf(before: readonly number[], after: readonly number[]): string | undefined {
  const comparison = compareReports(exampleReport({}, before), exampleReport({}, after), false);
  return comparison.metrics.find((metric) => metric.metric === 'rate')?.outcome;
}

describe('comparison of two runs', () => {
  it.each([
    ['a clear gain', [100, 101, 99, 100], [120, 121, 119, 120], 'faster'],
    ['a clear loss', [120, 121, 119, 120], [100, 101, 99, 100], 'slower'],
    ['noise', [100, 130, 70, 110], [105, 125, 80, 118], 'no-difference'],
    ['a steady change below one percent', [1000, 1000, 1000], [1005, 1005, 1005], 'no-difference'],
    ['a single run each', [100], [200], 'too-few-repeats'],
  ])('%s', (_, before, after, outcome) => {
    expect(outcomeOf(before, after)).toBe(outcome);
  });

  it('finds no difference between a run and itself', () => {
    const report = exampleReport({}, [100, 110, 120]);
    const { metrics, differences } = compareReports(report, report, false);
    expect(differences).toEqual([]);
    expect(new Set(metrics.map((metric) => metric.outcome))).toEqual(new Set(['no-difference']));
  });

  it.each([
    ['more than nothing', [0, 0], [100, 101], 'faster'],
    ['nothing twice', [0, 0], [0, 0], 'no-difference'],
  ])('has no ratio to nothing: %s', (_, before, after, outcome) => {
    const { metrics } = compareReports(exampleReport({}, before), exampleReport({}, after), false);
    const rate = metrics.find(({ metric }) => metric === 'rate');
    expect(rate).toMatchObject({ ratio: undefined, outcome });
  });

  it('calls a lower latency faster', () => {
    const slow = exampleReport({}, [1, 1]);
    const quick = exampleReport({
      repeats: slow.repeats.map((pass) => ({
        ...pass,
        response: { ...pass.response!, p50Ns: 55_000 },
      })),
    });
    const metric = compareReports(slow, quick, false).metrics.find((one) => one.metric === 'p50');
    expect(metric).toMatchObject({ outcome: 'faster', ratio: 0.5 });
  });

  it('refuses other conditions and names them, unless it is forced', () => {
    const other = exampleReport({ conditions: { ...exampleConditions, size: '1024', cores: 8 } });
    expect(() => compareReports(exampleReport(), other, false)).toThrow(
      'the two runs were measured under different conditions: cores (2 against 8), size (128 against 1024)',
    );
    expect(compareReports(exampleReport(), other, true).differences).toHaveLength(2);
  });

  it('refuses what was measured until an interruption', () => {
    const half = exampleReport({ outcome: 'interrupted' });
    expect(() => compareReports(half, exampleReport(), false)).toThrow(
      'outcome (interrupted against complete)',
    );
    expect(compareReports(half, half, false).differences).toEqual([]);
  });

  it('takes other versions of what is compared, and names them', () => {
    const conditions = { ...exampleConditions, natsxVersion: '0.2.0' };
    expect(
      compareReports(exampleReport(), exampleReport({ conditions }), false).differences,
    ).toEqual([{ condition: 'natsx_version', old: '0.1.0', new: '0.2.0' }]);
  });
});
