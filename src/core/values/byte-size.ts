import { DECIMAL, scaleDecimal } from './decimal.js';
import { usageError } from '../errors.js';
import { quoted } from '../printable.js';

const UNITS = ['', 'K', 'M', 'G', 'T', 'P'] as const;
const SIZE = new RegExp(`^(${DECIMAL}) ?([kmgtp]?)(i?b)?$`, 'iu');

/**
 * Reads a size such as `128`, `512B`, `16K`, `1.5MB` or `1GiB`. All units are powers of 1024, as in the official CLI.
 *
 * @returns bytes, whole
 * @throws usage when the text is not a size
 */
export function parseByteSize(text: string): number {
  const [, decimal, unit = ''] = SIZE.exec(text) ?? [];
  if (decimal === undefined) {
    throw usageError(
      `invalid size ${quoted(text)}: it is not a number of bytes with an optional unit`,
      'write for example 512, 16K, 1.5MB or 1GiB; units are powers of 1024',
    );
  }
  const power = UNITS.findIndex((name) => name === unit.toUpperCase());
  const { value } = scaleDecimal(decimal, 1024n ** BigInt(power));
  if (value > BigInt(Number.MAX_SAFE_INTEGER))
    throw usageError(`the size ${quoted(text)} is too large`);
  return Number(value);
}

/** For people: `0 B`, `512 B`, `1.5 KiB`, `20 MiB`; three digits at most. */
export function formatByteSize(bytes: number): string {
  if (bytes < 0) return `-${formatByteSize(-bytes)}`;
  let amount = bytes;
  let power = 0;
  while (amount >= 999.5 && power < UNITS.length - 1) {
    amount /= 1024;
    power += 1;
  }
  const unit = UNITS[power] ?? '';
  if (unit === '') return `${Math.round(amount)} B`;
  const decimals = amount < 9.995 ? 2 : amount < 99.95 ? 1 : 0;
  return `${Number(amount.toFixed(decimals))} ${unit}iB`;
}

/** Exact, in the largest unit that leaves no remainder, readable by {@link parseByteSize}: `1025`, `16K`. */
export function formatByteSizeExact(bytes: number): string {
  let amount = bytes;
  let power = 0;
  while (amount > 0 && amount % 1024 === 0 && power < UNITS.length - 1) {
    amount /= 1024;
    power += 1;
  }
  return `${amount}${UNITS[power] ?? ''}`;
}
