import { createHistogram, HISTOGRAM_CELLS } from '../../core/statistics/latency-histogram.js';
import type { LatencyHistogram } from '../../core/statistics/latency-histogram.js';

/** The counters of a client: one block of cells in shared memory, written only by its thread. */
export const CELL = {
  sent: 0,
  received: 1,
  bytes: 2,
  /** When the first messages arrived. */
  firstNs: 3,
  /** When the last message arrived, or was confirmed by the server. */
  lastNs: 4,
  /** Messages in the first read: the rate of a run that only receives starts after them. */
  firstCount: 5,
  duplicates: 6,
  outOfOrder: 7,
  errors: 8,
  /** Time that the sender waited for the socket. */
  socketWaitNs: 9,
  /** Time that the sender waited with a full window. */
  windowWaitNs: 10,
  /** Sum of a hash of all sequence numbers: equal sums on both sides mean equal sets. */
  checksum: 11,
  /** 1 if a sender has sent everything of this pass. */
  done: 12,
} as const;

export const CLIENT_CELLS = 16;

/** Switches that the main thread sets for all clients. */
export const CONTROL = {
  /** {@link RUNNING}, {@link FINISHING} or {@link STOPPED}. */
  stop: 0,
} as const;

export const RUNNING = 0;
/** All clients end the pass. */
export const STOPPED = 1;
/** Senders send nothing more; the others go on until the pass is stopped. */
const FINISHING = 2;

const CONTROL_CELLS = 8;
const CELL_BYTES = 8;

/** The counters of all clients and the switches of the run, in memory that all threads share. */
export class MeterBoard {
  readonly counters: SharedArrayBuffer;
  readonly control: SharedArrayBuffer;

  constructor(clients: number) {
    this.counters = new SharedArrayBuffer(clients * CLIENT_CELLS * CELL_BYTES);
    this.control = new SharedArrayBuffer(CONTROL_CELLS * CELL_BYTES);
  }

  client(slot: number): Float64Array {
    return clientCells(this.counters, slot);
  }

  reset(): void {
    new Float64Array(this.counters).fill(0);
    new Float64Array(this.control).fill(0);
  }

  stop(): void {
    new Float64Array(this.control)[CONTROL.stop] = STOPPED;
  }

  finish(): void {
    const control = new Float64Array(this.control);
    if (control[CONTROL.stop] === RUNNING) control[CONTROL.stop] = FINISHING;
  }
}

export function clientCells(counters: SharedArrayBuffer, slot: number): Float64Array {
  return new Float64Array(counters, slot * CLIENT_CELLS * CELL_BYTES, CLIENT_CELLS);
}

/** Adds to a cell. */
export function addTo(cells: Float64Array, cell: number, amount: number): void {
  cells[cell] = (cells[cell] ?? 0) + amount;
}

/** The latencies of one thread, shared by its clients to save memory. */
export interface Latencies {
  /** From the intended send time. */
  readonly response: LatencyHistogram;
  /** From the actual send time. */
  readonly service: LatencyHistogram;
  /** Of messages that were under way during each injected fault; they are of the whole run. */
  readonly affected?: readonly LatencyHistogram[];
}

/** @param affected how many histograms injected faults need */
export function latenciesBytes(affected: number): number {
  return (2 + affected) * HISTOGRAM_CELLS * CELL_BYTES;
}

export function latenciesIn(memory: SharedArrayBuffer): Latencies {
  const bytes = HISTOGRAM_CELLS * CELL_BYTES;
  const histogram = (place: number): LatencyHistogram =>
    createHistogram(new Float64Array(memory, place * bytes, HISTOGRAM_CELLS));
  const affected = Array.from({ length: memory.byteLength / bytes - 2 }, (_, at) =>
    histogram(2 + at),
  );
  return { response: histogram(0), service: histogram(1), affected };
}
