import type { AgentResult, BenchEnd, BenchReport } from './report.js';
import { PLAN_SCHEMA } from './report.js';
import type { BenchOutcome, StageOutcome } from './run.js';
import { crossedThresholds } from './report-thresholds.js';
import type { Scenario } from './scenario.js';

/** What a plan with several scenarios measured. */
export interface PlanReport {
  readonly schema: typeof PLAN_SCHEMA;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly totals: { readonly sent: number; readonly received: number; readonly lost: number };
  readonly scenarios: readonly ScenarioReport[];
  /** The machines that ran the clients, all scenarios together; absent if this process did. */
  readonly agents?: readonly PlanAgent[] | undefined;
  readonly outcome: BenchEnd;
}

type PlanAgent = Pick<
  AgentResult,
  'id' | 'host' | 'labels' | 'version' | 'sent' | 'received' | 'ratePerS' | 'clock' | 'isLost'
>;

type Measured = BenchReport['totals'];

/** A scenario of a plan: its figures over all stages, and those of each. */
export interface ScenarioReport extends Measured {
  readonly name: string;
  readonly scenario: Scenario;
  readonly background: boolean;
  readonly conditions: BenchReport['conditions'];
  readonly stages: readonly StageReport[];
  readonly agents?: BenchReport['agents'];
  readonly clockBoundNs?: number | undefined;
  readonly problems: BenchReport['errors'];
  readonly notes: readonly string[];
  readonly verdict: BenchReport['verdict'];
  readonly outcome: BenchEnd;
}

export interface StageReport extends Measured {
  readonly name: string;
  readonly targetRatePerS: number | undefined;
  /** From and to, if the rate changed. */
  readonly ramp?: readonly [number, number] | undefined;
  readonly series: BenchReport['series'];
  /** Thresholds of `fail-if` that were crossed. */
  readonly crossed: readonly string[];
}

/** A scenario of a plan that has ended. */
export interface EndedScenario {
  readonly name: string;
  readonly scenario: Scenario;
  readonly background: boolean;
  readonly outcome: BenchOutcome;
}

export function planReport(ended: readonly EndedScenario[], startedAt: Date): PlanReport {
  const scenarios = ended.map(scenarioReport);
  const add = (pick: (one: ScenarioReport) => number): number =>
    scenarios.reduce((sum, one) => sum + pick(one), 0);
  const agents = agentsOf(scenarios);
  return {
    schema: PLAN_SCHEMA,
    startedAt: startedAt.toISOString(),
    totals: {
      sent: add(({ sent }) => sent),
      received: add(({ received }) => received),
      lost: add(({ lost }) => lost),
    },
    scenarios,
    ...(agents.length === 0 ? {} : { agents }),
    outcome: scenarios.find(({ outcome }) => outcome !== 'complete')?.outcome ?? 'complete',
  };
}

function scenarioReport({ name, scenario, background, outcome }: EndedScenario): ScenarioReport {
  const { report, stages = [] } = outcome;
  return {
    name,
    scenario,
    background,
    ...report.totals,
    conditions: report.conditions,
    stages: stages.map(stageReport),
    ...(report.agents === undefined ? {} : { agents: report.agents }),
    ...(report.clockBoundNs === undefined ? {} : { clockBoundNs: report.clockBoundNs }),
    problems: report.errors,
    notes: report.notes,
    verdict: report.verdict,
    outcome: report.outcome,
  };
}

function stageReport({ stage, report }: StageOutcome): StageReport {
  const { name, pace } = stage;
  return {
    name,
    targetRatePerS: pace?.ratePerS,
    ...(pace?.ramp === undefined ? {} : { ramp: [pace.ramp.fromPerS, pace.ramp.toPerS] }),
    ...report.totals,
    series: report.series,
    crossed: crossedIn({ stage, report }),
  };
}

/** Thresholds on a latency that could not be measured count as crossed. */
function crossedIn({ stage, report }: StageOutcome): readonly string[] {
  const judged = stage.thresholds.filter(
    ({ field }) => field === 'rate' || field === 'lost' || report.response !== undefined,
  );
  const unjudged = stage.thresholds.filter((threshold) => !judged.includes(threshold));
  const crossed = crossedThresholds(report, judged, undefined);
  return [...crossed, ...unjudged].map(({ text }) => text);
}

function agentsOf(scenarios: readonly ScenarioReport[]): readonly PlanAgent[] {
  const byId = new Map<string, PlanAgent>();
  for (const agent of scenarios.flatMap(({ agents = [] }) => agents)) {
    const before = byId.get(agent.id);
    const { id, host, labels, version, clock } = agent;
    byId.set(id, {
      id,
      host,
      labels,
      version,
      sent: agent.sent + (before?.sent ?? 0),
      received: agent.received + (before?.received ?? 0),
      ratePerS: agent.ratePerS + (before?.ratePerS ?? 0),
      clock: clock ?? before?.clock,
      isLost: agent.isLost || before?.isLost === true,
    });
  }
  return [...byId.values()];
}
