import type { CompareOutcome, Comparison, MetricComparison } from '../domain/bench/compare.js';
import type { Spread } from '../domain/bench/spread.js';
import type { BenchTextOptions } from './bench-report-text.js';
import { formatLatency, formatPercent, formatRate } from './numbers.js';
import type { Style } from './style.js';
import { textTable } from './table.js';

/** Two runs side by side, with the verdict for each value. */
export function comparisonText(comparison: Comparison, options: BenchTextOptions): string {
  const { style, width } = options;
  const right = (title: string): { title: string; align: 'right' } => ({ title, align: 'right' });
  const table = textTable({
    style,
    width,
    columns: ['value', right('old'), right('new'), right('change'), right('p'), 'verdict'],
    rows: comparison.metrics.map((metric) => [
      metric.metric,
      spreadText(metric, metric.old),
      spreadText(metric, metric.new),
      changeText(metric.ratio),
      metric.pValue === undefined ? '–' : pText(metric.pValue),
      outcomeText(metric.outcome, style),
    ]),
  });
  const differences = comparison.differences.map((one) =>
    style.dim(`${one.condition}: ${one.old} → ${one.new}\n`),
  );
  return `${table}\n${differences.join('')}${style.dim(comparison.test)}\n`;
}

function spreadText({ unit }: MetricComparison, spread: Spread): string {
  const value = unit === 'ns' ? formatLatency(spread.mean) : formatRate(spread.mean);
  return spread.count < 2 ? value : `${value} ± ${formatPercent(spread.stddev / spread.mean)}`;
}

function changeText(ratio: number): string {
  if (!Number.isFinite(ratio)) return '–';
  return `${ratio >= 1 ? '+' : '-'}${formatPercent(Math.abs(ratio - 1))}`;
}

function pText(pValue: number): string {
  return pValue < 0.001 ? '<0.001' : pValue.toFixed(3);
}

function outcomeText(outcome: CompareOutcome, style: Style): string {
  switch (outcome) {
    case 'faster':
      return style.good('faster');
    case 'slower':
      return style.bad('slower');
    case 'no-difference':
      return 'no difference that the noise allows';
    case 'too-few-repeats':
      return style.warn('too few repeats to tell');
  }
}
