import type { RemovedMessages } from './config-outcome.js';
import type { LossRange } from './losses.js';

/** What was done to a consumer, or would be. */
export type ConsumerChange = PauseChange | ResumeChange | UnpinChange | SkipChange;

export interface ConsumerChangeBase {
  readonly stream: string;
  readonly consumer: string;
  /** False: nothing was changed. */
  readonly applied: boolean;
  /** What it costs, in sentences without a full stop. */
  readonly losses: readonly string[];
}

export interface PauseChange extends ConsumerChangeBase {
  readonly action: 'pause';
  readonly until: Date;
  /** By the clock of this machine, as `until`. */
  readonly nowMs: number;
  readonly pending: number;
  readonly ackPending: number;
}

export interface ResumeChange extends ConsumerChangeBase {
  readonly action: 'resume';
  readonly wasPaused: boolean;
  readonly pending: number;
}

export interface UnpinChange extends ConsumerChangeBase {
  readonly action: 'unpin';
  readonly group: string;
  readonly pinnedClient: string;
}

export interface SkipChange extends ConsumerChangeBase {
  readonly action: 'skip';
  /** The first sequence that it gets. */
  readonly toSeq: number;
  /** Messages that are not delivered and would have been. */
  readonly skipped: LossRange;
  /** Delivered messages from the new position on, which are delivered again. */
  readonly again: LossRange;
  readonly inFlight: number;
  /** The server cannot move it there, so it is deleted and created again. */
  readonly recreated: boolean;
  /** How many messages of the stream go; absent where none can. */
  readonly removes?: LossRange | undefined;
  /** How many went, as the stream was read again; absent where none could go. */
  readonly removed?: RemovedMessages | undefined;
}
