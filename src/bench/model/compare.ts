import { NatsxError, usageError } from '../../core/errors.js';
import { holmAdjusted, welchTest } from './significance.js';
import { spreadOf } from '../../core/statistics/spread.js';
import { snakeCase } from './report.js';
import type { BenchReport, Conditions, PassResult } from './report.js';
import type { Spread } from '../../core/statistics/spread.js';

/** A difference with a lower probability of being chance is reported. */
const SIGNIFICANCE = 0.05;
/** Smaller differences, as a share of the old value, are never reported. */
const SMALLEST_CHANGE = 0.01;
const TEST = `Welch's t-test over the repeats, two-sided, corrected for the number of values (Holm), p < ${SIGNIFICANCE}, and a change of at least ${SMALLEST_CHANGE * 100}%`;

export type CompareOutcome = 'faster' | 'slower' | 'no-difference' | 'too-few-repeats';

export interface MetricComparison {
  readonly metric: string;
  readonly unit: 'per_s' | 'ns';
  readonly old: Spread;
  readonly new: Spread;
  /** New mean over old mean; absent if the old one is 0. */
  readonly ratio: number | undefined;
  /**
   * Welch's t-test, two-sided, corrected for the number of values compared (Holm); absent with fewer than two repeats
   * on a side.
   */
  readonly pValue: number | undefined;
  readonly outcome: CompareOutcome;
}

export interface Comparison {
  readonly schema: 'natsx.bench-compare/1';
  readonly test: string;
  /** Conditions that differ; other ones than versions only with `--force`. */
  readonly differences: readonly ConditionDifference[];
  readonly metrics: readonly MetricComparison[];
}

export interface ConditionDifference {
  readonly condition: string;
  readonly old: string;
  readonly new: string;
}

interface Metric {
  readonly name: string;
  readonly unit: 'per_s' | 'ns';
  readonly higherIsBetter: boolean;
  readonly value: (pass: PassResult) => number | undefined;
}

const METRICS: readonly Metric[] = [
  { name: 'rate', unit: 'per_s', higherIsBetter: true, value: (pass) => pass.ratePerS },
  latencyMetric('p50', 'p50Ns'),
  latencyMetric('p90', 'p90Ns'),
  latencyMetric('p99', 'p99Ns'),
  latencyMetric('p999', 'p999Ns'),
];

function latencyMetric(name: string, key: 'p50Ns' | 'p90Ns' | 'p99Ns' | 'p999Ns'): Metric {
  return { name, unit: 'ns', higherIsBetter: false, value: (pass) => pass.response?.[key] };
}

/** The versions of what was measured may differ: they are what is being compared. */
const SUBJECTS_OF_COMPARISON: ReadonlySet<string> = new Set([
  'server.version',
  'server.name',
  'server.cluster',
  'natsx_version',
  'node_version',
]);

/** Two runs of one scenario. */
export interface ReportPair {
  readonly older: BenchReport;
  readonly newer: BenchReport;
}

/**
 * Compares two runs of the same scenario, metric by metric, over their repeats.
 * @throws NatsxError `usage` if the runs were measured under different conditions and `force` is false
 */
export function compareReports(older: BenchReport, newer: BenchReport, force: boolean): Comparison {
  const [comparison] = comparePairs([{ older, newer }], force);
  if (comparison === undefined) throw usageError('there is nothing to compare');
  return comparison;
}

/**
 * Compares several pairs of runs together: the more values are compared, the clearer each difference has to be.
 * @throws NatsxError `usage` if a pair was measured under different conditions and `force` is false
 */
export function comparePairs(pairs: readonly ReportPair[], force: boolean): readonly Comparison[] {
  const differences = pairs.map(({ older, newer }) => [
    ...conditionDifferences(older.conditions, newer.conditions),
    ...outcomeDifference(older, newer),
  ]);
  if (!force) refuseDifferent(differences.flat());
  const measured = pairs.map((pair) => METRICS.flatMap((metric) => measureMetric(metric, pair)));
  const corrected = holmAdjusted(measured.flat().map(({ pValue }) => pValue));
  let next = 0;
  return measured.map((metrics, index) => ({
    schema: 'natsx.bench-compare/1',
    test: TEST,
    differences: differences[index] ?? [],
    metrics: metrics.map((metric) => judged(metric, corrected[next++])),
  }));
}

/** Conditions that make two runs incomparable, in words: `size (16 against 32)`. */
export function otherConditions(older: Conditions, newer: Conditions): readonly string[] {
  return blockingOf(conditionDifferences(older, newer));
}

function blockingOf(differences: readonly ConditionDifference[]): readonly string[] {
  const blocking = differences.filter(({ condition }) => !SUBJECTS_OF_COMPARISON.has(condition));
  const named = blocking.map((one) => `${one.condition} (${one.old} against ${one.new})`);
  return [...new Set(named)];
}

function refuseDifferent(differences: readonly ConditionDifference[]): void {
  const named = blockingOf(differences);
  if (named.length === 0) return;
  throw usageError(
    `the two runs were measured under different conditions: ${named.join(', ')}`,
    'repeat one of them under the conditions of the other one, or add --force',
  );
}

type MeasuredMetric = Omit<MetricComparison, 'outcome'> & { readonly higherIsBetter: boolean };

function measureMetric(metric: Metric, { older, newer }: ReportPair): readonly MeasuredMetric[] {
  const oldValues = valuesOf(metric, older);
  const newValues = valuesOf(metric, newer);
  const [oldSpread, newSpread] = [spreadOf(oldValues), spreadOf(newValues)];
  if (oldSpread === undefined || newSpread === undefined) return [];
  return [
    {
      metric: metric.name,
      unit: metric.unit,
      higherIsBetter: metric.higherIsBetter,
      old: oldSpread,
      new: newSpread,
      ratio: oldSpread.mean === 0 ? undefined : newSpread.mean / oldSpread.mean,
      pValue: welchTest(oldValues, newValues)?.pValue,
    },
  ];
}

function judged(measured: MeasuredMetric, pValue: number | undefined): MetricComparison {
  const { higherIsBetter, ...rest } = measured;
  // There is no ratio to 0, but any change from 0 is large.
  const factor = rest.ratio ?? (rest.new.mean === 0 ? 1 : Infinity);
  return { ...rest, pValue, outcome: judge(factor, pValue, higherIsBetter) };
}

function judge(
  factor: number,
  pValue: number | undefined,
  higherIsBetter: boolean,
): CompareOutcome {
  if (pValue === undefined) return 'too-few-repeats';
  if (pValue >= SIGNIFICANCE || Math.abs(factor - 1) < SMALLEST_CHANGE) return 'no-difference';
  return factor > 1 === higherIsBetter ? 'faster' : 'slower';
}

function valuesOf(metric: Metric, report: BenchReport): readonly number[] {
  return report.repeats.map(metric.value).filter((value) => value !== undefined);
}

/** Part of the conditions, but measured, so that it always differs. */
const MEASURED: ReadonlySet<string> = new Set(['server.round_trip_ns']);

/** Every condition whose value differs, nested ones with a dot. */
function conditionDifferences(
  older: Conditions,
  newer: Conditions,
): readonly ConditionDifference[] {
  const before = flatten(older);
  const after = flatten(newer);
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return names.flatMap((condition) => {
    // Reports of older versions do not name it.
    if (condition === 'mode' && !(before.has('mode') && after.has('mode'))) return [];
    const [was, is] = [before.get(condition) ?? 'none', after.get(condition) ?? 'none'];
    return was === is || MEASURED.has(condition) ? [] : [{ condition, old: was, new: is }];
  });
}

/** A run that was interrupted or failed cannot be compared with a complete one. */
function outcomeDifference(
  { outcome: old }: BenchReport,
  { outcome: is }: BenchReport,
): readonly ConditionDifference[] {
  return old === is ? [] : [{ condition: 'outcome', old, new: is }];
}

function flatten(value: object, prefix = ''): ReadonlyMap<string, string> {
  const flat = new Map<string, string>();
  for (const [key, item] of Object.entries(value) as [string, unknown][]) {
    if (typeof item === 'object' && item !== null) {
      for (const [inner, text] of flatten(item, `${prefix}${key}.`)) flat.set(inner, text);
    } else if (item !== undefined) {
      flat.set(prefix + snakeCase(key), JSON.stringify(item).replaceAll('"', ''));
    }
  }
  return flat;
}

/** @throws {NatsxError} unhealthy — if a metric of a comparison is slower */
export function failIfSlower(
  comparisons: readonly (Comparison & { readonly label?: string })[],
): void {
  const slower = comparisons.flatMap(({ label, metrics }) =>
    metrics
      .filter(({ outcome }) => outcome === 'slower')
      .map(({ metric }) => (label === undefined ? metric : `${metric} of ${label}`)),
  );
  if (slower.length === 0) return;
  throw new NatsxError('unhealthy', `slower than before: ${slower.join(', ')}`);
}
