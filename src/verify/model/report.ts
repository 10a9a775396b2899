import type { LatencySummary } from '../../core/statistics/latency-summary.js';
import type { PromiseVerdict } from './expectation.js';
import type { Fault } from './fault-log.js';
import type { DeliveryOutcome } from './judge.js';

/** Which part of a run a report is about. */
export type VerifyRole = 'whole' | 'send' | 'receive';

/** Under which circumstances the numbers came about. */
export interface VerifyConditions {
  readonly subject: string;
  readonly stream: StreamConditions | undefined;
  readonly consumer: ConsumerConditions | undefined;
  readonly queues: readonly string[];
  readonly publishers: number | undefined;
  readonly subscribers: number | undefined;
  readonly messages: number | undefined;
  readonly durationMs: number | undefined;
  readonly ratePerSecond: number | undefined;
  readonly sizeBytes: number | undefined;
  readonly window: number | undefined;
  readonly messageIds: boolean | undefined;
  readonly settleMs: number | undefined;
  readonly server: { readonly name: string; readonly version: string };
  readonly natsx: string;
}

export interface StreamConditions {
  readonly name: string;
  readonly storage: string;
  readonly replicas: number;
  readonly retention: string;
  readonly discard: string;
}

export interface ConsumerConditions {
  readonly name: string;
  readonly ackPolicy: string;
  readonly ackWaitMs: number;
  readonly maxDeliver: number;
  /** Made for the run and removed afterwards. */
  readonly own: boolean;
}

export interface VerifyLatency {
  /** From sending to the acknowledgement of the stream. */
  readonly acknowledged: LatencySummary | undefined;
  /** From sending to the arrival of the first copy; over two hosts, with the difference of their clocks. */
  readonly delivered: LatencySummary | undefined;
}

export interface VerifyReport {
  readonly role: VerifyRole;
  readonly runId: string;
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number;
  readonly durationMs: number;
  /** The time from the first to the last message that was sent; undefined where nothing was sent here. */
  readonly sendingMs: number | undefined;
  readonly conditions: VerifyConditions;
  readonly outcome: DeliveryOutcome;
  /** Messages of others on the same subject. */
  readonly foreign: number;
  readonly latency: VerifyLatency;
  readonly faults: readonly Fault[];
  /** Undefined for a sender, which cannot judge alone, and for a run that something kept from being a proof. */
  readonly verdict: PromiseVerdict | undefined;
  readonly ledger: string | undefined;
  readonly interrupted: boolean;
  /** What a reader of the numbers has to know. */
  readonly notes: readonly string[];
}
