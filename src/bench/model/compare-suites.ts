import { usageError } from '../../core/errors.js';
import { comparePairs, compareReports } from './compare.js';
import type { Comparison } from './compare.js';
import { SUITE_SCHEMA } from './report.js';
import type { BenchReport, SuiteReport } from './report.js';

/** Two suites, scenario by scenario. */
export interface SuiteComparison {
  readonly schema: 'natsx.bench-suite-compare/1';
  readonly test: string;
  readonly scenarios: readonly ScenarioComparison[];
  /** Scenarios that only one of the suites has. */
  readonly onlyOld: readonly string[];
  readonly onlyNew: readonly string[];
}

export interface ScenarioComparison extends Comparison {
  /** Its name in the table of the suite. */
  readonly label: string;
}

/**
 * Compares two reports of one scenario, or two suites.
 * @throws NatsxError `usage` if they are of different kinds, or conditions differ and `force` is false
 */
export function compareSaved(
  older: BenchReport | SuiteReport,
  newer: BenchReport | SuiteReport,
  force: boolean,
): Comparison | SuiteComparison {
  if (isSuite(older) && isSuite(newer)) return compareSuites(older, newer, force);
  if (!isSuite(older) && !isSuite(newer)) return compareReports(older, newer, force);
  throw usageError(
    'one file holds the reports of a suite, the other one the report of one scenario',
    'compare two files of the same kind',
  );
}

function isSuite(report: BenchReport | SuiteReport): report is SuiteReport {
  return report.schema === SUITE_SCHEMA;
}

/**
 * Compares the scenarios that both suites have, by label.
 * @throws NatsxError `usage` if they have nothing in common, or conditions differ and `force` is false
 */
export function compareSuites(
  older: SuiteReport,
  newer: SuiteReport,
  force: boolean,
): SuiteComparison {
  const before = byLabel(older);
  const after = byLabel(newer);
  const labels = [...before.keys()].filter((label) => after.has(label));
  const pairs = labels.flatMap((label) => {
    const [old, now] = [before.get(label), after.get(label)];
    return old === undefined || now === undefined ? [] : [{ older: old, newer: now }];
  });
  const comparisons = comparePairs(pairs, force);
  const [first] = comparisons;
  if (first === undefined) throw usageError('the two suites have no scenario in common');
  return {
    schema: 'natsx.bench-suite-compare/1',
    test: first.test,
    scenarios: comparisons.map((comparison, index) => ({
      label: labels[index] ?? '',
      ...comparison,
    })),
    onlyOld: [...before.keys()].filter((label) => !after.has(label)),
    onlyNew: [...after.keys()].filter((label) => !before.has(label)),
  };
}

function byLabel({ labels, reports }: SuiteReport): ReadonlyMap<string, BenchReport> {
  return new Map(reports.map((report, index) => [labels[index] ?? '', report]));
}
