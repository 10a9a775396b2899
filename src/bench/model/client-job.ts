import type { RoleName } from './scenario.js';

/** One client of a run: its role, and where it counts. */
export interface WorkerJob {
  readonly role: RoleName;
  /** From 0, among the clients of its role. */
  readonly index: number;
  /** How many clients have its role. */
  readonly of: number;
  /** Its block of counters; also unique among all agents of a run. */
  readonly slot: number;
}
