import { mean, standardDeviation } from '../../core/statistics/statistics.js';

/** The outcome of Welch's t-test on two samples with unequal variances. */
export interface WelchResult {
  readonly t: number;
  readonly degreesOfFreedom: number;
  /** Two-sided probability of a difference this large by chance. */
  readonly pValue: number;
}

/**
 * Welch's t-test. It assumes independent runs that are roughly normally distributed, and says little with fewer than
 * three values per side. A rank test needs no such assumption, but with five repeats its smallest p-value, corrected for
 * the 40 values of a suite, is far above 0.05.
 * @returns `undefined` if a side has fewer than two values
 */
export function welchTest(a: readonly number[], b: readonly number[]): WelchResult | undefined {
  if (a.length < 2 || b.length < 2) return undefined;
  const [meanA, meanB] = [mean(a), mean(b)];
  const errorA = standardDeviation(a) ** 2 / a.length;
  const errorB = standardDeviation(b) ** 2 / b.length;
  const error = errorA + errorB;
  if (error === 0) {
    const same = meanA === meanB;
    return {
      t: same ? 0 : Infinity,
      degreesOfFreedom: a.length + b.length - 2,
      pValue: same ? 1 : 0,
    };
  }
  const t = (meanB - meanA) / Math.sqrt(error);
  const degreesOfFreedom =
    error ** 2 / (errorA ** 2 / (a.length - 1) + errorB ** 2 / (b.length - 1));
  return { t, degreesOfFreedom, pValue: twoSidedP(t, degreesOfFreedom) };
}

/**
 * Holm's correction: the chance of reporting any difference by mistake is the same for all compared values together as
 * for one. Values without a probability are ignored.
 * @returns in the same order
 */
export function holmAdjusted(
  pValues: readonly (number | undefined)[],
): readonly (number | undefined)[] {
  const known = pValues
    .flatMap((pValue, index) => (pValue === undefined ? [] : [{ pValue, index }]))
    .sort((a, b) => a.pValue - b.pValue);
  const adjusted: (number | undefined)[] = pValues.map(() => undefined);
  let least = 0;
  known.forEach(({ pValue, index }, rank) => {
    least = Math.max(least, Math.min(1, pValue * (known.length - rank)));
    adjusted[index] = least;
  });
  return adjusted;
}

/** P(|T| ≥ |t|) of Student's distribution: the regularised incomplete beta function I_x(ν/2, 1/2). */
export function twoSidedP(t: number, degreesOfFreedom: number): number {
  if (!Number.isFinite(t)) return 0;
  const x = degreesOfFreedom / (degreesOfFreedom + t * t);
  return incompleteBeta(x, degreesOfFreedom / 2, 0.5);
}

function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(1 - x),
  );
  // The fraction converges fast below the mean, and the mirrored one above it.
  return x < (a + 1) / (a + b + 2)
    ? (front * betaFraction(x, a, b)) / a
    : 1 - (front * betaFraction(1 - x, b, a)) / b;
}

const TINY = 1e-300;
const MAX_TERMS = 300;

/** Lentz's evaluation of the continued fraction of the incomplete beta function. */
function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let m = 1; m <= MAX_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d);
    c = nonZero(1 + even / c);
    result *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d);
    c = nonZero(1 + odd / c);
    const step = d * c;
    result *= step;
    if (Math.abs(step - 1) < 1e-14) break;
  }
  return result;
}

function nonZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

const LANCZOS = [
  676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

/** ln Γ(z) for z > 0, Lanczos' approximation with g = 7. */
function logGamma(z: number): number {
  if (z < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * z)) - logGamma(1 - z);
  const shifted = z - 1;
  const sum = LANCZOS.reduce(
    (total, factor, index) => total + factor / (shifted + index + 1),
    0.99999999999980993,
  );
  const t = shifted + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(t) - t + Math.log(sum);
}
