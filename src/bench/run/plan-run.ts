import { NatsxError } from '../../core/errors.js';
import type { BenchPlan } from '../model/plan.js';
import { planReport } from '../model/plan-report.js';
import type { EndedScenario, PlanReport } from '../model/plan-report.js';
import type { EngineOptions, RunBench, Stage } from '../model/run.js';

/** One scenario of a plan. */
export interface PlanPart {
  readonly name: string;
  /** Whether it lasts as long as the others. */
  readonly background: boolean;
  readonly useExisting: boolean;
  readonly plan: BenchPlan;
  readonly stages: readonly Stage[];
}

export interface PlanOutcome {
  readonly report: PlanReport;
  /** What makes the plan a failure, other than crossed thresholds. */
  readonly failure: NatsxError | undefined;
}

/**
 * Runs all scenarios of a plan at the same time. They start together, and those in the background end with the others.
 * @throws {NatsxError} if one of them could not be measured
 */
export async function runPlan(
  parts: readonly PlanPart[],
  run: RunBench,
  options: EngineOptions,
): Promise<PlanOutcome> {
  const startedAt = new Date();
  const foregroundEnded = new AbortController();
  const failed = new AbortController();
  const start = new Meeting(parts.length);
  const runPart = async (part: PlanPart): Promise<EndedScenario> => {
    const { name, background, plan, stages, useExisting } = part;
    try {
      const outcome = await run(plan, {
        ...options,
        useExisting,
        stages,
        signal: AbortSignal.any([options.signal, failed.signal]),
        ...(background ? { until: foregroundEnded.signal } : {}),
        together: () => start.arrive(name),
      });
      const kind = outcome.failure?.kind;
      if (kind !== undefined && kind !== 'unhealthy' && kind !== 'timeout') failed.abort();
      return { name, scenario: plan.scenario, background, outcome };
    } catch (error) {
      failed.abort();
      throw error;
    } finally {
      // One that has failed would keep the others waiting.
      void start.arrive(name);
    }
  };
  const foreground = parts.filter(({ background }) => !background).map(runPart);
  const others = parts.filter(({ background }) => background).map(runPart);
  void Promise.allSettled(foreground).then(() => foregroundEnded.abort());
  const settled = await Promise.allSettled([...foreground, ...others]);
  const errors = settled
    .filter((one) => one.status === 'rejected')
    .map((one): unknown => one.reason);
  // What ended one ends the others, and is the reason of their failures.
  if (errors.length > 0) throw errors.find((error) => error instanceof NatsxError) ?? errors[0];
  const ended = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const inOrder = parts.flatMap(({ name }) => ended.find((one) => one.name === name) ?? []);
  const report = planReport(inOrder, startedAt);
  return { report, failure: inOrder.find(({ outcome }) => outcome.failure)?.outcome.failure };
}

/** Lets everyone go on when all have arrived. */
class Meeting {
  readonly #expected: number;
  readonly #arrived = new Set<string>();
  readonly #whenComplete: Promise<void>;
  #complete: () => void = () => undefined;

  constructor(expected: number) {
    this.#expected = expected;
    this.#whenComplete = new Promise((resolve) => {
      this.#complete = resolve;
    });
  }

  arrive(name: string): Promise<void> {
    this.#arrived.add(name);
    if (this.#arrived.size >= this.#expected) this.#complete();
    return this.#whenComplete;
  }
}
