import type { NatsxError } from '../../core/errors.js';
import type { Threshold } from '../../core/values/threshold.js';
import type { BenchPlan } from './plan.js';
import type { SaturationReport } from './report.js';
import type { LoadStep, SearchSettings } from './saturate.js';

export interface SaturationRequest {
  /** The scenario; its goal is the time of one step. */
  readonly plan: BenchPlan;
  /** What must hold, such as `p99<5ms`. */
  readonly objectives: readonly Threshold[];
  readonly search: SearchSettings;
  /** All steps together. */
  readonly maxTimeMs: number;
  readonly onStep: (step: LoadStep) => void;
}

export interface SaturationOutcome {
  readonly report: SaturationReport;
  /** A failure that ended the search. */
  readonly failure: NatsxError | undefined;
}
