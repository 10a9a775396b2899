import type { BenchPlan } from '../model/plan.js';
import type { RoleName } from '../model/scenario.js';
import type { Clock } from './clock.js';
import type { Link } from './link.js';
import type { Latencies } from './meters.js';

/** One client of a run: which part it has, and where it counts. */
export interface WorkerJob {
  readonly role: RoleName;
  /** From 0, among the clients of its role. */
  readonly index: number;
  /** How many clients have its role. */
  readonly of: number;
  /** Its block of counters. */
  readonly slot: number;
}

/** One warm-up or measured pass; the same connections serve all of them. */
export interface Pass {
  /** Counts from 1 over the whole run; in the stamps, so that late messages of a former pass are told apart. */
  readonly number: number;
  /** All messages together; Infinity when time ends the pass. */
  readonly messages: number;
  /** Infinity when messages end the pass. */
  readonly durationNs: number;
  /** The consumer of this pass. */
  readonly consumer: string | undefined;
}

/** What a client works with. */
export interface RoleContext {
  readonly job: WorkerJob;
  readonly plan: BenchPlan;
  readonly link: Link;
  readonly cells: Float64Array;
  readonly control: Float64Array;
  readonly latencies: Latencies;
  readonly clock: Clock;
  /** The stream that is read or written. */
  readonly stream: string | undefined;
  /** Whether this thread does nothing but publish, so that it may sleep without hearing the network. */
  readonly mayBlock: boolean;
}

/** A part in a scenario. It knows its link and its counters, never the terminal. */
export interface Role {
  /** Resolves when the server knows what this client wants to hear. */
  readonly ready: (pass: Pass) => Promise<void>;
  /** Runs from `startNs` until the pass' goal, or until it is told to stop. */
  readonly run: (pass: Pass, startNs: number) => Promise<void>;
}
