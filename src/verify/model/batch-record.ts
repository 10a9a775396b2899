import type { BatchMode } from '../../streams/model/batch-needs.js';

/** What a stream said of a batch; `unknown`: the answer to its commit did not arrive. */
export type BatchState = 'committed' | 'abandoned' | 'unknown';

/** Consecutive messages of one publisher that were published as a batch. */
export interface BatchRecord {
  readonly from: number;
  readonly to: number;
  readonly state: BatchState;
  readonly mode: BatchMode;
}

/** How many batches there were, by what became of them. */
export interface BatchCounts {
  readonly committed: number;
  readonly abandoned: number;
  readonly unknown: number;
  /** Atomic batches of which only a part arrived. */
  readonly torn: number;
}
