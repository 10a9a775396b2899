import type { InjectedFault } from './fault-plan.js';

/** What was injected into a run, and what it cost; its JSON has the same keys in snake_case. */
export interface InjectedReport {
  readonly seed: number;
  /** As it was typed. */
  readonly spec: string;
  /** Faults that last from 0 on, and those that come and go; it follows from spec, seed and length of the load. */
  readonly schedule: readonly { readonly kind: InjectedFault['kind']; readonly atMs: number }[];
  /** One for each fault of the spec, in its order, and one for the command. */
  readonly costs: readonly FaultCost[];
  /** Runs of the operator's command. */
  readonly commands: readonly CommandRun[];
}

export type CostKind = InjectedFault['kind'] | 'command';

/** What one fault cost, over all its occurrences. */
export interface FaultCost {
  readonly kind: CostKind;
  /** How often it happened; for `reset`, connections that were reset. */
  readonly times: number;
  /** Messages that were lost because of it. */
  readonly lost: number;
  /** The longest time from the end of an occurrence until messages flowed again; null if they did not. */
  readonly recoveredMs: number | null;
  /** Of messages that were under way while it lasted; null if there were none. */
  readonly p99Ns: number | null;
  /** Each occurrence that had an end; at most 1,000. */
  readonly occurrences: readonly Occurrence[];
}

export interface Occurrence {
  /** When it began, since the load began. */
  readonly atMs: number;
  readonly lost: number;
  readonly recoveredMs: number | null;
}

/** A run of the operator's command. */
export interface CommandRun {
  /** Since the load began. */
  readonly atMs: number;
  /** Null if a signal ended it. */
  readonly exit: number | null;
  /** The beginning of what it wrote, without secrets. */
  readonly output: string;
}

/** An occurrence of a fault that interrupts, as it was observed. Times are since the load began. */
export interface Incident {
  /** Place of the fault in the plan; that of the command follows the last one. */
  readonly index: number;
  readonly beganMs: number;
  readonly endedMs: number;
  /** When messages flowed again; undefined if they did not. */
  readonly recoveredMs: number | undefined;
  /** Connections that it ended one by one. */
  readonly connections: number;
  /** Messages that were sent and had not arrived when it began. */
  readonly missing: number;
}

/** What was observed while faults were injected. */
export interface InjectionRecord {
  readonly incidents: readonly Incident[];
  readonly commands: readonly CommandRun[];
  /** Connections that were reset because their bytes were used up. */
  readonly resets: number;
  /** No fault began later than this after the load. */
  readonly untilMs: number;
}
