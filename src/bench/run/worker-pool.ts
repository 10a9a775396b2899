import type { BenchPlan } from '../model/plan.js';
import { CLIENT_GROUPS, SCENARIOS } from '../model/scenario.js';
import { addCoarseCounts, resetHistogram } from '../../core/statistics/latency-histogram.js';
import type { LatencyHistogram } from '../../core/statistics/latency-histogram.js';
import type { WorkerSetup, Worker, Trouble } from './worker-setup.js';
import { LocalWorker } from './local-worker.js';
import { affectedCount } from '../../faults/model/affected-latency.js';
import { latenciesBytes, latenciesIn } from './meters.js';
import type { Latencies } from './meters.js';
import { merged } from './outcome.js';
import type { Pass } from './role.js';
import type { WorkerJob } from '../model/client-job.js';
import { WorkerThread } from './worker-thread.js';
import { fairSplit } from '../../core/statistics/statistics.js';

export interface PoolRequest {
  readonly setup: Omit<WorkerSetup, 'jobs' | 'latencies'>;
  readonly jobs: readonly WorkerJob[];
  readonly onTrouble: (trouble: Trouble) => void;
  /** How many threads share the clients. */
  readonly workers: number;
  /** Run all clients in this thread. */
  readonly inThread: boolean;
  readonly workerScript: URL | undefined;
}

/** How long clients may take to notice the end of a pass. */
const SETTLE_MS = 3_000;

/** The clients of a plan, senders first: each thread gets neighbours, so that few threads have several roles. */
export function jobsOf(plan: BenchPlan): readonly WorkerJob[] {
  const { clients } = SCENARIOS[plan.scenario];
  let slot = 0;
  return CLIENT_GROUPS.flatMap((group) => {
    const role = clients[group]?.role;
    if (role === undefined) return [];
    const of = plan[group];
    return Array.from({ length: of }, (_, index): WorkerJob => ({ role, index, of, slot: slot++ }));
  });
}

/** All workers of a run. */
export class WorkerPool {
  readonly #workers: readonly Worker[];
  readonly #latencies: readonly Latencies[];

  constructor(request: PoolRequest) {
    const count = request.inThread ? 1 : Math.min(request.workers, request.jobs.length);
    const { faults } = request.setup.plan;
    const bytes = latenciesBytes(faults === undefined ? 0 : affectedCount(faults));
    const memories = Array.from({ length: count }, () => new SharedArrayBuffer(bytes));
    this.#latencies = memories.map((memory) => latenciesIn(memory));
    let next = 0;
    this.#workers = fairSplit(request.jobs.length, count).map((share, index) => {
      const jobs = request.jobs.slice(next, (next += share));
      const latencies = memories[index] ?? new SharedArrayBuffer(bytes);
      const setup = { ...request.setup, jobs, latencies };
      return request.inThread
        ? new LocalWorker(setup, request.onTrouble, false)
        : new WorkerThread(setup, request.onTrouble, request.workerScript);
    });
  }

  async connect(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.connect()));
  }

  async ready(pass: Pass): Promise<void> {
    for (const { response, service } of this.#latencies) {
      resetHistogram(response);
      resetHistogram(service);
    }
    await Promise.all(this.#workers.map((worker) => worker.ready(pass)));
  }

  /** @returns for each worker, the share of time in which its thread was busy */
  run(pass: Pass, startNs: number): readonly Promise<number>[] {
    return this.#workers.map((worker) => worker.run(pass, startNs));
  }

  /** The latencies of all workers. */
  latencies(): Latencies {
    const all = (pick: (one: Latencies) => LatencyHistogram): LatencyHistogram =>
      merged(this.#latencies.map(pick));
    return { response: all((one) => one.response), service: all((one) => one.service) };
  }

  /** Latencies of messages that were under way during each injected fault. */
  affected(): readonly LatencyHistogram[] {
    const [first] = this.#latencies;
    const places = (first?.affected ?? []).map((_, place) => place);
    return places.map((place) =>
      merged(this.#latencies.flatMap(({ affected }) => affected?.[place] ?? [])),
    );
  }

  /** Cheaper than {@link latencies}, for a look in between. */
  addResponses(into: Float64Array): void {
    for (const { response } of this.#latencies) addCoarseCounts(response, into);
  }

  async close(): Promise<void> {
    await withDeadline(Promise.all(this.#workers.map((worker) => worker.close())), SETTLE_MS);
    const threads = this.#workers.filter((worker) => worker instanceof WorkerThread);
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}

/** Waits for `work`, at most `timeoutMs`; returns whether it was done. */
export async function withDeadline(work: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
