import type { InjectionRecord } from '../../faults/model/injected.js';
import { FaultInjection } from '../../faults/run/fault-injection.js';
import { openLane } from '../../wire/open-lane.js';
import type { WorkerJob } from '../model/client-job.js';
import { isWarmupPass, plannedMs, type BenchPlan } from '../model/plan.js';
import { ROLES, SCENARIOS } from '../model/scenario.js';
import { clockSince } from './clock.js';
import { firstCopiesMemory } from './first-copies.js';
import { CELL, type MeterBoard } from './meters.js';
import type { Pass } from './role.js';
import type { WorkerSetup } from './worker-setup.js';

type AgentSetup = Omit<WorkerSetup, 'jobs' | 'latencies' | 'counters' | 'control'>;

/** Faults between the clients of one agent and the servers: they are injected where the clients are. */
export class AgentFaults {
  /** What its workers need: the way through the proxies. */
  readonly setup: Pick<WorkerSetup, 'dial' | 'firstCopies'>;
  readonly #plan: BenchPlan;
  readonly #injection: FaultInjection;
  readonly #epochS: number;
  readonly #jobs: readonly WorkerJob[];
  readonly #board: MeterBoard;
  #starting: NodeJS.Timeout | undefined;

  private constructor(
    injection: FaultInjection,
    { plan, dial: direct, stored, epochS }: AgentSetup,
    jobs: readonly WorkerJob[],
    board: MeterBoard,
  ) {
    const { detours, longestPauseMs } = injection.dial;
    const consumes = SCENARIOS[plan.scenario].stream === 'consume';
    const dial = { ...direct, detours, longestPauseMs };
    this.setup = { dial, firstCopies: consumes ? firstCopiesMemory(stored) : undefined };
    this.#plan = plan;
    this.#injection = injection;
    this.#epochS = epochS;
    this.#jobs = jobs;
    this.#board = board;
  }

  /** Undefined if the plan injects nothing. @throws {NatsxError} connection, auth */
  static async open(
    agent: AgentSetup,
    jobs: readonly WorkerJob[],
    board: MeterBoard,
  ): Promise<AgentFaults | undefined> {
    const { plan, credentials, version } = agent;
    if (plan.faults === undefined) return undefined;
    const dial = { ...agent.dial, credentials: (place = 0) => credentials[place] ?? {} };
    const lane = await openLane(dial, { version });
    const advertised = lane.info.connect_urls ?? [];
    await lane.close();
    const injection = await FaultInjection.open(dial, advertised, plan.faults);
    return new AgentFaults(injection, agent, jobs, board);
  }

  /** A pass is to begin. */
  ready(pass: Pass): void {
    if (!isWarmupPass(this.#plan, pass.number)) this.#injection.arm();
    const { firstCopies } = this.setup;
    if (firstCopies !== undefined) new Int32Array(firstCopies).fill(0);
  }

  /** Faults begin with the first measured pass, and last until {@link conclude}. */
  begin(pass: Pass, startNs: number): void {
    if (this.#starting !== undefined || isWarmupPass(this.#plan, pass.number)) return;
    const clock = clockSince(this.#epochS, { ns: pass.shiftNs });
    const waitMs = Math.max(0, (startNs - clock()) / 1e6);
    this.#starting = setTimeout(() => this.#start(), waitMs);
  }

  /** What was observed; undefined if there was no measured pass. */
  async conclude(): Promise<InjectionRecord | undefined> {
    clearTimeout(this.#starting);
    return this.#injection.startedMs === 0 ? undefined : this.#injection.conclude();
  }

  close(): Promise<void> {
    clearTimeout(this.#starting);
    return this.#injection.close();
  }

  #start(): void {
    const { measured } = SCENARIOS[this.#plan.scenario];
    const { counts } = ROLES[measured];
    const watched = this.#jobs.filter(({ role }) => role === measured);
    this.#injection.start(plannedMs(this.#plan), {
      progress: () => watched.map(({ slot }) => this.#board.client(slot)[CELL[counts]] ?? 0),
      isConnected: () => true,
      isComplete: () => false,
      missing: () => this.#missing(),
    });
  }

  /** Messages of the pass that were sent and have not arrived. */
  #missing(): number {
    const { scenario, subscribers } = this.#plan;
    const { delivery, measured } = SCENARIOS[scenario];
    if (delivery === 'none') return 0;
    let [sent, received] = [0, 0];
    for (const { role, slot } of this.#jobs) {
      const cells = this.#board.client(slot);
      if (ROLES[role].sends) sent += cells[CELL.sent] ?? 0;
      if (role === measured) received += (cells[CELL.received] ?? 0) + (cells[CELL.errors] ?? 0);
    }
    return Math.max(0, sent * (delivery === 'all' ? subscribers : 1) - received);
  }
}
