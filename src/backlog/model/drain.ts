import type { Slope } from './regression.js';

/** Where a backlog is heading. `unknown` is for want of samples. */
export type Trend = 'growing' | 'draining' | 'flat' | 'empty' | 'unknown';

export interface DrainForecast {
  readonly trend: Trend;
  /** Seconds until the backlog is gone; present only while it drains. */
  readonly etaS?: number | undefined;
  /** One standard error of the slope to either side; absent with fewer than three samples. */
  readonly etaRangeS?: readonly [earliest: number, latest: number] | undefined;
}

/** Movements below this are noise: three messages, or one percent of the backlog. */
const NOISE_MESSAGES = 3;
const NOISE_SHARE = 0.01;

/**
 * By the number of messages, not by their age: when the backlog was published in a burst its age keeps growing
 * until the last second of a drain that is on time.
 */
export function forecastDrain(
  backlog: number,
  slope: Slope | undefined,
  windowMs: number,
): DrainForecast {
  if (backlog === 0) return { trend: 'empty', etaS: 0 };
  if (slope === undefined) return { trend: 'unknown' };
  const moved = Math.abs(slope.perS) * (windowMs / 1000);
  if (moved < Math.max(NOISE_MESSAGES, NOISE_SHARE * backlog) && backlog > moved) {
    return { trend: 'flat' };
  }
  if (slope.perS >= 0) return { trend: 'growing' };
  const etaS = backlog / -slope.perS;
  const error = slope.errorPerS;
  // Up and down rather than down.
  if (error !== undefined && error >= -slope.perS) return { trend: 'flat' };
  if (error === undefined) return { trend: 'draining', etaS };
  const fastest = backlog / (-slope.perS + error);
  const slowest = backlog / (-slope.perS - error);
  return { trend: 'draining', etaS, etaRangeS: [fastest, slowest] };
}
