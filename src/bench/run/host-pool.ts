import { fairSplit } from '../../core/statistics/fair-split.js';
import type { BenchPlan } from '../model/plan.js';
import { SCENARIOS } from '../model/scenario.js';
import type { Role } from '../model/scenario.js';
import { resetHistogram } from '../../core/statistics/latency-histogram.js';
import type { LatencyHistogram } from '../../core/statistics/latency-histogram.js';
import type { HostSetup, LaneHost, Trouble } from './host-setup.js';
import { LaneGroup } from './lane-group.js';
import { latenciesIn, LATENCIES_BYTES } from './meters.js';
import type { Latencies } from './meters.js';
import { merged } from './outcome.js';
import type { LaneTask, Pass } from './role.js';
import { WorkerHost } from './worker-host.js';

export interface PoolRequest {
  readonly setup: Omit<HostSetup, 'tasks' | 'latencies'>;
  readonly tasks: readonly LaneTask[];
  readonly onTrouble: (trouble: Trouble) => void;
  /** Run all lanes in this thread. */
  readonly inThread: boolean;
  readonly workerScript: URL | undefined;
}

/** How long lanes may take to notice that a pass is over. */
const SETTLE_MS = 3_000;

/** The clients of a plan, those that send first: each thread gets neighbours, so that roles share few threads. */
export function tasksOf(plan: BenchPlan): readonly LaneTask[] {
  const { measured } = SCENARIOS[plan.scenario];
  const sender: Role = measured === 'js-publisher' ? 'js-publisher' : 'publisher';
  const receiver: Role =
    measured === 'js-consumer' || measured === 'js-getter' ? measured : 'subscriber';
  const groups: readonly (readonly [Role, number])[] = [
    [sender, plan.publishers],
    ['requester', plan.requesters],
    ['responder', plan.responders],
    [receiver, plan.subscribers],
  ];
  let slot = 0;
  return groups.flatMap(([role, of]) =>
    Array.from({ length: of }, (_, index): LaneTask => ({ role, index, of, slot: slot++ })),
  );
}

/** All threads of a run as one. */
export class HostPool {
  readonly #hosts: readonly LaneHost[];
  readonly #latencies: readonly Latencies[];

  constructor(request: PoolRequest) {
    const count = request.inThread ? 1 : Math.min(request.setup.plan.workers, request.tasks.length);
    const memories = Array.from({ length: count }, () => new SharedArrayBuffer(LATENCIES_BYTES));
    this.#latencies = memories.map((memory) => latenciesIn(memory));
    let next = 0;
    this.#hosts = fairSplit(request.tasks.length, count).map((share, index) => {
      const tasks = request.tasks.slice(next, (next += share));
      const latencies = memories[index] ?? new SharedArrayBuffer(LATENCIES_BYTES);
      const setup = { ...request.setup, tasks, latencies };
      return request.inThread
        ? new LaneGroup(setup, request.onTrouble, false)
        : new WorkerHost(setup, request.onTrouble, request.workerScript);
    });
  }

  async connect(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.connect()));
  }

  async ready(pass: Pass): Promise<void> {
    for (const { response, service } of this.#latencies) {
      resetHistogram(response);
      resetHistogram(service);
    }
    await Promise.all(this.#hosts.map((host) => host.ready(pass)));
  }

  /** @returns for each thread a promise of the share of time in which it did something */
  run(pass: Pass, startNs: number): readonly Promise<number>[] {
    return this.#hosts.map((host) => host.run(pass, startNs));
  }

  /** The latencies of all threads. */
  latencies(): Latencies {
    const all = (pick: (one: Latencies) => LatencyHistogram): LatencyHistogram =>
      merged(this.#latencies.map(pick));
    return { response: all((one) => one.response), service: all((one) => one.service) };
  }

  async close(): Promise<void> {
    await withDeadline(Promise.all(this.#hosts.map((host) => host.close())), SETTLE_MS);
    const workers = this.#hosts.filter((host) => host instanceof WorkerHost);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** Waits for `work`, but not longer than that; gives whether it was done. */
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
