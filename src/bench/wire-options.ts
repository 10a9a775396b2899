import type { NatsxError } from '../domain/errors.js';
import type { BenchPlan } from '../domain/bench/plan.js';

export interface WireLinkOptions {
  readonly plan: BenchPlan;
  readonly stream: string | undefined;
  /** Separates the bodies of one run's clients. */
  readonly streamNumber: number;
  readonly inboxPrefix: string;
  /** `$JS.API`, or the prefix of another domain or account. */
  readonly jsApiPrefix: string;
  /** Sequence of the last message in the stream. */
  readonly lastSequence: number;
  readonly onFailure: (error: NatsxError) => void;
}
