import type { NatsxError } from '../../core/errors.js';
import type { BenchPlan } from '../model/plan.js';
import type { StoredSequences } from './worker-setup.js';

export interface WireLinkOptions {
  readonly plan: BenchPlan;
  readonly stream: string | undefined;
  /** Separates the bodies of one run's clients. */
  readonly streamNumber: number;
  readonly inboxPrefix: string;
  /** `$JS.API`, or the prefix of another domain or account. */
  readonly jsApiPrefix: string;
  /** What is in the stream. */
  readonly stored: StoredSequences;
  readonly onFailure: (error: NatsxError) => void;
}
