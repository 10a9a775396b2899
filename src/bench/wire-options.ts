import type { NatsxError } from '../domain/errors.js';
import type { BenchPlan } from '../domain/bench/plan.js';
import type { StoredRange } from './host-setup.js';

export interface WireLinkOptions {
  readonly plan: BenchPlan;
  readonly stream: string | undefined;
  /** Separates the bodies of one run's clients. */
  readonly streamNumber: number;
  readonly inboxPrefix: string;
  /** `$JS.API`, or the prefix of another domain or account. */
  readonly jsApiPrefix: string;
  /** What is in the stream. */
  readonly stored: StoredRange;
  readonly onFailure: (error: NatsxError) => void;
}
