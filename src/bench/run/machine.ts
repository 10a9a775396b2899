import { availableParallelism, cpus } from 'node:os';
import { cpuUsage } from 'node:process';

/** Processor times since the start of the machine, in milliseconds. */
interface CpuTimes {
  readonly busyMs: number;
  readonly totalMs: number;
  readonly ownMs: number;
}

/** How busy the processors were between two readings. Shares of all processors, from 0 to 1. */
export interface MachineUse {
  /** `undefined` if the time was too short for the system's clock ticks. */
  readonly busy: number | undefined;
  readonly own: number;
}

/** Ticks of 10ms need this much time to be meaningful. */
const SHORTEST_MS = 200;

export function coreCount(): number {
  return availableParallelism();
}

export function cpuModel(): string {
  return cpus()[0]?.model.trim() ?? 'unknown';
}

/** Adds up processor time between `start` and `stop` calls. */
export class MachineMeter {
  #before: CpuTimes | undefined;
  #busyMs = 0;
  #totalMs = 0;
  #ownMs = 0;

  start(): void {
    this.#before = readTimes();
  }

  stop(): void {
    const before = this.#before;
    if (before === undefined) return;
    const now = readTimes();
    this.#busyMs += now.busyMs - before.busyMs;
    this.#totalMs += now.totalMs - before.totalMs;
    this.#ownMs += now.ownMs - before.ownMs;
    this.#before = undefined;
  }

  use(): MachineUse {
    const total = Math.max(1, this.#totalMs);
    return {
      busy: this.#totalMs / coreCount() < SHORTEST_MS ? undefined : this.#busyMs / total,
      own: Math.min(1, this.#ownMs / total),
    };
  }
}

function readTimes(): CpuTimes {
  let busyMs = 0;
  let totalMs = 0;
  for (const { times } of cpus()) {
    const busy = times.user + times.nice + times.sys + times.irq;
    busyMs += busy;
    totalMs += busy + times.idle;
  }
  const own = cpuUsage();
  return { busyMs, totalMs, ownMs: (own.user + own.system) / 1000 };
}
