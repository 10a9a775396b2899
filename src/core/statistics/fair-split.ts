/** Shares `total` whole things over `parts`, so that no two shares differ by more than one. */
export function fairSplit(total: number, parts: number): readonly number[] {
  const base = Math.floor(total / parts);
  const extra = total % parts;
  return Array.from({ length: parts }, (_, index) => base + (index < extra ? 1 : 0));
}
