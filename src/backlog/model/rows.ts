import type { BacklogReport, ConsumerReport } from './report.js';
import { compareConsumers } from './diagnose.js';

export type RowOrder = 'severity' | 'backlog' | 'age' | 'rate' | 'loss' | 'name';

export const ROW_ORDERS: readonly RowOrder[] = [
  'severity',
  'backlog',
  'age',
  'rate',
  'loss',
  'name',
];

export interface RowChoice {
  readonly order: RowOrder;
  /** Absent: all. */
  readonly top?: number | undefined;
  readonly onlyUnhealthy: boolean;
}

/** The consumers of a report to show, and how many the limit leaves out. */
export function chooseRows(
  report: Pick<BacklogReport, 'streams'>,
  choice: RowChoice,
): { readonly rows: readonly ConsumerReport[]; readonly hidden: number } {
  const wanted = report.streams
    .flatMap(({ consumers }) => consumers)
    .filter(({ severity }) => !choice.onlyUnhealthy || !['ok', 'info'].includes(severity));
  const sorted = wanted.toSorted(comparerOf(choice.order));
  const rows = sorted.slice(0, choice.top ?? sorted.length);
  return { rows, hidden: sorted.length - rows.length };
}

/** The same report with only the chosen rows, for JSON. */
export function reduceReport(
  report: BacklogReport,
  rows: readonly ConsumerReport[],
): BacklogReport {
  const kept = new Map<string, ConsumerReport[]>();
  for (const row of rows) {
    const own = kept.get(row.stream);
    if (own === undefined) kept.set(row.stream, [row]);
    else own.push(row);
  }
  const streams = report.streams
    .map((stream) => ({ ...stream, consumers: kept.get(stream.name) ?? [] }))
    .filter(({ consumers, severity }) => consumers.length > 0 || severity !== 'ok');
  return { ...report, streams };
}

function comparerOf(order: RowOrder): (a: ConsumerReport, b: ConsumerReport) => number {
  const by = (value: (one: ConsumerReport) => number) => (a: ConsumerReport, b: ConsumerReport) =>
    value(b) - value(a) || compareConsumers(a, b);
  switch (order) {
    case 'severity':
      return compareConsumers;
    case 'backlog':
      return by(({ facts }) => facts?.backlog ?? 0);
    case 'age':
      return by(({ facts }) => facts?.oldestAgeMs ?? 0);
    case 'rate':
      return by(({ facts }) => facts?.pace?.publishPerS ?? 0);
    case 'loss':
      return by(({ facts }) => -(facts?.loss?.inMs ?? Number.MAX_VALUE));
    case 'name':
      return (a, b) => compareText(a.stream, b.stream) || compareText(a.name, b.name);
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
