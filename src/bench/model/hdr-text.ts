import {
  filledBuckets,
  latencyDeviationNs,
  latencyTotals,
  percentileNs,
} from '../../core/statistics/latency-histogram.js';
import type { LatencyHistogram } from '../../core/statistics/latency-histogram.js';
import type { PercentilePoint } from './report.js';

/** Steps for each halving of the distance to 100%, as HdrHistogram's own tools print them. */
const TICKS_PER_HALF_DISTANCE = 5;

/**
 * The percentile distribution as text, readable by HdrHistogram's plotters.
 * Values are in microseconds, the usual unit of those tools.
 */
export function hdrPercentileText(histogram: LatencyHistogram): string {
  const { count, sumNs, maxNs } = latencyTotals(histogram);
  const lines = ['       Value     Percentile TotalCount 1/(1-Percentile)', ''];
  for (const percent of percentileSteps(count)) {
    const value = percentileNs(histogram, percent);
    const total = percent === 100 ? count : countUpTo(histogram, value);
    lines.push(hdrLine(value, percent, total));
  }
  const mean = count === 0 ? 0 : sumNs / count;
  const deviation = latencyDeviationNs(histogram);
  lines.push(
    `#[Mean    = ${pad(mean / 1000, 12)}, StdDeviation   = ${pad(deviation / 1000, 12)}]`,
    `#[Max     = ${pad(maxNs / 1000, 12)}, Total count    = ${String(count).padStart(12)}]`,
    '#[Buckets =           33, SubBuckets     =         2048]',
  );
  return `${lines.join('\n')}\n`;
}

/** The same curve as data. */
export function percentileCurve(histogram: LatencyHistogram): readonly PercentilePoint[] {
  const { count } = latencyTotals(histogram);
  if (count === 0) return [];
  return percentileSteps(count).map((percentile) => ({
    percentile,
    latencyNs: percentileNs(histogram, percentile),
  }));
}

function pad(value: number, width: number): string {
  return value.toFixed(3).padStart(width);
}

function hdrLine(valueNs: number, percent: number, total: number): string {
  const fraction = percent / 100;
  const value = pad(valueNs / 1000, 12);
  const head = `${value} ${fraction.toFixed(12)} ${String(total).padStart(10)}`;
  return percent === 100 ? head : `${head} ${(1 / (1 - fraction)).toFixed(2).padStart(14)}`;
}

/** 0, then ever finer steps towards 100 until a step has less than one value. */
function percentileSteps(count: number): readonly number[] {
  if (count === 0) return [100];
  const steps: number[] = [];
  let percent = 0;
  while (count * (1 - percent / 100) >= 1) {
    steps.push(percent);
    const halvings = Math.floor(Math.log2(100 / (100 - percent))) + 1;
    percent += 100 / (TICKS_PER_HALF_DISTANCE * 2 ** halvings);
  }
  steps.push(100);
  return steps;
}

function countUpTo(histogram: LatencyHistogram, valueNs: number): number {
  let total = 0;
  for (const bucket of filledBuckets(histogram)) {
    if (bucket.lowestNs > valueNs) break;
    total += bucket.count;
  }
  return total;
}
