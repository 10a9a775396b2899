/** A straight line through points: its slope per second, and how sure that is. */
export interface Slope {
  readonly perS: number;
  /** Standard error of the slope; absent with fewer than three points. */
  readonly errorPerS?: number | undefined;
}

export interface Point {
  readonly atMs: number;
  readonly value: number;
}

/** Least squares; undefined with fewer than two points or no time between them. */
export function slopeOf(points: readonly Point[]): Slope | undefined {
  const first = points[0];
  if (first === undefined || points.length < 2) return undefined;
  const times = points.map((point) => (point.atMs - first.atMs) / 1000);
  const meanTime = mean(times);
  const meanValue = mean(points.map((point) => point.value));
  let covariance = 0;
  let variance = 0;
  for (const [index, point] of points.entries()) {
    const distance = (times[index] ?? 0) - meanTime;
    covariance += distance * (point.value - meanValue);
    variance += distance * distance;
  }
  if (variance === 0) return undefined;
  const perS = covariance / variance;
  if (points.length < 3) return { perS };
  let residual = 0;
  for (const [index, point] of points.entries()) {
    const expected = meanValue + perS * ((times[index] ?? 0) - meanTime);
    residual += (point.value - expected) ** 2;
  }
  return { perS, errorPerS: Math.sqrt(residual / (points.length - 2) / variance) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
