import { fitLine } from '../../core/statistics/statistics.js';

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
  if (first === undefined) return undefined;
  const line = fitLine(points.map(({ atMs, value }) => [(atMs - first.atMs) / 1000, value]));
  return line && { perS: line.slope, errorPerS: line.slopeStandardError };
}
