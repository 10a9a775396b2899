import { copiesOf } from '../model/plan.js';
import type { BenchPlan } from '../model/plan.js';
import { SATURATION_SCHEMA } from '../model/report.js';
import type { BenchReport, Conditions, SaturationReport } from '../model/report.js';
import { crossedThresholds } from '../model/report-thresholds.js';
import type {
  BenchOutcome,
  EngineOptions,
  RunBench,
  SaturationOutcome,
  SaturationRequest,
} from '../model/run.js';
import { findKnee, highestHeld, nextRate } from '../model/saturate.js';
import type { LoadStep } from '../model/saturate.js';
import { NatsxError } from '../../core/errors.js';
import type { Threshold } from '../../core/values/threshold.js';

/** A rate counts as reached at this share of it. */
const REACHED = 0.97;

/** Finds the highest rate that meets the objectives: doubles, then bisects. */
export async function findSaturation(
  request: SaturationRequest,
  run: RunBench,
  options: EngineOptions,
): Promise<SaturationOutcome> {
  const deadline = Date.now() + request.maxTimeMs;
  const steps: LoadStep[] = [];
  let conditions: Conditions | undefined;
  let failure: NatsxError | undefined;
  let doubted: number | undefined;
  let attempt = 0;
  let ended: SaturationReport['ended'] = 'resolved';
  for (;;) {
    const ratePerS = nextRate(request.search, steps);
    if (ratePerS === undefined) break;
    const stepMs = stepTimeMs(request.plan);
    if (options.signal.aborted) ended = 'interrupted';
    else if (Date.now() + stepMs > deadline && steps.length > 0) ended = 'out-of-time';
    if (ended !== 'resolved') break;
    const plan = stepPlan(request.plan, ratePerS, attempt++);
    const outcome = await attemptStep(() => run(plan, options), conditions !== undefined);
    conditions ??= outcome.report?.conditions;
    if (options.signal.aborted) continue;
    if (outcome.report === undefined || isBroken(outcome)) {
      ({ failure } = outcome);
      ended = 'failed';
      break;
    }
    const step = judge(outcome, ratePerS, request.objectives);
    // One bad moment of a shared machine is not a limit: a rate fails if it fails twice.
    if (!step.held && doubted !== ratePerS) {
      doubted = ratePerS;
      continue;
    }
    steps.push(step);
    request.onStep(step);
  }
  return { report: reportOf(request, { steps, conditions, ended }), failure };
}

type Attempt = BenchOutcome | { readonly report?: undefined; readonly failure: NatsxError };

/** A step that cannot start ends the search; the steps before it are reported. */
async function attemptStep(run: () => Promise<BenchOutcome>, hasFound: boolean): Promise<Attempt> {
  try {
    return await run();
  } catch (cause) {
    if (!hasFound) throw cause;
    if (cause instanceof NatsxError) return { failure: cause };
    return { failure: new NatsxError('internal', String(cause), { cause }) };
  }
}

function stepTimeMs(plan: BenchPlan): number {
  return plan.warmupMs + plan.repeat * (plan.goal.kind === 'duration' ? plan.goal.durationMs : 0);
}

function stepPlan(plan: BenchPlan, ratePerS: number, step: number): BenchPlan {
  const runId = `${plan.runId}_${step}`;
  const subject = plan.subject.replace(plan.runId, runId);
  return { ...plan, runId, subject, pace: { ratePerS, kind: plan.pace?.kind ?? 'constant' } };
}

/** A loss or a late message is a result; a rejected or lost connection is not. */
function isBroken({ failure }: BenchOutcome): boolean {
  return failure !== undefined && failure.kind !== 'unhealthy' && failure.kind !== 'timeout';
}

function judge(
  outcome: BenchOutcome,
  ratePerS: number,
  objectives: readonly Threshold[],
): LoadStep {
  const { report } = outcome;
  const achievedPerS = report.totals.ratePerS / copiesOf(report.conditions);
  const reason =
    outcome.failure?.message ??
    (achievedPerS < ratePerS * REACHED ? 'the rate was not reached' : undefined) ??
    missedIn(report, objectives);
  return {
    ratePerS,
    achievedPerS,
    p50Ns: report.response?.p50Ns,
    p99Ns: report.response?.p99Ns,
    held: reason === undefined,
    reason,
  };
}

/** For a step that has measured something: without an answer there is no latency. */
function missedIn(report: BenchReport, objectives: readonly Threshold[]): string | undefined {
  const met = crossedThresholds(report, objectives, undefined);
  const missed = objectives.filter((objective) => !met.includes(objective));
  return missed.length > 0 ? `not ${missed.map(({ text }) => text).join(', ')}` : undefined;
}

function reportOf(
  request: SaturationRequest,
  found: Pick<SaturationReport, 'steps' | 'conditions' | 'ended'>,
): SaturationReport {
  return {
    schema: SATURATION_SCHEMA,
    ...found,
    objectives: request.objectives.map(({ text }) => text),
    highest: highestHeld(found.steps),
    knee: findKnee(found.steps),
  };
}
