import type { JetStreamScope } from '../../connection/model/api-scope.js';
import type { Expectation } from '../model/expectation.js';
import type { RunConsumer } from './prepare-stream.js';

/** What may be done to a stream. */
export interface StreamUse {
  /** Write into it also when it holds messages of others, or consumers read it. */
  readonly useExisting: boolean;
  /** Remove the messages of the run at its end. */
  readonly cleanUp: boolean;
}

/** What is sent, and how. */
export interface SendPlan extends StreamUse {
  readonly runId: string;
  /** Undefined: one of the run's own. */
  readonly subject: string | undefined;
  /** Where messages arrive, if a server or stream maps them to another subject than that where they are published. */
  readonly receiveSubject: string | undefined;
  /** The stream that keeps the messages; undefined for core NATS. */
  readonly stream: string | undefined;
  readonly publishers: number;
  /** Of all publishers together; undefined when only the time limits them. */
  readonly messages: number | undefined;
  readonly durationMs: number | undefined;
  /** Of all publishers together; undefined for as quickly as it goes. */
  readonly ratePerSecond: number | undefined;
  readonly sizeBytes: number;
  /** Messages of one publisher that may wait for their acknowledgement. */
  readonly window: number;
  readonly messageIds: boolean;
  /** How long an answer may take. */
  readonly timeoutMs: number;
  readonly jetStream: JetStreamScope;
  /** Path of the file to write. */
  readonly ledger: string | undefined;
}

/** How what arrives is judged. */
export interface JudgePlan {
  /** Undefined: what the configuration promises. */
  readonly expectation: Expectation | undefined;
  readonly ordered: boolean;
  /** How long to wait for stragglers after the last arrival, in milliseconds. */
  readonly settleMs: number;
}

/** Who reads. */
export interface ReadPlan {
  readonly subscribers: number;
  readonly queues: readonly string[];
  /** With a stream. */
  readonly consumer: RunConsumer;
}

/** A run with both ends. */
export interface VerifyPlan extends SendPlan, JudgePlan, ReadPlan {}

/** The receiving half. */
export interface ReceivePlan extends JudgePlan {
  /** Undefined only with a ledger, which tells it. */
  readonly runId: string | undefined;
  readonly subject: string | undefined;
  readonly stream: string | undefined;
  readonly queues: readonly string[];
  readonly subscribers: number;
  /** Path of the sender's ledger. */
  readonly ledger: string | undefined;
  /** How long to wait for a sign of the sender, in milliseconds. */
  readonly idleMs: number;
  readonly timeoutMs: number;
  readonly jetStream: JetStreamScope;
}

/** Counters while a run goes on. */
export interface VerifyProgress {
  /** Undefined at the end that does not send. */
  readonly sent: number | undefined;
  readonly acknowledged: number;
  /** Undefined at the end that does not receive. */
  readonly arrivals: number | undefined;
}

/** Whom a run tells how it goes. */
export interface VerifyHooks {
  /** Everything stands; what was asked for begins. */
  readonly ready: (run: { readonly runId: string; readonly subject: string }) => void;
  readonly watch: (progress: () => VerifyProgress) => void;
}
