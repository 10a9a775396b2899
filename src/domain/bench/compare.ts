import { NatsxError, usageError } from '../errors.js';
import { welchTest } from './significance.js';
import { spreadOf } from './spread.js';
import type { BenchReport, Conditions, PassResult } from './report.js';
import type { Spread } from './spread.js';

/** Below this probability of chance a difference is called real. */
const SIGNIFICANCE = 0.05;
/** Differences below this share of the old value are not called, however steady the runs are. */
const SMALLEST_CHANGE = 0.01;

export type CompareOutcome = 'faster' | 'slower' | 'no-difference' | 'too-few-repeats';

export interface MetricComparison {
  readonly metric: string;
  readonly unit: 'per_s' | 'ns';
  readonly old: Spread;
  readonly new: Spread;
  /** New mean over old mean. */
  readonly ratio: number;
  /** Welch's t-test, two-sided; absent with fewer than two repeats on a side. */
  readonly pValue: number | undefined;
  readonly outcome: CompareOutcome;
}

export interface Comparison {
  readonly schema: 'natsx.bench-compare/1';
  readonly test: string;
  /** Conditions that differ; the comparison was forced when there are any that matter. */
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

/** What is being compared may differ: the versions of what was measured. All else is a condition. */
const SUBJECTS_OF_COMPARISON: ReadonlySet<string> = new Set([
  'server.version',
  'server.name',
  'server.cluster',
  'server.roundTripNs',
  'natsxVersion',
  'nodeVersion',
]);

/**
 * Compares two runs of the same scenario, metric by metric, over their repeats.
 * @throws NatsxError `usage` when the runs were made under other conditions and `force` is false
 */
export function compareReports(older: BenchReport, newer: BenchReport, force: boolean): Comparison {
  const differences = conditionDifferences(older.conditions, newer.conditions);
  const blocking = differences.filter(({ condition }) => !SUBJECTS_OF_COMPARISON.has(condition));
  if (blocking.length > 0 && !force) {
    const named = blocking.map((one) => `${one.condition} (${one.old} against ${one.new})`);
    throw usageError(
      `the two runs were made under other conditions: ${named.join(', ')}`,
      'repeat one of them under the conditions of the other, or add --force',
    );
  }
  return {
    schema: 'natsx.bench-compare/1',
    test: `Welch's t-test over the repeats, two-sided, p < ${SIGNIFICANCE}, and a change of at least ${SMALLEST_CHANGE * 100} %`,
    differences,
    metrics: METRICS.flatMap((metric) => compareMetric(metric, older, newer)),
  };
}

function compareMetric(
  metric: Metric,
  older: BenchReport,
  newer: BenchReport,
): readonly MetricComparison[] {
  const oldValues = valuesOf(metric, older);
  const newValues = valuesOf(metric, newer);
  const [oldSpread, newSpread] = [spreadOf(oldValues), spreadOf(newValues)];
  if (oldSpread === undefined || newSpread === undefined) return [];
  const pValue = welchTest(oldValues, newValues)?.pValue;
  const ratio = newSpread.mean / oldSpread.mean;
  const outcome = judge(ratio, pValue, metric.higherIsBetter);
  return [
    {
      metric: metric.name,
      unit: metric.unit,
      old: oldSpread,
      new: newSpread,
      ratio,
      pValue,
      outcome,
    },
  ];
}

function judge(ratio: number, pValue: number | undefined, higherIsBetter: boolean): CompareOutcome {
  if (pValue === undefined) return 'too-few-repeats';
  if (pValue >= SIGNIFICANCE || Math.abs(ratio - 1) < SMALLEST_CHANGE) return 'no-difference';
  return ratio > 1 === higherIsBetter ? 'faster' : 'slower';
}

function valuesOf(metric: Metric, report: BenchReport): readonly number[] {
  return report.repeats.map(metric.value).filter((value) => value !== undefined);
}

/** Every condition whose value differs, nested ones with a dot. */
function conditionDifferences(
  older: Conditions,
  newer: Conditions,
): readonly ConditionDifference[] {
  const before = flatten(older);
  const after = flatten(newer);
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return names.flatMap((condition) => {
    const [was, is] = [before.get(condition) ?? 'none', after.get(condition) ?? 'none'];
    return was === is ? [] : [{ condition, old: was, new: is }];
  });
}

function flatten(value: object, prefix = ''): ReadonlyMap<string, string> {
  const flat = new Map<string, string>();
  for (const [key, item] of Object.entries(value) as [string, unknown][]) {
    if (typeof item === 'object' && item !== null) {
      for (const [inner, text] of flatten(item, `${prefix}${key}.`)) flat.set(inner, text);
    } else if (item !== undefined) {
      flat.set(prefix + key, JSON.stringify(item).replaceAll('"', ''));
    }
  }
  return flat;
}

/** @throws {NatsxError} unhealthy — when any metric is slower */
export function failIfSlower({ metrics }: Comparison): void {
  const slower = metrics.filter(({ outcome }) => outcome === 'slower').map(({ metric }) => metric);
  if (slower.length === 0) return;
  throw new NatsxError('unhealthy', `slower than before: ${slower.join(', ')}`);
}
