import stringWidth from 'string-width';

import type { ConsumerReport } from '../model/report.js';
import type { TableColumn } from '../../terminal/text/table.js';

/** A column of the table of consumers. */
export interface BacklogColumn extends TableColumn {
  readonly cell: (row: ConsumerReport) => string;
  /** Columns with the lowest number are dropped first if names have too little room; absent: never dropped. */
  readonly dispensable?: number;
}

/** Names get at least this many columns together, or all that they need. */
const NAMES_ROOM = 21;
const GAP = 2;

/**
 * The columns that fit. If long verdicts leave too little room for the names, the columns for the drain time and the
 * publish rate are dropped; the arrow of the backlog still shows the trend.
 *
 * @param width of the terminal; undefined if there is no limit
 */
export function narrowColumns(
  columns: readonly BacklogColumn[],
  rows: readonly ConsumerReport[],
  width: number | undefined,
): readonly BacklogColumn[] {
  if (width === undefined) return columns;
  let kept = columns;
  while (roomForNames(kept, rows, width) < wantedForNames(kept, rows)) {
    const [next] = kept
      .filter(({ dispensable }) => dispensable !== undefined)
      .toSorted((a, b) => (a.dispensable ?? 0) - (b.dispensable ?? 0));
    if (next === undefined) return kept;
    kept = kept.filter((column) => column !== next);
  }
  return kept;
}

function roomForNames(
  columns: readonly BacklogColumn[],
  rows: readonly ConsumerReport[],
  width: number,
): number {
  const fixed = columns
    .filter((column) => !isName(column))
    .reduce((sum, column) => sum + widthOf(column, rows), 0);
  return width - fixed - GAP * (columns.length - 1);
}

function wantedForNames(
  columns: readonly BacklogColumn[],
  rows: readonly ConsumerReport[],
): number {
  const natural = columns.filter(isName).reduce((sum, column) => sum + widthOf(column, rows), 0);
  return Math.min(natural, NAMES_ROOM);
}

function isName({ align, whole }: TableColumn): boolean {
  return align !== 'right' && whole !== true;
}

function widthOf({ title, cell }: BacklogColumn, rows: readonly ConsumerReport[]): number {
  return Math.max(stringWidth(title), ...rows.map((row) => stringWidth(cell(row))));
}
