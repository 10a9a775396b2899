import type {
  CompareOutcome,
  Comparison,
  ConditionDifference,
  MetricComparison,
} from '../model/compare.js';
import type { SuiteComparison } from '../model/compare-suites.js';
import type { Spread } from '../../core/statistics/spread.js';
import { fitted } from './report-text.js';
import type { BenchTextOptions } from './report-text.js';
import type { Style } from '../../terminal/text/style.js';
import { textTable } from '../../terminal/text/table.js';
import { formatDuration } from '../../core/values/duration.js';
import { formatPercent, formatRate } from '../../core/wording.js';

/** Two runs side by side, with a verdict for each value. */
export function comparisonText(comparison: Comparison, options: BenchTextOptions): string {
  const { style } = options;
  const { metrics, differences, test } = comparison;
  return `${metricTable(metrics, options)}\n${differenceLines(differences, options)}${style.dim(fitted(test, options.width))}\n`;
}

/** Two suites side by side, scenario after scenario. */
export function suiteComparisonText(
  comparison: SuiteComparison,
  options: BenchTextOptions,
): string {
  const { style } = options;
  const tables = comparison.scenarios.map(
    ({ label, metrics }) => `${style.heading(label)}\n${metricTable(metrics, options)}\n`,
  );
  const differences = comparison.scenarios.flatMap((scenario) => scenario.differences);
  const left = [
    ...comparison.onlyOld.map((label) => style.dim(`${label}: only in the old suite\n`)),
    ...comparison.onlyNew.map((label) => style.dim(`${label}: only in the new suite\n`)),
  ];
  return `${tables.join('')}${left.join('')}${differenceLines(differences, options)}${style.dim(fitted(comparison.test, options.width))}\n`;
}

/** The width of the table with its longest verdicts. */
const FULL_WIDTH = 106;

function metricTable(
  metrics: readonly MetricComparison[],
  { style, width }: BenchTextOptions,
): string {
  const right = (title: string): { title: string; align: 'right' } => ({ title, align: 'right' });
  const isNarrow = width !== undefined && width < FULL_WIDTH;
  return textTable({
    style,
    width,
    columns: ['value', right('old'), right('new'), right('change'), right('p'), 'verdict'],
    rows: metrics.map((metric) => [
      metric.metric,
      spreadText(metric, metric.old),
      spreadText(metric, metric.new),
      ratioText(metric.ratio),
      metric.pValue === undefined ? '–' : pText(metric.pValue),
      outcomeText(metric.outcome, style, isNarrow),
    ]),
  });
}

/** Each difference once: a suite has the same ones for every scenario. */
function differenceLines(
  differences: readonly ConditionDifference[],
  { style, width }: BenchTextOptions,
): string {
  const lines = differences.map((one) => `${one.condition}: ${one.old} → ${one.new}`);
  return [...new Set(lines)].map((line) => `${style.dim(fitted(line, width))}\n`).join('');
}

/** The mean and, of several passes, how they scatter. */
export function spreadText({ unit }: MetricComparison, spread: Spread): string {
  const value = unit === 'ns' ? formatDuration(spread.mean) : formatRate(spread.mean);
  if (spread.count < 2 || spread.mean === 0) return value;
  return `${value} ± ${formatPercent(spread.stddev / spread.mean)}`;
}

/** The change from the old mean: `+3.2%`. */
export function ratioText(ratio: number | undefined): string {
  if (ratio === undefined) return '–';
  return `${ratio >= 1 ? '+' : '-'}${formatPercent(Math.abs(ratio - 1))}`;
}

export function pText(pValue: number): string {
  return pValue < 0.001 ? '<0.001' : pValue.toFixed(3);
}

function outcomeText(outcome: CompareOutcome, style: Style, isNarrow: boolean): string {
  switch (outcome) {
    case 'faster':
      return style.good(outcome);
    case 'slower':
      return style.bad(outcome);
    case 'no-difference':
      return isNarrow ? 'no difference' : comparedWords(outcome);
    case 'too-few-repeats':
      return style.warn(comparedWords(outcome));
  }
}

/** The verdict on a value in words. */
export function comparedWords(outcome: CompareOutcome): string {
  return outcome === 'no-difference' ? 'no significant difference' : outcome.replaceAll('-', ' ');
}
