import type { BenchPlan } from '../model/plan.js';
import type { WorkerJob } from '../model/client-job.js';
import type { TargetRate } from '../../core/values/pace.js';
import type { Clock } from './clock.js';
import type { Link } from './link.js';
import type { Latencies } from './meters.js';
import type { FaultClock } from './fault-clock.js';

/** One warm-up or measured pass; the same connections serve all of them. */
export interface Pass {
  /** From 1, over the whole run; part of the stamps, so that late messages of an earlier pass are recognized. */
  readonly number: number;
  /** Over all clients; Infinity if a time ends the pass. */
  readonly messages: number;
  /** Infinity if a number of messages ends the pass. */
  readonly durationNs: number;
  /** The consumer of this pass. */
  readonly consumer: string | undefined;
  /** Open loop at a target rate; `undefined`: as fast as possible. */
  readonly pace: TargetRate | undefined;
  /** What an agent adds to its clock to read the time of the run, in nanoseconds. */
  readonly shiftNs: number;
}

/** What a role works with. */
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
  /** Whether this thread only publishes, so that it may sleep without reading its sockets. */
  readonly mayBlock: boolean;
  /** Present if faults are injected. */
  readonly faultClock?: FaultClock | undefined;
}

/** What one client does. It knows its link and its counters, not the terminal. */
export interface Role {
  /** Resolves when the server has processed this client's subscriptions. */
  readonly ready: (pass: Pass) => Promise<void>;
  /** Runs from `startNs` until the goal of the pass is reached, or until it is stopped. */
  readonly run: (pass: Pass, startNs: number) => Promise<void>;
}
