import type { RemovedMessages } from './config-outcome.js';
import type { LossRange } from './losses.js';

/** What was done to a consumer, or would be. */
export interface ConsumerChange {
  readonly action: 'pause' | 'resume' | 'unpin' | 'skip';
  readonly stream: string;
  readonly consumer: string;
  /** False: it was only looked at. */
  readonly applied: boolean;
  /** What it costs, in sentences without a full stop. */
  readonly losses: readonly string[];
  /** How many messages of the stream these are; absent where none can go. */
  readonly removes?: LossRange | undefined;
  /** How many went, as the stream was read again; absent where none could go. */
  readonly removed?: RemovedMessages | undefined;
  /** Keys as in JSON, with their units. */
  readonly details: Readonly<Record<string, string | number | boolean>>;
}
