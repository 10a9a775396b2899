import type { BatchMode } from '../../streams/model/batch-needs.js';
import type { LatencySummary } from '../../core/statistics/latency-summary.js';
import type { InjectedReport } from '../../faults/model/injected.js';
import type { PromiseVerdict } from './expectation.js';
import type { Fault } from './fault-log.js';
import type { DeliveryOutcome } from './judge.js';

/** The part of a run that a report covers. */
export type VerifyRole = 'whole' | 'send' | 'receive';

/** The setup of a run. */
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
  /** If messages were sent in batches. */
  readonly mode: BatchMode | undefined;
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
  /** Whether it was created for the run, and removed afterwards. */
  readonly own: boolean;
}

export interface VerifyLatency {
  /** From sending to the stream's acknowledgement. */
  readonly acknowledged: LatencySummary | undefined;
  /** From sending to the arrival of the first copy; between two hosts, includes the difference of their clocks. */
  readonly delivered: LatencySummary | undefined;
}

export interface VerifyReport {
  readonly role: VerifyRole;
  readonly runId: string;
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number;
  readonly durationMs: number;
  /** Time from the first to the last message sent; undefined if nothing was sent here. */
  readonly sendingMs: number | undefined;
  readonly conditions: VerifyConditions;
  readonly outcome: DeliveryOutcome;
  /** Messages of other clients on the same subject. */
  readonly foreign: number;
  readonly latency: VerifyLatency;
  /** What was observed. */
  readonly faults: readonly Fault[];
  /** What was injected. */
  readonly injected?: InjectedReport | undefined;
  /** Undefined for a sender, which cannot judge alone, and for a run that did not finish. */
  readonly verdict: PromiseVerdict | undefined;
  readonly ledger: string | undefined;
  readonly interrupted: boolean;
  /** Notes for the reader of the numbers. */
  readonly notes: readonly string[];
}
