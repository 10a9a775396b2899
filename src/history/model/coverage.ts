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

/** What a recorder did not hear of what the server announces. */
export interface UnheardAnnouncements {
  /** Subjects that its user may not subscribe to. */
  readonly denied: readonly string[];
  /** JetStream belongs to another domain or account, which is not listened to. */
  readonly isElsewhere: boolean;
}

/** A log as `history ls` shows it. */
export interface HistoryOverview {
  readonly coverage: HistoryCoverage;
  /** What the recorder of the last reading did not hear; absent if it heard everything. */
  readonly unheard?: UnheardAnnouncements | undefined;
}
