import type { AgentFacts, ClockOffset } from './agent-facts.js';
import type { InjectedReport } from '../../faults/model/injected.js';
import type { LatencySummary } from '../../core/statistics/latency-summary.js';
import type { TruthCheck } from './plan-stamp.js';
import type { PublishMode, PullAckPolicy, EngineName, Scenario, StorageKind } from './scenario.js';
import type { LoadStep } from './saturate.js';
import type { BottleneckVerdict } from './verdict.js';

/** The version of the shape below; a reader rejects others. */
export const REPORT_SCHEMA = 'natsx.bench/1';
/** In place of a size or a schedule, if other programs send. */
export const OF_OTHERS = 'of others';
export const SUITE_SCHEMA = 'natsx.bench-suite/1';

export const PLAN_SCHEMA = 'natsx.bench-plan/1';
export const SATURATION_SCHEMA = 'natsx.bench-saturate/1';

/**
 * One scenario's result with the conditions under which it was measured. In JSON the keys are snake_case:
 * `ratePerS` is `rate_per_s`.
 */
export interface BenchReport {
  readonly schema: typeof REPORT_SCHEMA;
  readonly runId: string;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly conditions: Conditions;
  readonly totals: PassResult;
  /** One for each measured pass, in order. */
  readonly repeats: readonly PassResult[];
  /** Clients of the first pass, senders first. */
  readonly clients: readonly ClientResult[];
  /** The machines that ran the clients; absent if this process did. */
  readonly agents?: readonly AgentResult[] | undefined;
  /** Messages in each whole second of the measured passes, one after the other. */
  readonly series: readonly SeriesPoint[];
  /** The measured passes in finer steps, one after the other; absent in reports of earlier versions. */
  readonly intervals?: readonly IntervalPoint[] | undefined;
  /** Times without progress, on the same axis. */
  readonly stalls?: readonly Stall[] | undefined;
  /** From the intended send time: how long a user of the service waits. Absent if nothing was timed. */
  readonly response: LatencySummary | undefined;
  /** From the actual send time; only with a target rate. */
  readonly service: LatencySummary | undefined;
  /** How far a one-way latency may be wrong, since the clocks of several machines are compared. */
  readonly clockBoundNs?: number | undefined;
  readonly distribution: readonly DistributionPoint[];
  /** The response times as a curve, in HdrHistogram's steps; absent in reports of earlier versions. */
  readonly percentiles?: readonly PercentilePoint[] | undefined;
  /** How arrivals were checked; absent if it is unknown what should arrive, or if each message is answered. */
  readonly checks: TruthCheck | undefined;
  readonly errors: readonly BenchError[];
  readonly notes: readonly string[];
  readonly verdict: BottleneckVerdict;
  /** What was injected, and what it cost. */
  readonly injected?: InjectedReport | undefined;
  /** `complete`, or why the goal was not reached. */
  readonly outcome: BenchEnd;
}

export type BenchEnd = 'complete' | 'interrupted' | 'idle' | 'failed';

/** What has to be the same for two runs to be comparable. */
export interface Conditions {
  readonly scenario: Scenario;
  readonly engine: EngineName;
  readonly server: BenchServer;
  readonly natsxVersion: string;
  /** `v24.1.0`; in the executables `bun v1.4.5`. */
  readonly nodeVersion: string;
  readonly platform: string;
  readonly cores: number;
  readonly cpuModel: string;
  readonly publishers: number;
  readonly subscribers: number;
  readonly requesters: number;
  readonly responders: number;
  readonly workers: number;
  /** Machines that ran the clients; absent if the process of the command did. */
  readonly agents?: number | undefined;
  /** `messages 100000`, `duration 5000ms`, `stored` (all that a stream held), `open`. */
  readonly goal: string;
  /** In the syntax of `--size`; `of others` if this run sends nothing. */
  readonly size: string;
  readonly subjects: number;
  readonly subjectBytes: number;
  readonly headers: number;
  readonly targetRatePerS: number | undefined;
  readonly schedule: 'flat out' | 'constant' | 'poisson' | typeof OF_OTHERS;
  readonly window: number;
  readonly ack: PullAckPolicy | undefined;
  /** How a stream was written to; reports of older versions lack it. */
  readonly mode: PublishMode | undefined;
  readonly batch: number | undefined;
  readonly storage: StorageKind | undefined;
  readonly replicas: number | undefined;
  /** The stream that the user named; absent for a temporary one. */
  readonly stream: string | undefined;
  readonly warmupMs: number;
  readonly replyDelayMs: number;
  readonly seed: number;
  readonly tls: boolean;
  /** Injected faults, in the syntax of `--faults`. */
  readonly faults?: string | undefined;
}

export interface BenchServer {
  readonly version: string;
  readonly name: string;
  readonly cluster: string | undefined;
  /** Whether it has a loopback address, so that it shares the processors with natsx. */
  readonly local: boolean;
  readonly roundTripNs: number;
}

/** The result of one pass, or of all together. */
export interface PassResult {
  readonly sent: number;
  readonly received: number;
  /** What should have been received: sent × subscribers; in a queue group, sent. */
  readonly expected: number;
  readonly lost: number;
  readonly duplicates: number;
  readonly outOfOrder: number;
  readonly errors: number;
  readonly elapsedNs: number;
  /** Messages of the measured role per second. */
  readonly ratePerS: number;
  readonly bytesPerS: number;
  readonly response: LatencySummary | undefined;
  readonly service: LatencySummary | undefined;
}

export interface ClientResult {
  readonly role: string;
  /** From 0, within its role. */
  readonly index: number;
  readonly messages: number;
  readonly bytes: number;
  readonly elapsedNs: number;
  readonly ratePerS: number;
}

/** What the clients on one machine did; all rows add up to the totals. */
export interface AgentResult extends Pick<AgentFacts, 'id' | 'host' | 'labels' | 'version'> {
  readonly clients: number;
  readonly sent: number;
  readonly received: number;
  readonly ratePerS: number;
  readonly response: LatencySummary | undefined;
  readonly clock: ClockOffset | undefined;
  /** The busiest thread's share of time, from 0 to 1. */
  readonly busiestThread: number;
  /** Of all processors of the machine; absent if the run was too short. */
  readonly machineBusy: number | undefined;
  /** Whether it was lost, so that its counts are only those that it last reported. */
  readonly isLost: boolean;
}

export interface SeriesPoint {
  /** Seconds since the first measured pass began. */
  readonly second: number;
  readonly sent: number;
  readonly received: number;
}

/** What happened in a short part of a pass. Latencies are rounded up by at most 3%. */
export interface IntervalPoint {
  /** Since the first measured pass began; the time between passes is left out. */
  readonly atMs: number;
  /** How long it is. */
  readonly ms: number;
  readonly sent: number;
  readonly received: number;
  /** Absent if nothing was timed in it. */
  readonly p50Ns: number | undefined;
  readonly p99Ns: number | undefined;
  readonly maxNs: number | undefined;
}

/** A time in which the measured side sent or received nothing. */
export interface Stall {
  readonly atMs: number;
  readonly ms: number;
}

export interface PercentilePoint {
  /** From 0 to 100. */
  readonly percentile: number;
  readonly latencyNs: number;
}

/** A coarse bucket of the response times, for plots. */
export interface DistributionPoint {
  readonly upToNs: number;
  readonly count: number;
}

export interface BenchError {
  /** An error kind of natsx: `auth`, `connection`, `rejected` … */
  readonly kind: string;
  readonly message: string;
  readonly count: number;
}

/** Several scenarios run one after the other. */
export interface SuiteReport {
  readonly schema: typeof SUITE_SCHEMA;
  /** The name of each report in the table, in the same order. */
  readonly labels: readonly string[];
  readonly reports: readonly BenchReport[];
  /** Scenarios that were skipped, with the reason. */
  readonly skipped: readonly { readonly scenario: string; readonly reason: string }[];
}

/** What `bench saturate` found. */
export interface SaturationReport {
  readonly schema: typeof SATURATION_SCHEMA;
  readonly conditions: Conditions | undefined;
  /** As they were typed. */
  readonly objectives: readonly string[];
  /** In the order in which they were tried. */
  readonly steps: readonly LoadStep[];
  /** The highest rate that met the objectives; absent if none did. */
  readonly highest: LoadStep | undefined;
  /** Where the latency starts to rise. */
  readonly knee: LoadStep | undefined;
  /** `resolved`, or why the search ended early. */
  readonly ended: 'resolved' | 'out-of-time' | 'interrupted' | 'failed';
}

/** `ratePerS` as JSON calls it: `rate_per_s`. */
export function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The reverse of {@link snakeCase}. */
export function camelCase(key: string): string {
  return key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
