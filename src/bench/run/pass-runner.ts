import { setTimeout as sleep } from 'node:timers/promises';
import { COARSE_CELLS } from '../../core/statistics/latency-histogram.js';
import { sendsItself } from '../model/plan.js';
import type { BenchPlan } from '../model/plan.js';
import { IntervalLog } from '../model/interval-log.js';
import type { IntervalReading } from '../model/interval-log.js';
import type {
  ClientResult,
  IntervalPoint,
  PassResult,
  SeriesPoint,
  Stall,
} from '../model/report.js';
import type { BenchProgress, EngineOptions, Stage } from '../model/run.js';
import { countsSent, SCENARIOS } from '../model/scenario.js';
import type { Clock } from './clock.js';
import type { PassConsumer } from './jetstream-assets.js';
import type { AgentResults, LoadAgent } from './load-agent.js';
import { addTo, CELL } from './meters.js';
import type { Latencies } from './meters.js';
import { clientResults, coverArrived, merged, passResult, sumsOf } from './outcome.js';
import { Referee } from './referee.js';
import type { PassEnd } from './referee.js';
import type { Pass } from './role.js';
import type { TroubleLog } from './trouble-log.js';

/** One measured pass, with the facts that the verdict needs. */
export interface MeasuredPass {
  /** Whether it is the warm-up, which is reported only if the run ended in it. */
  readonly isWarmup: boolean;
  /** The number of messages that ends it; Infinity if a time does. */
  readonly messages: number;
  readonly end: PassEnd;
  readonly result: PassResult;
  readonly clients: readonly ClientResult[];
  readonly series: readonly SeriesPoint[];
  readonly intervals: readonly IntervalPoint[];
  readonly stalls: readonly Stall[];
  readonly latencies: Latencies;
  /** In the order of the run's agents. */
  readonly agents: readonly AgentResults[];
  /** Shares of the senders' time. */
  readonly socketWait: number;
  readonly windowWait: number;
}

export interface PassRunnerRequest {
  readonly plan: BenchPlan;
  readonly agents: readonly LoadAgent[];
  readonly troubles: TroubleLog;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: BenchProgress) => void;
  readonly consumerFor: ((pass: number) => Promise<PassConsumer>) | undefined;
  readonly stages: EngineOptions['stages'];
  readonly until: EngineOptions['until'];
  readonly together: EngineOptions['together'];
}

const NS_PER_MS = 1e6;
const LOOK_MS = 5;
const PROGRESS_EVERY_NS = 100 * NS_PER_MS;

/** Of all passes together. */
const MOST_INTERVALS = 240;
/** Counts of other machines are this old at most. */
const REMOTE_MS = 200;

/** How long there may be no progress although nothing is wrong. */
function gapMs({ pace }: BenchPlan, agents: readonly LoadAgent[]): number {
  const remote = agents.some(({ facts }) => facts !== undefined) ? REMOTE_MS : 0;
  return Math.max(remote, pace === undefined ? 0 : 1000 / pace.ratePerS);
}

/** Runs the passes of a plan on open connections. */
export class PassRunner {
  readonly #request: PassRunnerRequest;
  #number = 0;

  constructor(request: PassRunnerRequest) {
    this.#request = request;
  }

  async runAll(): Promise<readonly MeasuredPass[]> {
    const { plan, signal, troubles } = this.#request;
    const measured: MeasuredPass[] = [];
    const mayContinue = (): boolean => !signal.aborted && troubles.fatal === undefined;
    const goals = this.#request.stages ?? Array.from({ length: plan.repeat }, () => goalOf(plan));
    if (plan.warmupMs > 0) {
      const warmup = { messages: Infinity, durationMs: plan.warmupMs, pace: plan.pace };
      const done = await this.#run(await this.#pass(warmup, true), 0);
      if (!mayContinue() && done !== undefined) measured.push(done);
    }
    for (const goal of goals) {
      if (!mayContinue() || (measured.length > 0 && this.#request.until?.aborted)) break;
      const pass = await this.#pass(goal, false);
      const done = await this.#run(pass, measured.length + 1);
      if (done !== undefined) measured.push(done);
      if (!mayFollow(plan, done?.end)) break;
    }
    return measured;
  }

  async #pass(goal: PassGoal, isWarmup: boolean): Promise<Pass> {
    const number = ++this.#number;
    const { plan, consumerFor } = this.#request;
    const consumes = SCENARIOS[plan.scenario].stream === 'consume';
    const consumer = consumes ? await consumerFor?.(number) : undefined;
    const messages = isWarmup ? Infinity : (this.#inStream(consumer) ?? goal.messages);
    const { pace } = goal;
    const durationNs = goal.durationMs * NS_PER_MS;
    return { number, consumer: consumer?.name, messages, durationNs, pace, shiftNs: 0 };
  }

  /** The number of messages to read, if the end of the stream ends a pass. */
  #inStream(consumer: PassConsumer | undefined): number | undefined {
    const { goal, stream } = this.#request.plan;
    const isEnd = goal.kind === 'stored' || (goal.kind === 'duration' && stream === undefined);
    return isEnd ? consumer?.pending : undefined;
  }

  async #run(pass: Pass, measured: number): Promise<MeasuredPass | undefined> {
    const { agents, troubles, clock, plan } = this.#request;
    await this.#each((agent) => agent.ready(pass));
    if (troubles.fatal !== undefined) return undefined;
    if (measured > 0) await this.#request.together?.();
    const startNs = clock() + Math.max(...agents.map(({ noticeNs }) => noticeNs));
    const sums = () => agents.flatMap((agent) => agent.sums());
    const referee = new Referee({ plan, pass, sums, startNs });
    const running = this.#each((agent) => agent.run(pass, startNs));
    const log = new IntervalLog(Math.max(2, MOST_INTERVALS / plan.repeat), gapMs(plan, agents));
    const end = await this.#watch(referee, log, measured);
    const { series } = referee;
    log.finish(this.#readingOf(referee), this.#responses());
    for (const agent of agents) agent.stop();
    const results = await Promise.all(agents.map((agent) => agent.results()));
    void running;
    return this.#collect({
      pass,
      isWarmup: measured === 0,
      startNs,
      end,
      referee,
      series,
      log,
      results,
    });
  }

  #readingOf(referee: Referee): IntervalReading {
    const { clock, plan } = this.#request;
    const { sent, received } = referee.tally();
    const counted = countsSent(plan.scenario) ? sent : received;
    return { atMs: referee.elapsedNs(clock()) / NS_PER_MS, sent, received, counted };
  }

  #responses(): Float64Array {
    const counts = new Float64Array(COARSE_CELLS);
    for (const agent of this.#request.agents) agent.addResponses?.(counts);
    return counts;
  }

  /** Calls all agents; what fails ends the run. */
  async #each(call: (agent: LoadAgent) => Promise<void>): Promise<void> {
    const { agents, troubles } = this.#request;
    const add = (error: unknown): void => troubles.addError(error);
    await Promise.all(agents.map((agent) => call(agent).catch(add)));
  }

  /** Watches the counters until the pass is complete, stopped, or has failed. */
  async #watch(referee: Referee, log: IntervalLog, measured: number): Promise<PassEnd> {
    const { clock, signal, troubles, until, plan, agents } = this.#request;
    let isFinishing = false;
    let shownNs = 0;
    let shownCount = 0;
    for (;;) {
      await sleep(LOOK_MS);
      const nowNs = clock();
      const end = referee.look(nowNs);
      if (end !== undefined) return end;
      log.look(this.#readingOf(referee), () => this.#responses());
      if (signal.aborted || troubles.fatal !== undefined) return 'stopped';
      if (until?.aborted === true && !isFinishing) {
        if (!sendsItself(plan)) return 'complete';
        isFinishing = true;
        for (const agent of agents) agent.finish();
      }
      if (nowNs - shownNs < PROGRESS_EVERY_NS) continue;
      const at = { nowNs, measured, sinceNs: shownNs, before: shownCount };
      shownCount = this.#show(referee, log, at);
      shownNs = nowNs;
    }
  }

  #show(
    referee: Referee,
    log: IntervalLog,
    at: {
      readonly nowNs: number;
      readonly measured: number;
      readonly sinceNs: number;
      readonly before: number;
    },
  ): number {
    const { plan, onProgress } = this.#request;
    const { sent, received } = referee.tally();
    const count = countsSent(plan.scenario) ? sent : received;
    const ratePerS = at.sinceNs === 0 ? 0 : ((count - at.before) * 1e9) / (at.nowNs - at.sinceNs);
    onProgress({
      phase: at.measured === 0 ? 'warm-up' : 'measuring',
      pass: at.measured,
      passes: this.#request.stages?.length ?? plan.repeat,
      sent,
      received,
      ratePerS: Math.max(0, ratePerS),
      share: at.measured === 0 ? undefined : referee.share(at.nowNs),
      elapsedNs: referee.elapsedNs(at.nowNs),
      timeline: () => ({ intervals: log.intervals, stalls: log.stalls }),
    });
    return count;
  }

  /** A time may end the reading, and a signal anything: messages that were not read then may still be in flight. */
  #isSettled(end: PassEnd, allThere: boolean): boolean {
    const { plan, signal } = this.#request;
    if (end === 'complete') return allThere;
    return end === 'idle' || (!signal.aborted && sendsItself(plan));
  }

  #collect(run: {
    readonly pass: Pass;
    readonly isWarmup: boolean;
    readonly startNs: number;
    readonly end: PassEnd;
    readonly referee: Referee;
    readonly series: readonly SeriesPoint[];
    readonly log: IntervalLog;
    readonly results: readonly AgentResults[];
  }): MeasuredPass {
    const { plan } = this.#request;
    const counts = run.results
      .flatMap((agent) => agent.counts)
      .toSorted((a, b) => a.job.slot - b.job.slot);
    coverArrived(plan, run.results, counts);
    const latencies = {
      response: merged(run.results.map((agent) => agent.latencies.response)),
      service: merged(run.results.map((agent) => agent.latencies.service)),
    };
    const { sent, received } = sumsOf(plan, counts);
    const expected = run.referee.expected(sent);
    const settled = this.#isSettled(run.end, received >= expected);
    const facts = { plan, counts, startNs: run.startNs, latencies, expected, settled };
    const result = passResult(facts);
    const senders = counts.filter(({ cells }) => (cells[CELL.sent] ?? 0) > 0);
    const waited = (cell: number): number => {
      const total = new Float64Array(1);
      for (const { cells } of senders) addTo(total, 0, cells[cell] ?? 0);
      return (total[0] ?? 0) / Math.max(1, result.elapsedNs * senders.length);
    };
    return {
      isWarmup: run.isWarmup,
      messages: run.pass.messages,
      end: run.end,
      result,
      clients: clientResults(facts),
      series: run.series,
      intervals: run.log.intervals,
      stalls: run.log.stalls,
      latencies,
      agents: run.results,
      socketWait: waited(CELL.socketWaitNs),
      windowWait: waited(CELL.windowWaitNs),
    };
  }
}

type PassGoal = Pick<Stage, 'messages' | 'durationMs' | 'pace'>;

function goalOf({ goal, pace }: BenchPlan): PassGoal {
  switch (goal.kind) {
    case 'messages':
      return { messages: goal.messages, durationMs: Infinity, pace };
    case 'duration':
      return { messages: Infinity, durationMs: goal.durationMs, pace };
    case 'stored':
    case 'open':
      return { messages: Infinity, durationMs: Infinity, pace };
  }
}

/** Whether another pass may follow: messages that faults have cost do not end a run. */
function mayFollow({ faults }: BenchPlan, end: PassEnd | undefined): boolean {
  return end === 'complete' || (end === 'idle' && faults !== undefined);
}
