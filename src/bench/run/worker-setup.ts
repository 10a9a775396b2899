import type { ErrorKind } from '../../core/errors.js';
import type { Credentials, DialOptions } from '../../connection/model/dial.js';
import type { BenchPlan } from '../model/plan.js';
import type { WorkerJob, Pass } from './role.js';

/** Everything that a thread needs to run its share of the clients; it can be sent to another thread. */
export interface WorkerSetup {
  readonly plan: BenchPlan;
  readonly version: string;
  readonly dial: Omit<DialOptions, 'credentials'>;
  /** For each of the servers; read once for the whole run, since a function cannot be sent. */
  readonly credentials: readonly Credentials[];
  readonly epochS: number;
  readonly jobs: readonly WorkerJob[];
  readonly counters: SharedArrayBuffer;
  readonly control: SharedArrayBuffer;
  readonly latencies: SharedArrayBuffer;
  readonly jsApiPrefix: string;
  readonly stream: string | undefined;
  /** What is in the stream, for `js-get`. */
  readonly stored: StoredSequences;
}

/** Sequences of a stream's first and last message; 0 when it is empty. */
export interface StoredSequences {
  readonly first: number;
  readonly last: number;
}

/** Something that went wrong while the lanes run. */
export interface Trouble {
  readonly kind: ErrorKind;
  readonly message: string;
  readonly hint: string | undefined;
  /** Whether the connection is gone. */
  readonly fatal: boolean;
}

/** Runs the lanes of one thread, in this thread or in a worker. */
export interface Worker {
  readonly connect: () => Promise<void>;
  readonly ready: (pass: Pass) => Promise<void>;
  /** @returns the share of time in which the thread did something */
  readonly run: (pass: Pass, startNs: number) => Promise<number>;
  readonly close: () => Promise<void>;
}
