import { seededRandom } from '../../core/statistics/random.js';
import { isTimed } from './fault-plan.js';
import type { FaultPlan, InjectedFault } from './fault-plan.js';

/** One fault at one time. */
export interface ScheduledFault {
  readonly kind: InjectedFault['kind'];
  /** Which fault of the plan it is. */
  readonly index: number;
  /** Since the load began. */
  readonly atMs: number;
}

/** When a timed fault, or the command, happens: at `firstMs`, and then every `everyMs`. */
export interface FaultRhythm {
  readonly firstMs: number;
  readonly durationMs: number;
  /** Undefined: once. */
  readonly everyMs: number | undefined;
}

/** Occurrences of a fault that a report lists. */
const MOST_LISTED = 10_000;
/** A fault without a period begins between one and two of its durations after the load. */
const ONCE_STREAM = 1;

/**
 * The rhythm of each fault of a plan; undefined for a fault that lasts as long as the run. It depends on nothing but
 * the plan: equal plans have equal rhythms.
 */
export function rhythmsOf({ faults, seed }: FaultPlan): readonly (FaultRhythm | undefined)[] {
  return faults.map((fault, index) => {
    if (!isTimed(fault)) return undefined;
    const { durationMs, everyMs } = fault;
    const random = seededRandom(seed, ONCE_STREAM + index);
    const firstMs = everyMs ?? Math.round(durationMs * (1 + random()));
    return { firstMs, durationMs, everyMs };
  });
}

/**
 * What a plan injects into a load: faults that last from 0 on, and each occurrence that begins before `untilMs`, in
 * the order of their times. At most 10,000 occurrences of each fault are listed.
 */
export function faultSchedule(plan: FaultPlan, untilMs: number): readonly ScheduledFault[] {
  return rhythmsOf(plan)
    .flatMap((rhythm, index): readonly ScheduledFault[] => {
      const kind = plan.faults[index]?.kind ?? 'cut';
      if (rhythm === undefined) return [{ kind, index, atMs: 0 }];
      return beginnings(rhythm, untilMs).map((atMs) => ({ kind, index, atMs }));
    })
    .sort((a, b) => a.atMs - b.atMs || a.index - b.index);
}

/** When the occurrences of a rhythm begin that begin before `untilMs`. */
function beginnings(rhythm: FaultRhythm, untilMs: number): readonly number[] {
  const count = Math.min(MOST_LISTED, countBefore(rhythm, untilMs));
  return Array.from({ length: count }, (_, number) => beginningOf(rhythm, number));
}

/** When occurrence `number` (from 0) begins. */
export function beginningOf({ firstMs, everyMs = 0 }: FaultRhythm, number: number): number {
  return firstMs + number * everyMs;
}

/** How many occurrences begin before `untilMs`. */
export function countBefore({ firstMs, everyMs }: FaultRhythm, untilMs: number): number {
  if (untilMs <= firstMs) return 0;
  if (everyMs === undefined) return 1;
  return Math.ceil((untilMs - firstMs) / everyMs);
}

/** Whether `[fromMs, toMs]` and an occurrence that begins before `untilMs` have a moment in common. */
export function meets(
  rhythm: FaultRhythm,
  span: { readonly fromMs: number; readonly toMs: number },
  untilMs: number,
): boolean {
  const { firstMs, durationMs, everyMs } = rhythm;
  const last = countBefore(rhythm, untilMs) - 1;
  if (last < 0 || span.toMs < firstMs) return false;
  if (everyMs === undefined) return span.fromMs <= firstMs + durationMs;
  const latest = Math.min(last, Math.floor((span.toMs - firstMs) / everyMs));
  return span.fromMs <= firstMs + latest * everyMs + durationMs;
}

/** By when each timed fault has happened and passed once; 0 if there is none. */
export function firstRoundMs(plan: FaultPlan): number {
  const ends = rhythmsOf(plan).map((rhythm) =>
    rhythm === undefined ? 0 : rhythm.firstMs + rhythm.durationMs,
  );
  return Math.max(0, ...ends, plan.command?.everyMs ?? 0);
}
