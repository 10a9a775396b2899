import { DECIMAL, scaleDecimal } from './decimal.js';
import { usageError } from '../errors.js';
import { quoted } from '../printable.js';

const COUNT = new RegExp(`^(${DECIMAL})([kKmMgGbB]?)$`, 'u');
const FACTORS: Readonly<Record<string, bigint>> = {
  '': 1n,
  k: 1_000n,
  m: 1_000_000n,
  g: 1_000_000_000n,
  b: 1_000_000_000n,
};

/**
 * Reads a number of things such as `500`, `1_000`, `500k`, `1.5M` or `1G`. Units are powers of 1000.
 *
 * @returns a whole number, 0 or more
 * @throws usage when the text is not a whole number
 */
export function parseCount(text: string): number {
  const [, decimal, unit = ''] = COUNT.exec(text) ?? [];
  const factor = FACTORS[unit.toLowerCase()];
  if (decimal === undefined || factor === undefined) throw countError(text);
  const { value, exact } = scaleDecimal(decimal, factor);
  if (!exact) throw countError(text);
  if (value > BigInt(Number.MAX_SAFE_INTEGER))
    throw usageError(`the number ${quoted(text)} is too large`);
  return Number(value);
}

function countError(text: string): Error {
  return usageError(
    `invalid number ${quoted(text)}: it is not a whole number`,
    'write for example 500, 1_000, 500k or 1.5M',
  );
}

/** Reads a share such as `0.1` or `10%`. @returns a number from 0 to 1. @throws usage */
export function parseShare(text: string): number {
  const match = /^(\d+(?:\.\d+)?|\.\d+)(%?)$/.exec(text);
  const share = Number(match?.[1]) / (match?.[2] === '%' ? 100 : 1);
  if (match !== null && share <= 1) return share;
  throw usageError(
    `invalid share ${quoted(text)}: it is not a number from 0 to 1`,
    'write for example 0.05 or 5%',
  );
}
