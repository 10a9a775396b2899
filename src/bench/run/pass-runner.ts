import { setTimeout as sleep } from 'node:timers/promises';
import { sendsItself } from '../model/plan.js';
import type { BenchPlan } from '../model/plan.js';
import type { ClientResult, PassResult, SeriesPoint } from '../model/report.js';
import type { BenchProgress } from '../model/run.js';
import { countsSent, SCENARIOS } from '../model/scenario.js';
import type { Clock } from './clock.js';
import { withDeadline } from './worker-pool.js';
import type { WorkerPool } from './worker-pool.js';
import type { PassConsumer } from './jetstream-assets.js';
import { MachineMeter } from './machine.js';
import type { MachineUse } from './machine.js';
import { addTo, CELL } from './meters.js';
import type { Latencies, MeterBoard } from './meters.js';
import { clientResults, passResult } from './outcome.js';
import { Referee } from './referee.js';
import type { PassEnd } from './referee.js';
import type { WorkerJob, Pass } from './role.js';
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
  readonly latencies: Latencies;
  readonly machine: MachineUse;
  /** The busiest thread's share of time. */
  readonly busiest: number;
  /** Shares of the senders' time. */
  readonly socketWait: number;
  readonly windowWait: number;
}

export interface PassRunnerRequest {
  readonly plan: BenchPlan;
  readonly jobs: readonly WorkerJob[];
  readonly board: MeterBoard;
  readonly pool: WorkerPool;
  readonly troubles: TroubleLog;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: BenchProgress) => void;
  readonly consumerFor: ((pass: number) => Promise<PassConsumer>) | undefined;
}

const NS_PER_MS = 1e6;
const LOOK_MS = 5;
const PROGRESS_EVERY_NS = 100 * NS_PER_MS;
/** By then all threads know the start time, so they begin together. */
const START_DELAY_NS = 10 * NS_PER_MS;
const SETTLE_MS = 3_000;

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
    if (plan.warmupMs > 0) {
      const warmup = { messages: Infinity, durationNs: plan.warmupMs * NS_PER_MS };
      const done = await this.#run(await this.#pass(warmup, true), 0);
      if (!mayContinue() && done !== undefined) measured.push(done);
    }
    while (measured.length < plan.repeat && mayContinue()) {
      const pass = await this.#pass(goalOf(plan), false);
      const done = await this.#run(pass, measured.length + 1);
      if (done !== undefined) measured.push(done);
      if (done?.end !== 'complete') break;
    }
    return measured;
  }

  async #pass(goal: Pick<Pass, 'messages' | 'durationNs'>, isWarmup: boolean): Promise<Pass> {
    const number = ++this.#number;
    const { plan, consumerFor } = this.#request;
    const consumes = SCENARIOS[plan.scenario].stream === 'consume';
    const consumer = consumes ? await consumerFor?.(number) : undefined;
    const messages = isWarmup ? Infinity : (this.#inStream(consumer) ?? goal.messages);
    return { number, consumer: consumer?.name, messages, durationNs: goal.durationNs };
  }

  /** The number of messages to read, if the end of the stream ends a pass. */
  #inStream(consumer: PassConsumer | undefined): number | undefined {
    const { goal, stream } = this.#request.plan;
    const isEnd = goal.kind === 'stored' || (goal.kind === 'duration' && stream === undefined);
    return isEnd ? consumer?.pending : undefined;
  }

  async #run(pass: Pass, measured: number): Promise<MeasuredPass | undefined> {
    const { board, pool, troubles, clock, plan, jobs } = this.#request;
    board.reset();
    try {
      await pool.ready(pass);
    } catch (error) {
      troubles.addError(error);
    }
    if (troubles.fatal !== undefined) return undefined;
    const machine = new MachineMeter();
    const startNs = clock() + START_DELAY_NS;
    const referee = new Referee({ plan, pass, jobs, board, startNs });
    machine.start();
    const running = pool.run(pass, startNs);
    const end = await this.#watch(referee, running, measured);
    machine.stop();
    const { series } = referee;
    board.stop();
    const busy = await this.#settle(running);
    return this.#collect({
      pass,
      isWarmup: measured === 0,
      startNs,
      end,
      referee,
      series,
      machine: machine.use(),
      busy,
    });
  }

  /** Watches the counters until the pass is complete, stopped, or has failed. */
  async #watch(
    referee: Referee,
    running: readonly Promise<number>[],
    measured: number,
  ): Promise<PassEnd> {
    const { clock, signal, troubles } = this.#request;
    for (const worker of running) worker.catch((error: unknown) => troubles.addError(error));
    let shownNs = 0;
    let shownCount = 0;
    for (;;) {
      await sleep(LOOK_MS);
      const nowNs = clock();
      const end = referee.look(nowNs);
      if (end !== undefined) return end;
      if (signal.aborted || troubles.fatal !== undefined) return 'stopped';
      if (nowNs - shownNs < PROGRESS_EVERY_NS) continue;
      shownCount = this.#show(referee, { nowNs, measured, sinceNs: shownNs, before: shownCount });
      shownNs = nowNs;
    }
  }

  #show(
    referee: Referee,
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
      passes: plan.repeat,
      sent,
      received,
      ratePerS: Math.max(0, ratePerS),
      share: at.measured === 0 ? undefined : referee.share(at.nowNs),
      elapsedNs: referee.elapsedNs(at.nowNs),
    });
    return count;
  }

  async #settle(running: readonly Promise<number>[]): Promise<readonly number[]> {
    const busy: number[] = [];
    const all = running.map((worker) =>
      worker.then(
        (share) => busy.push(share),
        () => undefined,
      ),
    );
    await withDeadline(Promise.all(all), SETTLE_MS);
    return busy;
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
    readonly machine: MachineUse;
    readonly busy: readonly number[];
  }): MeasuredPass {
    const { plan, jobs, board, pool } = this.#request;
    const counts = jobs.map((job) => ({ job, cells: board.client(job.slot).slice() }));
    const latencies = pool.latencies();
    const { sent } = run.referee.tally();
    const expected = run.referee.expected(sent);
    const settled = this.#isSettled(run.end, run.referee.tally().received >= expected);
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
      latencies,
      machine: run.machine,
      busiest: Math.max(0, ...run.busy),
      socketWait: waited(CELL.socketWaitNs),
      windowWait: waited(CELL.windowWaitNs),
    };
  }
}

function goalOf(plan: BenchPlan): Pick<Pass, 'messages' | 'durationNs'> {
  switch (plan.goal.kind) {
    case 'messages':
      return { messages: plan.goal.messages, durationNs: Infinity };
    case 'duration':
      return {
        messages: Infinity,
        durationNs: plan.goal.durationMs * NS_PER_MS,
      };
    case 'stored':
    case 'open':
      return { messages: Infinity, durationNs: Infinity };
  }
}
