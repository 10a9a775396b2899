import type { ErrorKind } from '../../core/errors.js';
import type { Credentials, DialOptions } from '../../connection/model/dial.js';
import type { BenchPlan } from '../model/plan.js';
import type { Pass } from './role.js';
import type { WorkerJob } from '../model/client-job.js';

/** Everything that a worker needs to run its share of the clients; it can be sent to another thread. */
export interface WorkerSetup {
  readonly plan: BenchPlan;
  readonly version: string;
  readonly dial: Omit<DialOptions, 'credentials'>;
  /** For each server; read once for the whole run, since a function cannot be sent. */
  readonly credentials: readonly Credentials[];
  readonly epochS: number;
  readonly jobs: readonly WorkerJob[];
  readonly counters: SharedArrayBuffer;
  readonly control: SharedArrayBuffer;
  readonly latencies: SharedArrayBuffer;
  readonly jsApiPrefix: string;
  readonly stream: string | undefined;
  /** The sequences in the stream. */
  readonly stored: StoredSequences;
  /** Which of them were delivered in the pass; only under faults. */
  readonly firstCopies?: SharedArrayBuffer | undefined;
}

/** Sequences of a stream's first and last message; 0 if it is empty. */
export interface StoredSequences {
  readonly first: number;
  readonly last: number;
}

/** Something that went wrong during a run. */
export interface Trouble {
  readonly kind: ErrorKind;
  readonly message: string;
  readonly hint: string | undefined;
  /** Whether the connection is lost. */
  readonly fatal: boolean;
}

/** Runs its share of the clients, in this thread or in another one. */
export interface Worker {
  readonly connect: () => Promise<void>;
  readonly ready: (pass: Pass) => Promise<void>;
  /** @returns the share of time in which the thread was busy */
  readonly run: (pass: Pass, startNs: number) => Promise<number>;
  readonly close: () => Promise<void>;
}

/** A call of the main thread to a worker thread. */
export type WorkerCall =
  | { readonly id: number; readonly method: 'connect' }
  | { readonly id: number; readonly method: 'ready'; readonly pass: Pass }
  | { readonly id: number; readonly method: 'run'; readonly pass: Pass; readonly startNs: number }
  | { readonly id: number; readonly method: 'close' };

/** A message of a worker thread to the main thread. */
export type WorkerReport =
  | { readonly type: 'done'; readonly id: number; readonly busy: number }
  | { readonly type: 'failed'; readonly id: number; readonly failure: WorkerFailure }
  | { readonly type: 'trouble'; readonly trouble: Trouble };

/** The parts of an error that can be sent between threads. */
export interface WorkerFailure {
  readonly kind: ErrorKind;
  readonly message: string;
  readonly hint: string | undefined;
}
