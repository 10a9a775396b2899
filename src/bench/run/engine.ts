import { createHistogram, mergeHistogram } from '../../core/statistics/latency-histogram.js';
import type { AgentFacts } from '../model/agent-facts.js';
import { formatDuration } from '../../core/values/duration.js';
import type { BenchPlan } from '../model/plan.js';
import { SCENARIOS } from '../model/scenario.js';
import type { BenchOutcome, EngineOptions } from '../model/run.js';
import { clockSince, epochSeconds } from './clock.js';
import { checkPayloadFits, openControlLine } from './control-line.js';
import type { ControlLine } from './control-line.js';
import { fillStream } from './fill-stream.js';
import { jobsOf } from './worker-pool.js';
import type { LoadAgent, LoadInjection, LoadRequest, OpenAgents } from './load-agent.js';
import { LocalAgent } from './local-agent.js';
import { BenchJetStream } from './jetstream-api.js';
import { prepareJetStream } from './jetstream-assets.js';
import type { JetStreamAssets } from './jetstream-assets.js';
import { PassRunner } from './pass-runner.js';
import type { MeasuredPass } from './pass-runner.js';
import { assembleReport, failureOf } from './report-builder.js';
import type { ReportFacts } from './report-facts.js';
import { TroubleLog } from './trouble-log.js';

/**
 * Runs a plan: connects, warms up, measures, and removes everything that it created.
 * @param open the agents that run its clients; by default one in this process
 * @throws {NatsxError} if nothing could be measured: connection, auth, usage, not-found, rejected
 */
export async function runBench(
  plan: BenchPlan,
  options: EngineOptions,
  open: OpenAgents = openLocalAgent,
): Promise<BenchOutcome> {
  const control = await openControlLine(options);
  const notes: string[] = [];
  try {
    checkPayloadFits(plan, control.lane);
    if (SCENARIOS[plan.scenario].stream === undefined)
      return await measure(plan, options, { control, notes, open });
    return await withJetStream(plan, options, { control, notes, open });
  } finally {
    await control.lane.close();
  }
}

interface RunContext {
  readonly control: ControlLine;
  readonly notes: string[];
  readonly open: OpenAgents;
  readonly assets?: JetStreamAssets;
}

async function withJetStream(
  plan: BenchPlan,
  options: EngineOptions,
  context: RunContext,
): Promise<BenchOutcome> {
  const api = new BenchJetStream(options, context.control);
  const assets = await prepareJetStream(api, { plan, useExisting: options.useExisting });
  let left: readonly string[] = [];
  const measured = async (): Promise<BenchOutcome> => {
    const { lane } = context.control;
    const { stream } = assets;
    const { fill: messages } = assets;
    if (messages > 0)
      await fillStream(lane, api, { plan, stream, messages, signal: options.signal });
    const stored = messages > 0 ? { first: 1, last: messages } : assets.stored;
    const measuredPlan = assets.removesRead ? withoutWarmup(plan, context.notes) : plan;
    return measure(measuredPlan, options, { ...context, assets: { ...assets, stored } });
  };
  const outcome = await measured().finally(async () => {
    left = await assets.remove();
    await api.close();
  });
  return withNotes(outcome, left);
}

/** Adds notes that are known only after the measurement, such as what could not be removed. */
function withNotes(outcome: BenchOutcome, notes: readonly string[]): BenchOutcome {
  const { report } = outcome;
  return { ...outcome, report: { ...report, notes: [...report.notes, ...notes] } };
}

/** A warm-up would remove messages that the measured passes are to read. */
function withoutWarmup(plan: BenchPlan, notes: string[]): BenchPlan {
  if (plan.warmupMs === 0) return plan;
  notes.push(
    `There was no warm-up: the stream ${plan.stream ?? ''} removes acknowledged messages.`,
  );
  return { ...plan, warmupMs: 0 };
}

async function measure(
  plan: BenchPlan,
  options: EngineOptions,
  context: RunContext,
): Promise<BenchOutcome> {
  const jobs = jobsOf(plan);
  const epochS = epochSeconds();
  const troubles = new TroubleLog();
  const agents = await context.open({
    setup: setupOf(plan, options, context, epochS),
    jobs,
    onTrouble: (trouble) => troubles.add(trouble),
    onFailure: (error) => troubles.addError(error),
    onLate: (agent, lateNs) => context.notes.push(lateNote(agent, lateNs)),
    inThread: options.inThread ?? false,
    workerScript: options.workerScript,
  });
  const startedAt = new Date();
  try {
    await connectAll(agents, troubles);
    const runner = new PassRunner({
      plan,
      agents,
      troubles,
      clock: clockSince(epochS),
      signal: options.signal,
      onProgress: options.onProgress,
      consumerFor: context.assets?.consumerFor,
      stages: options.stages,
      until: options.until,
      together: options.together,
    });
    const passes = troubles.fatal === undefined ? await runner.runAll() : [];
    const injection = await agents[0]?.concludeFaults?.();
    return conclude(plan, options, { ...context, agents, passes, troubles, startedAt, injection });
  } finally {
    await Promise.all(agents.map((agent) => agent.close()));
  }
}

/** Connects all clients. An agent that is lost meanwhile ends the run with a report. */
async function connectAll(agents: readonly LoadAgent[], troubles: TroubleLog): Promise<void> {
  try {
    await Promise.all(agents.map((agent) => agent.connect()));
  } catch (error) {
    if (!agents.some((agent) => agent.isLost())) throw error;
    troubles.addError(error);
  }
}

function lateNote({ id, host }: AgentFacts, lateNs: number): string {
  return `The agent ${id} on ${host} started ${formatDuration(lateNs)} after the others.`;
}

/** The only agent of a run on one machine. */
function openLocalAgent(load: LoadRequest): Promise<readonly LoadAgent[]> {
  const agent = new LocalAgent({
    ...load,
    clients: load.jobs.length,
    workers: load.setup.plan.workers,
    facts: undefined,
  });
  return Promise.resolve([agent]);
}

function setupOf(
  plan: BenchPlan,
  options: EngineOptions,
  { assets }: RunContext,
  epochS: number,
): LoadRequest['setup'] {
  const { credentials, ...dial } = options.dial;
  return {
    plan,
    version: options.version,
    dial,
    credentials: dial.servers.map((_server, place) => credentials(place)),
    epochS,
    jsApiPrefix: options.jsApiPrefix,
    stream: assets?.stream,
    stored: assets?.stored ?? { first: 0, last: 0 },
  };
}

interface RunFacts extends RunContext {
  readonly agents: readonly LoadAgent[];
  readonly passes: readonly MeasuredPass[];
  readonly troubles: TroubleLog;
  readonly startedAt: Date;
  readonly injection: LoadInjection | undefined;
}

function conclude(plan: BenchPlan, options: EngineOptions, facts: RunFacts): BenchOutcome {
  const response = createHistogram();
  const service = createHistogram();
  for (const pass of facts.passes) {
    mergeHistogram(response, pass.latencies.response);
    mergeHistogram(service, pass.latencies.service);
  }
  const reportFacts: ReportFacts = {
    plan,
    version: options.version,
    agents: facts.agents.flatMap((agent) => agent.facts ?? []),
    lostAgents: new Set(
      facts.agents.filter((agent) => agent.isLost()).map((agent) => agent.facts?.id ?? ''),
    ),
    passes: facts.passes,
    troubles: facts.troubles,
    startedAt: facts.startedAt,
    server: facts.control.server,
    tls: facts.control.tls,
    latencies: { response, service },
    notes: facts.notes,
    interrupted: options.signal.aborted,
    injection: facts.injection,
  };
  const report = assembleReport(reportFacts);
  const stages = stageOutcomes(reportFacts, options.stages);
  // Latencies that the clocks cannot show are not exported either.
  const shown = report.response === undefined ? createHistogram() : response;
  return { report, stages, response: shown, failure: failureOf(plan, report, facts.troubles) };
}

/** A report for each stage that was run. */
function stageOutcomes(
  facts: ReportFacts,
  stages: EngineOptions['stages'],
): BenchOutcome['stages'] {
  if (stages === undefined) return undefined;
  return facts.passes.flatMap((pass, at) => {
    const stage = stages[at];
    if (stage === undefined) return [];
    const plan = { ...facts.plan, pace: stage.pace };
    const report = assembleReport({
      ...facts,
      plan,
      passes: [pass],
      latencies: pass.latencies,
      notes: [],
    });
    return [{ stage, report }];
  });
}
