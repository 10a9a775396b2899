import { makePlan } from './make-plan.js';
import type { BenchRequest } from './request.js';
import type { BenchPlan } from './plan.js';
import { SCENARIOS, scenariosWhere } from './scenario.js';
import type { EngineName } from './scenario.js';

/** One line of the default suite. */
export interface SuiteEntry {
  readonly label: string;
  readonly jetStream: boolean;
  readonly plan: BenchPlan;
}

export interface SuiteRequest {
  readonly runId: string;
  readonly cores: number;
  readonly engine: EngineName | undefined;
  /** How long each scenario is measured. */
  readonly durationMs: number;
  readonly size: BenchRequest['size'];
  readonly repeat?: number | undefined;
  readonly hosts?: BenchRequest['hosts'];
}

const WARMUP_MS = 200;

/** What bare `natsx bench` measures: each way to use NATS once, all within half a minute. */
export function defaultSuite({ durationMs, ...rest }: SuiteRequest): readonly SuiteEntry[] {
  const lines = scenariosWhere(({ suite }) => suite.length > 0).flatMap((scenario) =>
    SCENARIOS[scenario].suite.map((line) => ({ scenario, line })),
  );
  return lines.map(({ scenario, line: { label, ...load } }, index) => ({
    label,
    jetStream: SCENARIOS[scenario].stream !== undefined,
    plan: makePlan({
      ...rest,
      scenario,
      runId: `${rest.runId}_${index}`,
      warmupMs: WARMUP_MS,
      ...(load.messages === undefined ? { durationMs } : {}),
      ...load,
    }),
  }));
}
