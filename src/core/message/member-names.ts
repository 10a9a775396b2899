/** Names for the members of a queue group that run in one process: `worker-1`, …; padded so that they sort. */
export function memberNames(members: number): readonly string[] {
  const digits = String(members).length;
  return Array.from(
    { length: members },
    (_, index) => `worker-${String(index + 1).padStart(digits, '0')}`,
  );
}
