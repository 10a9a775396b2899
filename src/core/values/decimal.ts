export interface ScaledDecimal {
  /** The product, rounded half up to a whole number. */
  readonly value: bigint;
  /** Whether nothing had to be rounded. */
  readonly exact: boolean;
}

/** A plain decimal such as `12`, `1.5`, `.5`, `1_000`; the same as a regular expression's source. */
export const DECIMAL = String.raw`(?:\d(?:_?\d)*(?:\.\d*)?|\.\d+)`;

/** `decimal × factor` without floating point, so that `1.1M` is 1100000; `decimal` has the form of {@link DECIMAL}. */
export function scaleDecimal(decimal: string, factor: bigint): ScaledDecimal {
  const [whole = '', fraction = ''] = decimal.replaceAll('_', '').split('.');
  const divisor = 10n ** BigInt(fraction.length);
  const product = BigInt(`${whole}${fraction}`) * factor;
  const rest = product % divisor;
  const value = product / divisor + (rest * 2n >= divisor ? 1n : 0n);
  return { value, exact: rest === 0n };
}

/** A number with its first three digits, without zeros behind the point: `1.25`, `12.5`, `125`, `1250`. */
export function threeDigits(value: number): string {
  const decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return String(Number(value.toFixed(decimals)));
}
