const BLOCKS = '▁▂▃▄▅▆▇█';
const ASCII_BLOCKS = '_.-=+*%#';

/** One character per value, scaled from 0 to the largest; a gap (NaN) is a space. */
export function sparkline(values: readonly number[], ascii = false): string {
  const blocks = ascii ? ASCII_BLOCKS : BLOCKS;
  const greatest = Math.max(0, ...values.filter(Number.isFinite));
  return values
    .map((value) => {
      if (!Number.isFinite(value)) return ' ';
      const share = greatest === 0 ? 0 : Math.max(0, value) / greatest;
      return blocks.charAt(Math.round(share * (blocks.length - 1)));
    })
    .join('');
}

/** Changes below this share of the largest value, and below this many, look flat. */
const FLAT_SHARE = 0.1;
const FLAT_AMOUNT = 10;

/**
 * The course of a value: scaled from the smallest one, so that growth is visible whatever the value, and a value that
 * hardly changes is a flat low line.
 */
export function trendLine(values: readonly number[]): string {
  const known = values.filter(Number.isFinite);
  const least = Math.min(...known);
  const greatest = Math.max(...known);
  const range = Math.max(greatest - least, FLAT_SHARE * greatest, FLAT_AMOUNT);
  return values
    .map((value) =>
      Number.isFinite(value)
        ? BLOCKS.charAt(Math.round(((value - least) / range) * (BLOCKS.length - 1)))
        : ' ',
    )
    .join('');
}
