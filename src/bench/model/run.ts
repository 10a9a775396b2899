import type { DialOptions } from '../../connection/model/dial.js';
import type { NatsxError } from '../../core/errors.js';
import type { LatencyHistogram } from '../../core/statistics/latency-histogram.js';
import type { BenchPlan } from './plan.js';
import type { BenchReport, SuiteReport } from './report.js';

/** What a watcher may show while a pass runs. */
export interface BenchProgress {
  readonly phase: 'warm-up' | 'measuring';
  /** Measured passes count from 1; 0 is the warm-up. */
  readonly pass: number;
  readonly passes: number;
  readonly sent: number;
  readonly received: number;
  /** Messages of the measured side in the last moments, for each second. */
  readonly ratePerS: number;
  /** From 0 to 1; `undefined` when nobody knows the end. */
  readonly share: number | undefined;
  readonly elapsedNs: number;
}

export interface EngineOptions {
  readonly dial: DialOptions;
  /** Version of natsx. */
  readonly version: string;
  /** `$JS.API`, or the prefix of another domain or account. */
  readonly jsApiPrefix: string;
  /** Ends the run; what was measured by then is reported. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: BenchProgress) => void;
  /** Whether a stream that is there already may be written into. */
  readonly useExisting: boolean;
  /** Run everything in this thread. @default false */
  readonly inThread?: boolean | undefined;
  /** The worker's file, where it does not lie beside the program. */
  readonly workerScript?: URL | undefined;
}

export interface BenchOutcome {
  readonly report: BenchReport;
  /** Why the run is no success, if it is none. The report is there all the same. */
  readonly failure: NatsxError | undefined;
  /** All response times of the measured passes. */
  readonly response: LatencyHistogram;
}

/** Measures one plan. */
export type RunBench = (plan: BenchPlan, options: EngineOptions) => Promise<BenchOutcome>;

export interface SuiteOutcome {
  readonly report: SuiteReport;
  /** What ended the suite early, or made it no success. */
  readonly failure: NatsxError | undefined;
}
