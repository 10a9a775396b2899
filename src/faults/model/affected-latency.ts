import {
  createHistogram,
  percentileNs,
  recordLatency,
} from '../../core/statistics/latency-histogram.js';
import { latencyTotals, type LatencyHistogram } from '../../core/statistics/latency-histogram.js';
import type { FaultPlan } from './fault-plan.js';
import { isTimed } from './fault-plan.js';
import { meets, rhythmsOf, type FaultRhythm } from './fault-schedule.js';

/** What a command does lasts longer than the command itself: this long, or half of its period. */
const AFTER_COMMAND_MS = 1_000;

/** How many histograms a plan needs: one for each fault that comes and goes, and for the command. */
export function affectedCount(plan: FaultPlan): number {
  return windowsOf(plan).filter((window) => window !== undefined).length;
}

/** Latencies of messages that were under way while each fault of a plan lasted. */
export class AffectedLatency {
  readonly #windows: readonly (FaultRhythm | undefined)[];
  readonly #histograms: readonly (LatencyHistogram | undefined)[];
  readonly #untilMs: number;

  /** @param memory one histogram for each of {@link affectedCount}; own memory when absent */
  constructor(plan: FaultPlan, untilMs: number, memory?: readonly LatencyHistogram[]) {
    this.#untilMs = untilMs;
    this.#windows = windowsOf(plan);
    let next = 0;
    this.#histograms = this.#windows.map((window) =>
      window === undefined ? undefined : (memory?.[next++] ?? createHistogram()),
    );
  }

  /**
   * Notes a message that arrived; times are since the load began.
   *
   * @param fromMs when it was due
   */
  note(fromMs: number, toMs: number): void {
    for (const [index, window] of this.#windows.entries()) {
      const histogram = this.#histograms[index];
      if (window === undefined || histogram === undefined) continue;
      if (!meets(window, { fromMs, toMs }, this.#untilMs)) continue;
      recordLatency(histogram, Math.round((toMs - fromMs) * 1e6));
    }
  }

  /** p99 for each fault and the command, in ns. @param whole of a fault that lasts as long as the run */
  p99Ns(whole: number | undefined): readonly (number | undefined)[] {
    return this.#histograms.map((histogram) => {
      if (histogram === undefined) return whole;
      return latencyTotals(histogram).count === 0 ? undefined : percentileNs(histogram, 99);
    });
  }
}

function windowsOf(plan: FaultPlan): readonly (FaultRhythm | undefined)[] {
  const windows = rhythmsOf(plan).map((rhythm, index) => {
    const fault = plan.faults[index];
    return fault !== undefined && isTimed(fault) ? rhythm : undefined;
  });
  if (plan.command === undefined) return windows;
  const { everyMs } = plan.command;
  const durationMs = Math.min(AFTER_COMMAND_MS, everyMs / 2);
  return [...windows, { firstMs: everyMs, durationMs, everyMs }];
}
