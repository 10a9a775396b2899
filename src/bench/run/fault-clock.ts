import { AffectedLatency } from '../../faults/model/affected-latency.js';
import { isWarmupPass, plannedMs, type BenchPlan } from '../model/plan.js';
import type { Latencies } from './meters.js';

/** Notes latencies of messages that were under way while injected faults lasted, in one thread. */
export class FaultClock {
  readonly #plan: BenchPlan;
  readonly #affected: AffectedLatency;
  #startNs: number | undefined;

  /** Undefined if the plan injects no faults. */
  static of(plan: BenchPlan, { affected }: Latencies): FaultClock | undefined {
    if (plan.faults === undefined) return undefined;
    return new FaultClock(plan, new AffectedLatency(plan.faults, plannedMs(plan), affected));
  }

  private constructor(plan: BenchPlan, affected: AffectedLatency) {
    this.#plan = plan;
    this.#affected = affected;
  }

  /** Faults begin with the first measured pass. @param pass its number */
  begin(pass: number, startNs: number): void {
    if (!isWarmupPass(this.#plan, pass)) this.#startNs ??= startNs;
  }

  /** @param dueNs when it was to be sent */
  note(dueNs: number, nowNs: number): void {
    const startNs = this.#startNs;
    if (startNs === undefined) return;
    this.#affected.note((dueNs - startNs) / 1e6, (nowNs - startNs) / 1e6);
  }
}
