/** `median 1.21 × (1.15–1.34, 15 runs)`. @param {readonly number[]} samples @param {string} unit */
export function spreadText(samples, unit) {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (/** @type {number} */ share) =>
    number(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN);
  return `median ${at(0.5)} ${unit} (${at(0)}–${at(1)}, ${samples.length} runs)`;
}

/** @param {number} value */
function number(value) {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(2);
}
