const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

export interface BarOptions {
  /** Columns of a full bar. */
  readonly width: number;
  readonly ascii?: boolean;
}

/** A horizontal bar for a share from 0 to 1, without padding. */
export function bar(share: number, options: BarOptions): string {
  const bounded = Number.isFinite(share) ? Math.min(1, Math.max(0, share)) : 0;
  if (options.ascii === true) return '#'.repeat(Math.round(bounded * options.width));
  const eighths = Math.round(bounded * options.width * 8);
  // A small share must not look like 0.
  if (eighths === 0 && bounded > 0) return EIGHTHS[1] ?? '';
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
}

export interface BarRow {
  readonly label: string;
  readonly value: number;
  /** The text after the bar. */
  readonly text: string;
}

/** Labelled bars, one per line, scaled to the largest value; every line ends with a line feed. */
export function barChart(rows: readonly BarRow[], options: BarOptions): string {
  const greatest = Math.max(0, ...rows.map((row) => row.value));
  const labelWidth = Math.max(0, ...rows.map((row) => row.label.length));
  return rows
    .map((row) => {
      const drawn = bar(greatest === 0 ? 0 : row.value / greatest, options).padEnd(options.width);
      return `${row.label.padEnd(labelWidth)}  ${drawn}  ${row.text}\n`;
    })
    .join('');
}
