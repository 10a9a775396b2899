import { createHistogram } from '../../../core/statistics/latency-histogram.js';
import type { AgentFacts, ClockOffset } from '../../model/agent-facts.js';
import type { WorkerJob } from '../../model/client-job.js';
import { boundDuring } from '../../model/clock-offset.js';
import type { Offset } from '../../model/clock-offset.js';
import type { AgentResults, LoadAgent, LoadRequest, RoleSums } from '../load-agent.js';
import { CELL, CLIENT_CELLS } from '../meters.js';
import type { Pass } from '../role.js';
import { withDeadline } from '../worker-pool.js';
import { addCells, cellsOf, isRecord } from './agent-protocol.js';
import type { LoadState, ResultsPage } from './agent-protocol.js';
import type { AgentLine } from './agent-line.js';

export interface RemoteAgentRequest {
  readonly line: AgentLine;
  /** The number of the load: an agent runs several scenarios of one plan at once. */
  readonly load: number;
  readonly jobs: readonly WorkerJob[];
  readonly request: LoadRequest;
  /** What is added to a time of the line's clock to have a time of the run. */
  readonly epochShiftNs: number;
  /** The slowest round trip to an agent of the run. */
  readonly roundTripNs: () => number;
}

const NS_PER_MS = 1e6;
/** Enough for an agent on a busy machine to call its threads. */
const NOTICE_NS = 120 * NS_PER_MS;
/** How long clients may take to notice the end of a pass. */
const SETTLE_MS = 4_000;
const CLOSE_MS = 5_000;

/** A share of the clients of a run on another machine, by calls to its agent. */
export class RemoteAgent implements LoadAgent {
  readonly facts: AgentFacts;
  readonly jobs: readonly WorkerJob[];
  readonly #options: RemoteAgentRequest;
  #sums: readonly RoleSums[];
  #pass = 0;
  #offset: Offset;
  #heardNs = 0;
  #whenEnded: () => void = () => undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(options: RemoteAgentRequest) {
    this.facts = options.line.facts;
    this.jobs = options.jobs;
    this.#options = options;
    this.#sums = noSums(options.jobs);
    this.#offset = options.line.offset;
  }

  get noticeNs(): number {
    return NOTICE_NS + 2 * this.#options.roundTripNs();
  }

  readonly isLost = (): boolean => this.#options.line.lost.aborted;

  readonly connect = async (): Promise<void> => {
    if (this.jobs.length === 0) return;
    const { line, load, request } = this.#options;
    line.watch(load, (state) => this.#hear(state));
    // Each machine has its own epoch; passes carry the difference.
    const setup = { ...request.setup, epochS: undefined };
    await this.#call('prepare', {
      work: { setup, jobs: this.jobs, clients: request.jobs.length },
    });
  };

  readonly ready = async (pass: Pass): Promise<void> => {
    this.#sums = noSums(this.jobs);
    this.#pass = pass.number;
    this.#ended = new Promise((resolve) => {
      this.#whenEnded = resolve;
    });
    if (this.jobs.length === 0) {
      this.#whenEnded();
      return;
    }
    this.#offset = await this.#options.line.synchronize();
    await this.#call('ready', { pass: this.#shifted(pass) });
  };

  readonly run = async (pass: Pass, startNs: number): Promise<void> => {
    if (this.jobs.length === 0) return;
    const answer = await this.#call('run', { pass: this.#shifted(pass), startNs });
    const late = isRecord(answer) ? Number(answer['lateNs']) : 0;
    if (late > 0) this.#options.request.onLate(this.facts, late);
    await this.#options.line.unlessLost(this.#ended);
  };

  readonly sums = (): readonly RoleSums[] => this.#sums;

  readonly finish = (): void => this.#send('finish');

  readonly stop = (): void => this.#send('stop');

  readonly results = async (): Promise<AgentResults> => {
    const { line } = this.#options;
    const isThere = this.jobs.length > 0 && !line.lost.aborted;
    if (!isThere) return this.#partial();
    try {
      await withDeadline(line.unlessLost(this.#ended), SETTLE_MS);
      const results = await this.#collect();
      return { ...results, clock: await this.#clock(), isPartial: false };
    } catch (error) {
      this.#options.request.onFailure(error);
      return this.#partial();
    }
  };

  readonly close = async (): Promise<void> => {
    const { line, load } = this.#options;
    line.unwatch(load);
    if (this.jobs.length === 0 || line.lost.aborted) return;
    await this.#call('close', {}, CLOSE_MS).catch(() => undefined);
  };

  #call(verb: Parameters<AgentLine['call']>[0], body = {}, timeoutMs?: number): Promise<unknown> {
    const { line, load } = this.#options;
    return line.call(verb, { ...body, load }, timeoutMs);
  }

  #send(verb: 'finish' | 'stop'): void {
    if (this.jobs.length === 0 || this.#options.line.lost.aborted) return;
    this.#call(verb).catch((error: unknown) => this.#options.request.onFailure(error));
  }

  #shifted(pass: Pass): Pass {
    return { ...pass, shiftNs: this.#options.epochShiftNs - this.#offset.offsetNs };
  }

  #hear({ pass, sums, hasEnded, troubles }: LoadState): void {
    for (const trouble of troubles) this.#options.request.onTrouble(trouble);
    if (pass !== this.#pass) return;
    this.#sums = sums;
    this.#heardNs = this.#options.line.now() + this.#options.epochShiftNs;
    if (hasEnded) this.#whenEnded();
  }

  async #collect(): Promise<Omit<AgentResults, 'clock' | 'isPartial'>> {
    const latencies = { response: createHistogram(), service: createHistogram() };
    const histograms = [latencies.response.cells, latencies.service.cells];
    const bySlot = new Map<number, Float64Array>();
    let from: number | undefined = 0;
    let page: ResultsPage;
    do {
      page = (await this.#call('results', { from })) as ResultsPage;
      for (const row of page.clients) bySlot.set(row[0] ?? 0, cellsOf(row));
      addCells(page.cells, histograms);
      from = page.next;
    } while (from !== undefined);
    const counts = this.jobs.map((job) => ({
      job,
      cells: bySlot.get(job.slot) ?? new Float64Array(CLIENT_CELLS),
    }));
    return { counts, latencies, busiest: page.busiest, machine: page.machine };
  }

  async #clock(): Promise<ClockOffset> {
    const { line } = this.#options;
    const after = await line.measureOffset();
    const boundNs = boundDuring(this.#offset, after);
    return { offsetNs: line.timeOfDayOffsetNs(this.#offset), boundNs };
  }

  /** What a lost agent last reported: sums, which its first client of each role gets. */
  #partial(): AgentResults {
    const { line } = this.#options;
    const left = new Map(this.#sums.map((sums) => [sums.role, sums]));
    const counts = this.jobs.map((job) => {
      const cells = new Float64Array(CLIENT_CELLS);
      const sums = left.get(job.role);
      left.delete(job.role);
      if (sums !== undefined) {
        cells[CELL.sent] = sums.sent;
        cells[CELL.received] = sums.received;
        cells[CELL.errors] = sums.errors;
        cells[CELL.firstNs] = sums.firstNs;
        cells[CELL.lastNs] = this.#heardNs;
      }
      return { job, cells };
    });
    return {
      counts,
      latencies: { response: createHistogram(), service: createHistogram() },
      busiest: 0,
      machine: { busy: undefined, own: 0 },
      clock: {
        offsetNs: line.timeOfDayOffsetNs(this.#offset),
        boundNs: this.#offset.boundNs,
      },
      isPartial: this.jobs.length > 0,
    };
  }
}

function noSums(jobs: readonly WorkerJob[]): readonly RoleSums[] {
  const roles = [...new Set(jobs.map(({ role }) => role))];
  return roles.map((role) => ({
    role,
    clients: jobs.filter((job) => job.role === role).length,
    sent: 0,
    received: 0,
    errors: 0,
    done: 0,
    firstNs: 0,
  }));
}
