/**
 * The known names that `name` may have been meant for, nearest first, at most `limit`. A name qualifies when it
 * starts with what was typed, or when no more than about a third of its letters are wrong; case does not count.
 */
export function closestNames(name: string, known: Iterable<string>, limit = 3): readonly string[] {
  const wanted = name.toLowerCase();
  const tolerated = Math.max(1, Math.ceil(wanted.length / 3));
  const candidates: { readonly name: string; readonly distance: number }[] = [];
  for (const each of known) {
    const other = each.toLowerCase();
    const startsAlike = wanted.length >= 2 && other.startsWith(wanted);
    const distance = startsAlike ? 0.5 : editDistance(wanted, other);
    if (distance <= tolerated && distance < other.length) candidates.push({ name: each, distance });
  }
  candidates.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  return candidates.slice(0, limit).map((candidate) => candidate.name);
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one text into the other. */
export function editDistance(from: string, to: string): number {
  let beforeLast: readonly number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      let best = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
      );
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) best = Math.min(best, at(beforeLast, column - 2) + 1);
      current.push(best);
    }
    beforeLast = last;
    last = current;
  }
  return at(last, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
