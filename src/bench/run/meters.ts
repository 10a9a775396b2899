import { createHistogram, HISTOGRAM_CELLS } from '../../core/statistics/latency-histogram.js';
import type { LatencyHistogram } from '../../core/statistics/latency-histogram.js';

/** Where a lane counts what; one block of cells for each lane in shared memory, written by its thread alone. */
export const CELL = {
  sent: 0,
  received: 1,
  bytes: 2,
  /** When the first messages came. */
  firstNs: 3,
  /** When the last message came, or was known to have reached the server. */
  lastNs: 4,
  /** How many messages came with the first read: the rate of a lone subscriber counts from there. */
  firstCount: 5,
  duplicates: 6,
  outOfOrder: 7,
  errors: 8,
  /** Time that the sender waited for the socket to take more. */
  socketWaitNs: 9,
  /** Time that the sender waited with a full window. */
  windowWaitNs: 10,
  /** Sum of a mix of all sequence numbers: equal sums of both sides mean equal sets. */
  checksum: 11,
  /** 1 when a sender has sent all it was to send in this pass. */
  done: 12,
} as const;

const LANE_CELLS = 16;

/** What the main thread tells all lanes. */
export const CONTROL = {
  /** 1: end the pass. */
  stop: 0,
} as const;

const CONTROL_CELLS = 8;
const CELL_BYTES = 8;

/** The counters of all lanes and the switches of the run, in memory that all threads see. */
export class MeterBoard {
  readonly counters: SharedArrayBuffer;
  readonly control: SharedArrayBuffer;
  readonly #lanes: number;

  constructor(lanes: number) {
    this.#lanes = lanes;
    this.counters = new SharedArrayBuffer(lanes * LANE_CELLS * CELL_BYTES);
    this.control = new SharedArrayBuffer(CONTROL_CELLS * CELL_BYTES);
  }

  lane(slot: number): Float64Array {
    return laneCells(this.counters, slot);
  }

  get lanes(): readonly Float64Array[] {
    return Array.from({ length: this.#lanes }, (_, slot) => this.lane(slot));
  }

  reset(): void {
    new Float64Array(this.counters).fill(0);
    new Float64Array(this.control).fill(0);
  }

  stop(): void {
    new Float64Array(this.control)[CONTROL.stop] = 1;
  }
}

export function laneCells(counters: SharedArrayBuffer, slot: number): Float64Array {
  return new Float64Array(counters, slot * LANE_CELLS * CELL_BYTES, LANE_CELLS);
}

/** Adds to a cell. */
export function addTo(cells: Float64Array, cell: number, amount: number): void {
  cells[cell] = (cells[cell] ?? 0) + amount;
}

/** The two latencies of one thread, shared by its lanes: a histogram for each lane would cost memory for nothing. */
export interface Latencies {
  /** From the intended send time. */
  readonly response: LatencyHistogram;
  /** From the actual send time. */
  readonly service: LatencyHistogram;
}

export const LATENCIES_BYTES = 2 * HISTOGRAM_CELLS * CELL_BYTES;

export function latenciesIn(memory: SharedArrayBuffer): Latencies {
  const half = HISTOGRAM_CELLS * CELL_BYTES;
  return {
    response: createHistogram(new Float64Array(memory, 0, HISTOGRAM_CELLS)),
    service: createHistogram(new Float64Array(memory, half, HISTOGRAM_CELLS)),
  };
}
