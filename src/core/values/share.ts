import { usageError } from '../errors.js';
import { quoted } from '../printable.js';

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
