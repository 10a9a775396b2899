import type { AgentFacts, ClockOffset } from '../model/agent-facts.js';
import type { RoleName } from '../model/scenario.js';
import type { LatencyHistogram } from '../../core/statistics/latency-histogram.js';
import type { InjectionRecord } from '../../faults/model/injected.js';
import type { MachineUse } from './machine.js';
import type { Latencies } from './meters.js';
import type { ClientCount } from './outcome.js';
import type { Pass } from './role.js';
import type { WorkerJob } from '../model/client-job.js';
import type { Trouble, WorkerSetup } from './worker-setup.js';

/**
 * Runs a share of the clients of a plan: in this process, or on another machine. Its times are those of the run's clock.
 */
export interface LoadAgent {
  /** `undefined` for the only agent of a run on one machine. */
  readonly facts: AgentFacts | undefined;
  readonly jobs: readonly WorkerJob[];
  /** Whether it can no longer be reached. */
  readonly isLost: () => boolean;
  /** How long it takes to reach all clients with a call, in nanoseconds. */
  readonly noticeNs: number;
  /** Connects its clients. @throws {NatsxError} connection, auth */
  readonly connect: () => Promise<void>;
  readonly ready: (pass: Pass) => Promise<void>;
  /** Starts its clients at `startNs`; resolves when all have ended. */
  readonly run: (pass: Pass, startNs: number) => Promise<void>;
  /** The latest counts of the pass, by role. */
  readonly sums: () => readonly RoleSums[];
  /** Adds the counts of the response times so far, as `addCoarseCounts` does; absent where they come at the end. */
  readonly addResponses?: (into: Float64Array) => void;
  /** Lets the senders end; the others go on. */
  readonly finish: () => void;
  /** Ends the pass. */
  readonly stop: () => void;
  /** What the pass measured, after it has ended. */
  readonly results: () => Promise<AgentResults>;
  /** Ends injecting faults after the last pass; undefined if none were injected. */
  readonly concludeFaults?: () => Promise<LoadInjection | undefined>;
  readonly close: () => Promise<void>;
}

/** What was observed of injected faults. */
export interface LoadInjection {
  readonly record: InjectionRecord;
  /** Of messages that were under way during each fault. */
  readonly affected: readonly LatencyHistogram[];
}

/** What agents need to run the clients of a plan. */
export interface LoadRequest {
  readonly setup: Omit<WorkerSetup, 'jobs' | 'latencies' | 'counters' | 'control'>;
  /** All clients of the run. */
  readonly jobs: readonly WorkerJob[];
  readonly onTrouble: (trouble: Trouble) => void;
  /** Called if an agent cannot go on: the run ends. */
  readonly onFailure: (error: unknown) => void;
  /** Called if an agent was called after the time at which its clients should have started. */
  readonly onLate: (agent: AgentFacts, lateNs: number) => void;
  /** Run all clients in this thread. */
  readonly inThread: boolean;
  readonly workerScript: URL | undefined;
}

/** Spreads the clients of a run over agents; each is closed by its caller. */
export type OpenAgents = (request: LoadRequest) => Promise<readonly LoadAgent[]>;

/** Counts of all clients of an agent that have one role. */
export interface RoleSums {
  readonly role: RoleName;
  readonly clients: number;
  readonly sent: number;
  readonly received: number;
  readonly errors: number;
  /** Clients that have sent everything of the pass. */
  readonly done: number;
  /** When the first message arrived; 0 before. */
  readonly firstNs: number;
}

/** What one agent measured in one pass. */
export interface AgentResults {
  readonly counts: readonly ClientCount[];
  readonly latencies: Latencies;
  /** The busiest thread's share of time. */
  readonly busiest: number;
  readonly machine: MachineUse;
  /** Absent in the coordinator's own process. */
  readonly clock: ClockOffset | undefined;
  /** Whether the agent was lost, and these are only the counts that it last reported. */
  readonly isPartial: boolean;
}
