/**
 * One object for all that are equal: of a hundred thousand consumers most are alike, and a copy of everything for each
 * is what fills the memory. Values are plain: tables of simple values, of lists and tables of such, two levels deep.
 */
export class SharedValues<T extends object> {
  readonly #mostKept: number;
  /** The latest first. */
  readonly #known: T[] = [];

  /** @param mostKept equal values are close together, so few need to be remembered */
  constructor(mostKept = 1) {
    this.#mostKept = mostKept;
  }

  /** @returns an equal value that is known, or this one */
  share(value: T): T {
    const index = this.#known.findIndex((known) => isSame(known, value));
    const found = this.#known[index];
    if (index === 0 && found !== undefined) return found;
    if (index > 0) this.#known.splice(index, 1);
    this.#known.unshift(found ?? value);
    if (this.#known.length > this.#mostKept) this.#known.pop();
    return found ?? value;
  }
}

/** Whether two plain values are alike, their parts and the parts of those. */
export function isSame(a: unknown, b: unknown, depth = 2): boolean {
  if (a === b) return true;
  if (depth < 0 || typeof a !== 'object' || typeof b !== 'object') return false;
  if (a === null || b === null) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) =>
      isSame((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name], depth - 1),
    )
  );
}
