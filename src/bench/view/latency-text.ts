import stringWidth from 'string-width';

import { percentileIsMeaningful } from '../../core/statistics/latency-summary.js';
import type { LatencySummary } from '../../core/statistics/latency-summary.js';
import type { DistributionPoint } from '../model/report.js';
import { barChart } from '../../terminal/text/bar.js';
import type { Style } from '../../terminal/text/style.js';
import { textTable } from '../../terminal/text/table.js';
import { formatDuration } from '../../core/values/duration.js';
import { formatPercent } from '../../core/wording.js';

const PERCENTILES = [
  ['p50', 50, 'p50Ns'],
  ['p90', 90, 'p90Ns'],
  ['p95', 95, 'p95Ns'],
  ['p99', 99, 'p99Ns'],
  ['p99.9', 99.9, 'p999Ns'],
  ['p99.99', 99.99, 'p9999Ns'],
] as const;

/** Columns to leave out on a narrow terminal, in this order. */
const DISPENSABLE = ['p95', 'mean', 'p90'];

/**
 * A table with a row for each kind of latency; percentiles with too few samples are a dash.
 * @param width columns of the terminal; `undefined` if nothing may be left out
 */
export function latencyTable(
  rows: readonly (readonly [string, LatencySummary])[],
  style: Style,
  width: number | undefined,
): string {
  const cells = rows.map(([name, latency]) => ({ name, values: latencyCells(latency) }));
  const table = (omitted: readonly string[]): string => {
    const titles = TITLES.filter((title) => !omitted.includes(title));
    return textTable({
      style,
      columns: ['', ...titles.map((title) => ({ title, align: 'right' as const }))],
      rows: cells.map(({ name, values }) => [
        name,
        ...titles.map((title) => values.get(title) ?? ''),
      ]),
    });
  };
  const tables = [0, 1, 2, 3].map((count) => table(DISPENSABLE.slice(0, count)));
  const fitting = tables.find((text) => width === undefined || tableWidth(text) <= width);
  return fitting ?? table(DISPENSABLE);
}

const TITLES = ['min', 'mean', ...PERCENTILES.map(([title]) => title), 'max'];

function latencyCells(latency: LatencySummary): ReadonlyMap<string, string> {
  return new Map([
    ['min', formatDuration(latency.minNs)],
    ['mean', formatDuration(latency.meanNs)],
    ...PERCENTILES.map(
      ([title, percent, key]) =>
        [
          title,
          percentileIsMeaningful(latency.count, percent) ? formatDuration(latency[key]) : '–',
        ] as const,
    ),
    ['max', formatDuration(latency.maxNs)],
  ]);
}

function tableWidth(text: string): number {
  return Math.max(...text.split('\n').map((line) => stringWidth(line)));
}

const MOST_ROWS = 14;
const BAR_WIDTH = 40;

/** The distribution as bars; neighbours are merged if there would be too many. */
export function distributionPlot(points: readonly DistributionPoint[], ascii: boolean): string {
  const total = points.reduce((sum, point) => sum + point.count, 0);
  const group = Math.max(1, Math.ceil(points.length / MOST_ROWS));
  const rows = [];
  for (let start = 0; start < points.length; start += group) {
    const part = points.slice(start, start + group);
    const count = part.reduce((sum, point) => sum + point.count, 0);
    const label = `≤ ${formatDuration(part.at(-1)?.upToNs ?? 0)}`;
    rows.push({ label, value: count, text: formatPercent(total === 0 ? 0 : count / total) });
  }
  return barChart(rows, { width: BAR_WIDTH, ascii });
}
