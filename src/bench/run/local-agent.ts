import type { AgentFacts } from '../model/agent-facts.js';
import { createHistogram } from '../../core/statistics/latency-histogram.js';
import { AgentFaults } from './agent-faults.js';
import type { AgentResults, LoadAgent, LoadInjection, RoleSums } from './load-agent.js';
import { MachineMeter } from './machine.js';
import { CELL, MeterBoard } from './meters.js';
import type { Pass } from './role.js';
import type { WorkerJob } from '../model/client-job.js';
import { WorkerPool, withDeadline } from './worker-pool.js';
import type { PoolRequest } from './worker-pool.js';

export interface LocalAgentRequest extends Omit<PoolRequest, 'setup'> {
  readonly setup: Omit<PoolRequest['setup'], 'counters' | 'control'>;
  /** How many clients the run has on all agents. */
  readonly clients: number;
  readonly facts: AgentFacts | undefined;
}

/** How long clients may take to notice the end of a pass. */
const SETTLE_MS = 3_000;
/** By then all threads know the start time, so they begin together. */
const NOTICE_NS = 10e6;

/** Runs its share of the clients in the worker threads of this process. */
export class LocalAgent implements LoadAgent {
  readonly facts: AgentFacts | undefined;
  readonly jobs: readonly WorkerJob[];
  readonly noticeNs = NOTICE_NS;
  readonly #board: MeterBoard;
  readonly #request: LocalAgentRequest;
  #pool: WorkerPool | undefined;
  #faults: AgentFaults | undefined;
  #machine = new MachineMeter();
  #busy: number[] = [];
  #ended: Promise<unknown> = Promise.resolve();

  constructor(request: LocalAgentRequest) {
    this.facts = request.facts;
    this.jobs = request.jobs;
    this.#board = new MeterBoard(request.clients);
    this.#request = request;
  }

  readonly isLost = (): boolean => false;

  readonly connect = async (): Promise<void> => {
    const { setup } = this.#request;
    const { counters, control } = this.#board;
    const own = { ...setup, counters, control };
    this.#faults = await AgentFaults.open(setup, this.jobs, this.#board);
    this.#pool = new WorkerPool({ ...this.#request, setup: { ...own, ...this.#faults?.setup } });
    await this.#pool.connect();
  };

  readonly ready = async (pass: Pass): Promise<void> => {
    this.#board.reset();
    this.#faults?.ready(pass);
    await this.#pool?.ready(pass);
  };

  readonly run = async (pass: Pass, startNs: number): Promise<void> => {
    this.#machine = new MachineMeter();
    this.#machine.start();
    this.#busy = [];
    const running = (this.#pool?.run(pass, startNs) ?? []).map((worker) =>
      worker.then((share) => this.#busy.push(share)),
    );
    this.#faults?.begin(pass, startNs);
    this.#ended = Promise.allSettled(running);
    await Promise.all(running);
  };

  readonly sums = (): readonly RoleSums[] => {
    const byRole = new Map<RoleSums['role'], Mutable<RoleSums>>();
    for (const { role, slot } of this.jobs) {
      const cells = this.#board.client(slot);
      let sums = byRole.get(role);
      if (sums === undefined) {
        sums = { role, clients: 0, sent: 0, received: 0, errors: 0, done: 0, firstNs: 0 };
        byRole.set(role, sums);
      }
      const firstNs = cells[CELL.firstNs] ?? 0;
      sums.clients += 1;
      sums.sent += cells[CELL.sent] ?? 0;
      sums.received += cells[CELL.received] ?? 0;
      sums.errors += cells[CELL.errors] ?? 0;
      sums.done += cells[CELL.done] ?? 0;
      if (firstNs > 0 && (sums.firstNs === 0 || firstNs < sums.firstNs)) sums.firstNs = firstNs;
    }
    return [...byRole.values()];
  };

  readonly addResponses = (into: Float64Array): void => this.#pool?.addResponses(into);

  readonly finish = (): void => this.#board.finish();

  readonly stop = (): void => {
    this.#machine.stop();
    this.#board.stop();
  };

  readonly results = async (): Promise<AgentResults> => {
    await withDeadline(this.#ended, SETTLE_MS);
    return {
      counts: this.jobs.map((job) => ({ job, cells: this.#board.client(job.slot).slice() })),
      latencies: this.#pool?.latencies() ?? {
        response: createHistogram(),
        service: createHistogram(),
      },
      busiest: Math.max(0, ...this.#busy),
      machine: this.#machine.use(),
      clock: undefined,
      isPartial: false,
    };
  };

  readonly concludeFaults = async (): Promise<LoadInjection | undefined> => {
    const record = await this.#faults?.conclude();
    return record === undefined ? undefined : { record, affected: this.#pool?.affected() ?? [] };
  };

  readonly close = async (): Promise<void> => {
    await this.#pool?.close();
    await this.#faults?.close();
  };
}

type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] };
