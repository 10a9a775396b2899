/** One load level that was tried. */
export interface LoadStep {
  /** The rate that was tried. */
  readonly ratePerS: number;
  readonly achievedPerS: number;
  readonly p50Ns: number | undefined;
  readonly p99Ns: number | undefined;
  /** Whether the objective was met, nothing was lost and the rate was reached. */
  readonly held: boolean;
  /** Why it did not hold. */
  readonly reason: string | undefined;
}

export interface SearchSettings {
  /** The first rate tried, in messages a second. */
  readonly startRatePerS: number;
  /** The search ends when the highest held and the lowest failed rate are this close; 0.05 is 5%. */
  readonly resolution: number;
  /** The highest rate to try. */
  readonly maxRatePerS: number;
}

/** The factor between steps until one holds and one fails. */
const STEP_FACTOR = 2;
const LEAST_RATE = 1;

/**
 * The next rate to try, given all steps so far: doubles while the objective holds, then bisects between the
 * highest rate that held and the lowest that did not.
 * @returns `undefined` if the answer is close enough
 */
export function nextRate(settings: SearchSettings, steps: readonly LoadStep[]): number | undefined {
  if (steps.length === 0) return Math.min(settings.startRatePerS, settings.maxRatePerS);
  const held = highestHeld(steps);
  const failed = lowestFailed(steps, held?.ratePerS ?? 0);
  if (failed === undefined) {
    const top = held?.ratePerS ?? settings.startRatePerS;
    return top >= settings.maxRatePerS
      ? undefined
      : Math.min(settings.maxRatePerS, Math.round(top * STEP_FACTOR));
  }
  if (held === undefined) {
    if (failed.ratePerS <= LEAST_RATE) return undefined;
    return Math.max(LEAST_RATE, Math.floor(failed.ratePerS / STEP_FACTOR));
  }
  if (failed.ratePerS <= held.ratePerS * (1 + settings.resolution)) return undefined;
  const middle = Math.round((held.ratePerS + failed.ratePerS) / 2);
  return middle === held.ratePerS || middle === failed.ratePerS ? undefined : middle;
}

/** The answer: the highest rate that held. */
export function highestHeld(steps: readonly LoadStep[]): LoadStep | undefined {
  return steps
    .filter((step) => step.held)
    .reduce<LoadStep | undefined>(
      (best, step) => (best === undefined || step.ratePerS > best.ratePerS ? step : best),
      undefined,
    );
}

function lowestFailed(steps: readonly LoadStep[], aboveRatePerS: number): LoadStep | undefined {
  return steps
    .filter((step) => !step.held && step.ratePerS > aboveRatePerS)
    .reduce<LoadStep | undefined>(
      (low, step) => (low === undefined || step.ratePerS < low.ratePerS ? step : low),
      undefined,
    );
}

/**
 * The knee of the latency-versus-load curve: the step furthest below the straight line from the first to the last
 * point (both axes scaled to 1, the latency on a logarithmic scale).
 * @returns `undefined` with fewer than three steps that have a latency, or if the curve does not bend
 */
export function findKnee(steps: readonly LoadStep[]): LoadStep | undefined {
  const points = steps
    .filter((step) => step.p99Ns !== undefined && step.p99Ns > 0)
    .sort((a, b) => a.ratePerS - b.ratePerS);
  const [first, last] = [points[0], points.at(-1)];
  if (points.length < 3 || first === undefined || last === undefined) return undefined;
  const height = (step: LoadStep): number => Math.log(step.p99Ns ?? 1);
  const rise = height(last) - height(first);
  const run = last.ratePerS - first.ratePerS;
  if (rise <= 0 || run <= 0) return undefined;
  const below = (step: LoadStep): number =>
    (step.ratePerS - first.ratePerS) / run - (height(step) - height(first)) / rise;
  const knee = points.reduce((best, step) => (below(step) > below(best) ? step : best));
  return below(knee) > 0 ? knee : undefined;
}
