import { arch, platform, version as nodeVersion, versions } from 'node:process';
import { NatsxError } from '../../core/errors.js';
import { coarseDistribution } from '../model/distribution.js';
import { percentileCurve } from '../model/hdr-text.js';
import {
  batchModeOf,
  carriesOwnBodies,
  copiesOf,
  readsExistingStream,
  receivesOnly,
} from '../model/plan.js';
import type { BenchPlan } from '../model/plan.js';
import { truthCheckOf } from '../model/plan-stamp.js';
import { OF_OTHERS, REPORT_SCHEMA } from '../model/report.js';
import type {
  BenchReport,
  Conditions,
  BenchEnd,
  PassResult,
  SeriesPoint,
} from '../model/report.js';
import { countsSent, SCENARIOS } from '../model/scenario.js';
import { formatSizeSpec } from '../model/size-mix.js';
import { summarizeLatency } from '../../core/statistics/latency-summary.js';
import { limitVerdict } from '../model/verdict.js';
import type { BottleneckVerdict } from '../model/verdict.js';
import { coreCount, cpuModel } from './machine.js';
import {
  agentResults,
  loadOf,
  lostAgentNotes,
  oneWayClock,
  withoutLatencies,
} from './agent-rows.js';
import { injectedOf } from './injected-costs.js';
import { totalResult } from './outcome.js';
import type { MeasuredPass } from './pass-runner.js';
import { subscriptionOf } from './frame-block.js';
import type { ReportFacts } from './report-facts.js';
import type { TroubleLog } from './trouble-log.js';

/** The report of all measured passes. */
export function assembleReport(measured: ReportFacts): BenchReport {
  const clock = oneWayClock(measured);
  const facts = clock.isTooWide ? withoutLatencies(measured) : measured;
  const { plan, passes, latencies, troubles } = facts;
  const results = passes.map(({ result }) => (wasRejected(facts) ? unrated(result) : result));
  const totals = totalResult(results, latencies);
  return {
    schema: REPORT_SCHEMA,
    runId: plan.runId,
    startedAt: facts.startedAt.toISOString(),
    conditions: conditionsOf(facts),
    totals,
    repeats: results,
    clients: passes[0]?.clients ?? [],
    ...(facts.agents.length === 0 ? {} : { agents: agentResults(facts, totals) }),
    series: joinedSeries(passes),
    ...joinedIntervals(passes),
    response: summarizeLatency(latencies.response),
    service: summarizeLatency(latencies.service),
    ...(clock.boundNs === undefined || clock.isTooWide ? {} : { clockBoundNs: clock.boundNs }),
    distribution: coarseDistribution(latencies.response),
    percentiles: percentileCurve(latencies.response),
    checks: truthCheckOf(plan),
    errors: troubles.errors(),
    notes: [
      ...facts.notes,
      ...clock.notes,
      ...lostAgentNotes(facts),
      ...warmupNotes(passes),
      ...endNotes(plan, passes),
      ...unconfirmedNotes(facts),
      ...rateNotes(plan, totals.ratePerS, passes),
    ],
    verdict: verdictOf(facts, totals),
    ...injectedOf(facts, totals),
    outcome: outcomeOf(facts),
  };
}

/** Messages that the server rejected after they were written have no rate. */
function wasRejected({ plan, troubles }: ReportFacts): boolean {
  return countsSent(plan.scenario) && troubles.fatal?.kind === 'auth';
}

function unrated(result: PassResult): PassResult {
  return { ...result, ratePerS: 0, bytesPerS: 0 };
}

function conditionsOf({ plan, version, server, tls, agents }: ReportFacts): Conditions {
  const { stream } = SCENARIOS[plan.scenario];
  const consumes = stream === 'consume';
  const chosenStorage = stream !== undefined && !readsExistingStream(plan);
  return {
    scenario: plan.scenario,
    engine: plan.engine,
    server,
    natsxVersion: version,
    nodeVersion: versions['bun'] === undefined ? nodeVersion : `bun v${versions['bun']}`,
    platform: `${platform} ${arch}`,
    cores: coreCount(),
    cpuModel: cpuModel(),
    publishers: plan.publishers,
    subscribers: plan.subscribers,
    requesters: plan.requesters,
    responders: plan.responders,
    workers: plan.workers,
    ...(agents.length === 0 ? {} : { agents: agents.length }),
    goal: goalText(plan),
    size: carriesOwnBodies(plan) ? formatSizeSpec(plan.size) : OF_OTHERS,
    subjects: plan.subjects,
    subjectBytes: Buffer.byteLength(subscriptionOf(plan)),
    headers: plan.headers.length,
    targetRatePerS: plan.pace?.ratePerS,
    schedule: plan.pace?.kind ?? (receivesOnly(plan) ? OF_OTHERS : 'flat out'),
    window: plan.window,
    ack: consumes ? plan.ack : undefined,
    mode: plan.mode,
    batch: consumes || batchModeOf(plan) !== undefined ? plan.batch : undefined,
    storage: chosenStorage ? plan.storage : undefined,
    replicas: chosenStorage ? plan.replicas : undefined,
    stream: plan.stream,
    warmupMs: plan.warmupMs,
    replyDelayMs: plan.replyDelayMs,
    seed: plan.seed,
    tls,
    ...faultsOf(plan),
  };
}

function goalText(plan: BenchPlan): string {
  switch (plan.goal.kind) {
    case 'messages':
      return `messages ${plan.goal.messages}`;
    case 'duration':
      return `duration ${plan.goal.durationMs}ms`;
    case 'stored':
      return 'stored';
    case 'open':
      return 'open';
  }
}

function joinedSeries(passes: readonly MeasuredPass[]): readonly SeriesPoint[] {
  return passes.flatMap((pass) => pass.series).map((point, second) => ({ ...point, second }));
}

/** As if the passes had followed each other at once. */
function joinedIntervals(
  passes: readonly MeasuredPass[],
): Required<Pick<BenchReport, 'intervals' | 'stalls'>> {
  let startMs = 0;
  const moved = passes.map(({ intervals, stalls }) => {
    const from = startMs;
    const later = <T extends { readonly atMs: number }>(one: T): T => ({
      ...one,
      atMs: Math.round((one.atMs + from) * 10) / 10,
    });
    startMs += intervals.reduce((sum, { ms }) => sum + ms, 0);
    return { intervals: intervals.map(later), stalls: stalls.map(later) };
  });
  return {
    intervals: moved.flatMap(({ intervals }) => intervals),
    stalls: moved.flatMap(({ stalls }) => stalls),
  };
}

function warmupNotes(passes: readonly MeasuredPass[]): readonly string[] {
  return passes.some((pass) => pass.isWarmup)
    ? ['The run ended during the warm-up, so the figures are from the warm-up.']
    : [];
}

/** The end of a temporary stream may be reached before the time is over. */
function endNotes(
  { scenario, goal }: BenchPlan,
  passes: readonly MeasuredPass[],
): readonly string[] {
  if (SCENARIOS[scenario].stream !== 'consume' || goal.kind !== 'duration') return [];
  const isRead = passes.some(({ messages, result }) => result.received >= messages);
  return isRead ? ['The end of the stream was reached before the time was over.'] : [];
}

/** The answer to a PING confirms that the server has everything that was published. */
function unconfirmedNotes({ plan, passes, troubles }: ReportFacts): readonly string[] {
  const isCut = troubles.fatal?.kind === 'connection' || passes.at(-1)?.end === 'idle';
  if (!countsSent(plan.scenario) || !isCut || passes.length === 0) return [];
  return ['The server did not confirm the last messages: some of them may not have arrived.'];
}

const REACHED = 0.98;

function rateNotes(
  plan: BenchPlan,
  reached: number,
  passes: readonly MeasuredPass[],
): readonly string[] {
  const { pace } = plan;
  if (pace === undefined || passes.length === 0) return [];
  const perS = reached / copiesOf(plan);
  if (perS >= pace.ratePerS * REACHED) return [];
  return [
    `The target of ${pace.ratePerS} messages per second was not reached: ${Math.round(perS)} were sent and handled.`,
  ];
}

function verdictOf(facts: ReportFacts, totals: PassResult): BottleneckVerdict {
  const { plan, passes, server, troubles } = facts;
  if (troubles.fatal?.kind === 'auth') {
    return {
      bottleneck: 'unknown',
      sentence: 'The server rejected the run: this says nothing about its capacity.',
    };
  }
  if (passes.length === 0 || totals.elapsedNs === 0) {
    return { bottleneck: 'unknown', sentence: 'Nothing was measured.' };
  }
  const mean = (pick: (pass: MeasuredPass) => number): number =>
    passes.reduce((sum, pass) => sum + pick(pass), 0) / passes.length;
  const machines = passes.flatMap((pass) => pass.agents.map((agent) => agent.machine));
  const machineShares = machines.map(({ busy }) => busy).filter((busy) => busy !== undefined);
  const byAgent = facts.agents.map((agent, at) => ({ agent, ...loadOf(passes, at) }));
  const { stream, delivery } = SCENARIOS[plan.scenario];
  return limitVerdict({
    targetRatePerS: plan.pace?.ratePerS,
    achievedRatePerS: totals.ratePerS / copiesOf(plan),
    busiestThread: mean((pass) => Math.max(...pass.agents.map(({ busiest }) => busiest))),
    backpressure: mean((pass) => pass.socketWait),
    windowWait: mean((pass) => pass.windowWait),
    machineBusy: machineShares.length === 0 ? undefined : Math.max(...machineShares),
    processShare: mean((pass) => Math.max(...pass.agents.map(({ machine }) => machine.own))),
    local: server.local && facts.agents.length === 0,
    busiestAgent: byAgent.toSorted((a, b) => b.busiest - a.busiest)[0]?.agent,
    fullestAgent: byAgent.toSorted((a, b) => (b.machine ?? 0) - (a.machine ?? 0))[0]?.agent,
    roundTripNs: server.roundTripNs,
    window: plan.window,
    writesToDisk: stream === 'write' && plan.storage === 'file',
    replyDelayMs: plan.replyDelayMs,
    receivesOnly: receivesOnly(plan),
    elapsedNs: totals.elapsedNs,
    roundTrips: delivery === 'answer',
  });
}

function outcomeOf({ passes, troubles, interrupted, plan }: ReportFacts): BenchEnd {
  if (troubles.fatal !== undefined) return 'failed';
  if (interrupted) return 'interrupted';
  const last = passes.at(-1);
  const endsByIdle = plan.goal.kind === 'open' && (last?.result.received ?? 0) > 0;
  // What faults have cost does not keep a run from being complete.
  const isCostly = plan.faults !== undefined && progressOf(last?.result) > 0;
  return last?.end === 'idle' && !endsByIdle && !isCostly ? 'idle' : 'complete';
}

function progressOf(result: PassResult | undefined): number {
  return (result?.sent ?? 0) + (result?.received ?? 0);
}

/** Why a run is not a success: a failure, a rejected message, a loss, a goal that was not reached. */
export function failureOf(
  plan: BenchPlan,
  report: BenchReport,
  troubles: TroubleLog,
): NatsxError | undefined {
  const { worst } = troubles;
  const { totals } = report;
  const details = { sent: totals.sent, received: totals.received, lost: totals.lost };
  if (worst !== undefined) {
    return new NatsxError(worst.kind, worst.message, { hint: worst.hint, details });
  }
  if (report.outcome === 'interrupted') return undefined;
  if (totals.errors > 0) {
    return new NatsxError(
      plan.faults === undefined ? 'timeout' : 'unhealthy',
      `${totals.errors} of ${totals.sent} calls were not answered`,
      {
        details,
      },
    );
  }
  if (report.outcome === 'idle' && countsSent(plan.scenario)) {
    return new NatsxError(
      'timeout',
      'the server did not confirm the published messages within --idle',
      { hint: 'check whether the server is stalled or overloaded, or raise --idle', details },
    );
  }
  if (report.outcome === 'idle' && totals.received === 0) {
    return new NatsxError('timeout', `nothing arrived ${sourceOf(plan)} within --idle`, {
      hint: 'check the subject and its publishers, or raise --idle',
      details,
    });
  }
  if (totals.lost > 0) {
    return new NatsxError('unhealthy', `${totals.lost} of ${totals.expected} messages were lost`, {
      details,
    });
  }
  if (totals.duplicates > 0) {
    return new NatsxError('unhealthy', `${totals.duplicates} messages arrived more than once`, {
      details,
    });
  }
  if (report.outcome === 'idle') {
    return new NatsxError(
      'timeout',
      `no more messages arrived ${sourceOf(plan)} before the goal was reached`,
      { details },
    );
  }
  return undefined;
}

function sourceOf(plan: BenchPlan): string {
  return readsExistingStream(plan) ? `from the stream ${plan.stream ?? ''}` : `on ${plan.subject}`;
}

function faultsOf({ faults }: BenchPlan): Pick<Conditions, 'faults'> {
  return faults === undefined ? {} : { faults: faults.spec };
}
