import type { HistoryGap } from './frame.js';

/** What a log covers. */
export interface HistoryCoverage {
  /** Times of the first and last reading; absent for a log without any. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly gaps: readonly HistoryGap[];
  /** Stretches that cannot be read. */
  readonly damaged: number;
  readonly readings: number;
  /** How far apart readings are meant to be; of the last. */
  readonly everyMs: number;
  readonly bytes: number;
}
