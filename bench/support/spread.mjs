/** @typedef {{ median: number, min: number, max: number }} Spread */

/** @param {readonly number[]} samples @returns {Spread} */
export function spreadOf(samples) {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (/** @type {number} */ index) => sorted[index] ?? Number.NaN;
  return {
    median: (at((sorted.length - 1) >> 1) + at(sorted.length >> 1)) / 2,
    min: at(0),
    max: at(sorted.length - 1),
  };
}
