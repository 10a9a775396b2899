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
