import Table from 'cli-table3';
import stringWidth from 'string-width';
import { stripVTControlCharacters } from 'node:util';

import type { Style } from './style.js';

/** A column; `right` is for numbers, which are never cut. */
export interface TableColumn {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Never cut this column, even if the line gets too long. */
  readonly whole?: boolean;
}

export interface TableOptions {
  /** A string is the title of a left-aligned column. */
  readonly columns: readonly (string | TableColumn)[];
  /** Cells, safe for a terminal and already coloured; missing cells are empty. */
  readonly rows: readonly (readonly string[])[];
  readonly style: Style;
  /** Columns of the terminal; `undefined` if nothing may be cut. */
  readonly width?: number | undefined;
  /** `plain` (default) aligns with spaces; the boxes have a frame and lines between columns. */
  readonly look?: 'plain' | 'box' | 'ascii-box';
}

/** A table with a header, ending with a line feed. Columns of text are cut in the middle (`…`) to fit the width. */
export function textTable(options: TableOptions): string {
  const columns = options.columns.map(toColumn);
  const look = options.look ?? 'plain';
  const natural = columns.map((column, index) => naturalWidth(column, index, options.rows));
  const widths = fitWidths(columns, natural, roomFor(options.width, columns.length, look));
  const mark = look === 'ascii-box' ? '~' : '…';
  const cut = (text: string, index: number) => cutMiddle(text, widths[index] ?? 0, mark);
  const table = new Table({
    // A long title is cut like a cell.
    head: columns.map((column, index) => options.style.heading(cut(column.title, index))),
    colAligns: columns.map((column) => column.align ?? 'left'),
    chars: CHARACTERS[look],
    style: {
      head: [],
      border: [],
      ...(look === 'plain' ? { 'padding-left': 0, 'padding-right': 0 } : {}),
    },
  });
  for (const row of options.rows)
    table.push(columns.map((_, index) => cut(row[index] ?? '', index)));
  return `${table.toString().replace(/ +$/gm, '')}\n`;
}

/** `text` cut to at most `width` columns, with a mark in the middle; a cut text loses its colours. */
export function cutMiddle(text: string, width: number, mark = '…'): string {
  if (stringWidth(text) <= width) return text;
  const characters = [...new Intl.Segmenter().segment(stripVTControlCharacters(text))].map(
    ({ segment }) => segment,
  );
  if (width <= 1) return width === 1 ? mark : '';
  const head = takeWidth(characters, Math.ceil((width - 1) / 2));
  const tail = takeWidth([...characters].reverse(), width - 1 - stringWidth(head.join('')));
  return `${head.join('')}${mark}${tail.reverse().join('')}`;
}

const SHORTEST_CUT = 6;
const GAP = '  ';

const PLAIN = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: GAP,
};
const BOX = {
  ...PLAIN,
  top: '─',
  'top-mid': '┬',
  'top-left': '╭',
  'top-right': '╮',
  bottom: '─',
  'bottom-mid': '┴',
  'bottom-left': '╰',
  'bottom-right': '╯',
  left: '│',
  right: '│',
  middle: '│',
};
const ASCII_BOX = {
  ...PLAIN,
  top: '-',
  'top-mid': '+',
  'top-left': '+',
  'top-right': '+',
  bottom: '-',
  'bottom-mid': '+',
  'bottom-left': '+',
  'bottom-right': '+',
  left: '|',
  right: '|',
  middle: '|',
};
const CHARACTERS = { plain: PLAIN, box: BOX, 'ascii-box': ASCII_BOX } as const;

/** Titles begin with a capital, except those like `p99`. */
function toColumn(column: string | TableColumn): TableColumn {
  const { title, ...rest } = typeof column === 'string' ? { title: column } : column;
  return { ...rest, title: title.replace(/^[a-z](?=[a-z ])/, (first) => first.toUpperCase()) };
}

function naturalWidth(
  column: TableColumn,
  index: number,
  rows: readonly (readonly string[])[],
): number {
  return rows.reduce(
    (widest, row) => Math.max(widest, stringWidth(row[index] ?? '')),
    stringWidth(column.title),
  );
}

/** Columns that are left for the text of the cells. */
function roomFor(
  width: number | undefined,
  columns: number,
  look: keyof typeof CHARACTERS,
): number {
  if (width === undefined) return Number.POSITIVE_INFINITY;
  return look === 'plain' ? width - GAP.length * (columns - 1) : width - 3 * columns - 1;
}

/** Narrows the widest column of text, step by step, until the line fits or nothing can be cut. */
function fitWidths(
  columns: readonly TableColumn[],
  natural: readonly number[],
  room: number,
): readonly number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, width) => sum + width, 0) - room;
  while (excess > 0) {
    const widest = widestCuttable(columns, widths);
    if (widest === undefined) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
}

function widestCuttable(
  columns: readonly TableColumn[],
  widths: readonly number[],
): number | undefined {
  let found: number | undefined;
  for (const [index, column] of columns.entries()) {
    const width = widths[index] ?? 0;
    if (column.align === 'right' || column.whole === true || width <= SHORTEST_CUT) continue;
    if (found === undefined || width > (widths[found] ?? 0)) found = index;
  }
  return found;
}

function takeWidth(characters: readonly string[], width: number): string[] {
  const taken: string[] = [];
  let used = 0;
  for (const character of characters) {
    used += stringWidth(character);
    if (used > width) break;
    taken.push(character);
  }
  return taken;
}
