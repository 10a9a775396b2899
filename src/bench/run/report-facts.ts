import type { AgentFacts } from '../model/agent-facts.js';
import type { BenchPlan } from '../model/plan.js';
import type { BenchServer } from '../model/report.js';
import type { LoadInjection } from './load-agent.js';
import type { Latencies } from './meters.js';
import type { MeasuredPass } from './pass-runner.js';
import type { TroubleLog } from './trouble-log.js';

/** What a report is made of. */
export interface ReportFacts {
  readonly plan: BenchPlan;
  readonly version: string;
  /** Empty if this process ran all clients. */
  readonly agents: readonly AgentFacts[];
  /** Ids of agents that were lost. */
  readonly lostAgents: ReadonlySet<string>;
  readonly passes: readonly MeasuredPass[];
  readonly troubles: TroubleLog;
  readonly startedAt: Date;
  readonly server: BenchServer;
  readonly tls: boolean;
  readonly latencies: Latencies;
  readonly notes: readonly string[];
  readonly interrupted: boolean;
  /** What was observed of injected faults. */
  readonly injection?: LoadInjection | undefined;
}
