import type { DialOptions } from '../../connection/model/dial.js';
import type { NatsxError } from '../../core/errors.js';
import type { LatencyHistogram } from '../../core/statistics/latency-histogram.js';
import type { TargetRate } from '../../core/values/pace.js';
import type { Threshold } from '../../core/values/threshold.js';
import type { BenchPlan } from './plan.js';
import type { BenchReport, IntervalPoint, SaturationReport, Stall, SuiteReport } from './report.js';
import type { LoadStep, SearchSettings } from './saturate.js';

/** The state of a pass while it runs. */
export interface BenchProgress {
  readonly phase: 'warm-up' | 'measuring';
  /** Measured passes are numbered from 1; 0 is the warm-up. */
  readonly pass: number;
  readonly passes: number;
  readonly sent: number;
  readonly received: number;
  /** Current rate of the measured side. */
  readonly ratePerS: number;
  /** From 0 to 1; `undefined` if the end is unknown. */
  readonly share: number | undefined;
  readonly elapsedNs: number;
  /** The pass so far; costs more than the rest. */
  readonly timeline: () => Timeline;
}

/** A pass, or several one after the other, in short intervals. */
export interface Timeline {
  readonly intervals: readonly IntervalPoint[];
  readonly stalls: readonly Stall[];
}

export interface EngineOptions {
  readonly dial: DialOptions;
  /** Version of natsx. */
  readonly version: string;
  /** `$JS.API`, or the prefix of another domain or account. */
  readonly jsApiPrefix: string;
  /** Ends the run; what was measured until then is reported. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: BenchProgress) => void;
  /** Whether an existing stream may be written to. */
  readonly useExisting: boolean;
  /** The passes of a plan with stages, one after the other; by default the plan's goal, `repeat` times. */
  readonly stages?: readonly Stage[] | undefined;
  /** Ends the run as if its goal were reached: nothing more is sent, and what is on its way is waited for. */
  readonly until?: AbortSignal | undefined;
  /** Resolves when all runs that should start together are ready. */
  readonly together?: (() => Promise<void>) | undefined;
  /** Run everything in this thread. @default false */
  readonly inThread?: boolean | undefined;
  /** The worker's file, if it is not next to the program. */
  readonly workerScript?: URL | undefined;
}

/** One part of a load that changes over time. */
export interface Stage {
  readonly name: string;
  /** Over all clients; Infinity if a time ends it. */
  readonly messages: number;
  /** Infinity if it lasts as long as the others. */
  readonly durationMs: number;
  readonly pace: TargetRate | undefined;
  readonly thresholds: readonly Threshold[];
}

export interface StageOutcome {
  readonly stage: Stage;
  readonly report: BenchReport;
}

export interface BenchOutcome {
  readonly report: BenchReport;
  /** One for each stage that was run, if there are any. */
  readonly stages?: readonly StageOutcome[] | undefined;
  /** Why the run is not a success; the report is complete either way. */
  readonly failure: NatsxError | undefined;
  /** All response times of the measured passes. */
  readonly response: LatencyHistogram;
}

/** Measures one plan. */
export type RunBench = (plan: BenchPlan, options: EngineOptions) => Promise<BenchOutcome>;

export interface SuiteOutcome {
  readonly report: SuiteReport;
  /** What ended the suite early, or made it a failure. */
  readonly failure: NatsxError | undefined;
}

export interface SaturationRequest {
  /** The scenario; its goal is the time of one step. */
  readonly plan: BenchPlan;
  /** What has to be met, such as `p99<5ms`. */
  readonly objectives: readonly Threshold[];
  readonly search: SearchSettings;
  /** For all steps together. */
  readonly maxTimeMs: number;
  readonly onStep: (step: LoadStep) => void;
}

export interface SaturationOutcome {
  readonly report: SaturationReport;
  /** A failure that ended the search. */
  readonly failure: NatsxError | undefined;
}
