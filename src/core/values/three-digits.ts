/** A number with its first three digits, without zeros behind the point: `1.25`, `12.5`, `125`, `1250`. */
export function threeDigits(value: number): string {
  const decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return String(Number(value.toFixed(decimals)));
}
