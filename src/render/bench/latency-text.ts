import { percentileIsMeaningful } from '../../domain/bench/latency-summary.js';
import type { LatencySummary } from '../../domain/bench/latency-summary.js';
import type { DistributionPoint } from '../../domain/bench/report.js';
import { barChart } from '../bar.js';
import { formatLatency, formatPercent } from '../numbers.js';
import type { Style } from '../style.js';
import { textTable } from '../table.js';

const PERCENTILES = [
  ['p50', 50, 'p50Ns'],
  ['p90', 90, 'p90Ns'],
  ['p95', 95, 'p95Ns'],
  ['p99', 99, 'p99Ns'],
  ['p99.9', 99.9, 'p999Ns'],
  ['p99.99', 99.99, 'p9999Ns'],
] as const;

/** A table with a row for each kind of latency; percentiles that too few samples carry are a dash. */
export function latencyTable(
  rows: readonly (readonly [string, LatencySummary])[],
  style: Style,
): string {
  return textTable({
    style,
    columns: [
      '',
      ...['min', 'mean', ...PERCENTILES.map(([title]) => title), 'max'].map((title) => ({
        title,
        align: 'right' as const,
      })),
    ],
    rows: rows.map(([name, latency]) => [
      name,
      formatLatency(latency.minNs),
      formatLatency(latency.meanNs),
      ...PERCENTILES.map(([, percent, key]) =>
        percentileIsMeaningful(latency.count, percent) ? formatLatency(latency[key]) : '–',
      ),
      formatLatency(latency.maxNs),
    ]),
  });
}

const MOST_ROWS = 14;
const BAR_WIDTH = 40;

/** The distribution as bars; neighbours are put together where there would be too many. */
export function distributionPlot(points: readonly DistributionPoint[], ascii: boolean): string {
  const total = points.reduce((sum, point) => sum + point.count, 0);
  const group = Math.max(1, Math.ceil(points.length / MOST_ROWS));
  const rows = [];
  for (let start = 0; start < points.length; start += group) {
    const part = points.slice(start, start + group);
    const count = part.reduce((sum, point) => sum + point.count, 0);
    const label = `≤ ${formatLatency(part.at(-1)?.upToNs ?? 0)}`;
    rows.push({ label, value: count, text: formatPercent(total === 0 ? 0 : count / total) });
  }
  return barChart(rows, { width: BAR_WIDTH, ascii });
}
