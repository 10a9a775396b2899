import type { BatchMode } from '../../streams/model/batch-needs.js';
import type { JetStreamScope } from '../../connection/model/api-scope.js';
import type { Expectation } from '../model/expectation.js';
import type { FaultPlan } from '../../faults/model/fault-plan.js';
import type { RunConsumer } from './prepare-stream.js';

/** What a run may do to a stream. */
export interface StreamUse {
  /** Write into it even if it holds other messages or has consumers. */
  readonly useExisting: boolean;
  /** Remove the messages of the run at its end. */
  readonly cleanUp: boolean;
}

/** What to send, and how. */
export interface SendPlan extends StreamUse {
  readonly runId: string;
  /** Undefined: a unique one. */
  readonly subject: string | undefined;
  /** Subject on which messages arrive, if a server or stream maps it. */
  readonly receiveSubject: string | undefined;
  /** The stream that stores the messages; undefined for core NATS. */
  readonly stream: string | undefined;
  readonly publishers: number;
  /** Over all publishers; undefined if only the time limits them. */
  readonly messages: number | undefined;
  readonly durationMs: number | undefined;
  /** Over all publishers; undefined for as fast as possible. */
  readonly ratePerSecond: number | undefined;
  readonly sizeBytes: number;
  /** Maximum number of unacknowledged messages per publisher. */
  readonly window: number;
  readonly messageIds: boolean;
  /** How messages are written to a stream in batches; undefined: each for itself. */
  readonly mode?: BatchMode | undefined;
  /** How long an answer may take. */
  readonly timeoutMs: number;
  readonly jetStream: JetStreamScope;
  /** Path of the file to write. */
  readonly ledger: string | undefined;
}

/** How the result is judged. */
export interface JudgePlan {
  /** Undefined: the guarantee of the configuration. */
  readonly expectation: Expectation | undefined;
  readonly ordered: boolean;
  /** How long to wait for late messages after the last arrival, in milliseconds. */
  readonly settleMs: number;
}

/** How messages are read. */
export interface ReadPlan {
  readonly subscribers: number;
  readonly queues: readonly string[];
  /** With a stream. */
  readonly consumer: RunConsumer;
}

/** A run with both ends. */
export interface VerifyPlan extends SendPlan, JudgePlan, ReadPlan {
  /** What is injected between the clients and the servers. */
  readonly faults?: FaultPlan | undefined;
}

/** The receiving half. */
export interface ReceivePlan extends JudgePlan {
  /** Undefined only with a ledger, which contains it. */
  readonly runId: string | undefined;
  readonly subject: string | undefined;
  readonly stream: string | undefined;
  readonly queues: readonly string[];
  readonly subscribers: number;
  /** Path of the sender's ledger. */
  readonly ledger: string | undefined;
  /** How long to wait for the first message of the sender, in milliseconds. */
  readonly idleMs: number;
  readonly timeoutMs: number;
  readonly jetStream: JetStreamScope;
}

/** Counters during a run. */
export interface VerifyProgress {
  /** Undefined for the receiving half. */
  readonly sent: number | undefined;
  readonly acknowledged: number;
  /** Undefined for the sending half. */
  readonly arrivals: number | undefined;
}

/** Gets the progress of a run. */
export interface VerifyHooks {
  /** Everything is ready, and the run begins. */
  readonly ready: (run: { readonly runId: string; readonly subject: string }) => void;
  readonly watch: (progress: () => VerifyProgress) => void;
}
