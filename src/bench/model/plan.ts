import type { TargetRate } from '../../core/values/pace.js';
import type { BatchMode } from '../../streams/model/batch-needs.js';
import { alwaysSends, SCENARIOS } from './scenario.js';
import type {
  ClientGroup,
  EngineName,
  PublishMode,
  PullAckPolicy,
  Scenario,
  StorageKind,
} from './scenario.js';
import type { SizeSpec } from './size-mix.js';
import { longestOutageMs, type FaultPlan } from '../../faults/model/fault-plan.js';

/** When a measured pass ends. */
export type Goal =
  | { readonly kind: 'messages'; readonly messages: number }
  | { readonly kind: 'duration'; readonly durationMs: number }
  /** All messages that an existing stream holds when a pass begins. */
  | { readonly kind: 'stored' }
  /** Until nothing more arrives, or until the run is stopped. */
  | { readonly kind: 'open' };

/** How many clients there are in each group; 0 responders: a service outside of the run answers. */
export type ClientCounts = Readonly<Record<ClientGroup, number>>;

/** Everything that a run does, with every default applied and every value checked. */
export interface BenchPlan extends ClientCounts {
  readonly scenario: Scenario;
  readonly engine: EngineName;
  /** The subject, or the prefix of the subjects when `subjects` > 1. */
  readonly subject: string;
  /** Whether natsx chose the subject. */
  readonly ownSubject: boolean;
  /** Part of the names of everything that the run creates. */
  readonly runId: string;
  /** Threads that the clients are spread over. */
  readonly workers: number;
  /** Threads of each agent, if that was asked for; `undefined`: one for each of its processors. */
  readonly workersPerHost: number | undefined;
  readonly goal: Goal;
  readonly size: SizeSpec;
  /** How many subjects the messages are spread over. */
  readonly subjects: number;
  readonly headers: readonly (readonly [string, string])[];
  /** A body that all messages carry, instead of random ones. */
  readonly payload: Uint8Array | undefined;
  /** Open loop at a target rate; `undefined`: as fast as possible. */
  readonly pace: TargetRate | undefined;
  /** Requests or acknowledgements that may be outstanding for each client; 1 is synchronous. */
  readonly window: number;
  readonly ack: PullAckPolicy;
  /** How a stream is written to; undefined in other scenarios. */
  readonly mode: PublishMode | undefined;
  /** Messages for each pull request, each atomic batch, or each acknowledgement of a fast one. */
  readonly batch: number;
  readonly storage: StorageKind;
  readonly replicas: number;
  /** The existing stream that is read or written; `undefined`: a temporary one. */
  readonly stream: string | undefined;
  readonly warmupMs: number;
  /** Measured passes; how much they differ is the run's noise. */
  readonly repeat: number;
  readonly seed: number;
  /** The run gives up after this long without a message. */
  readonly idleMs: number;
  /** How long to wait for the first message of other clients. */
  readonly firstMs: number;
  /** What a responder waits before it answers. */
  readonly replyDelayMs: number;
  /** What is injected between the clients and the servers. */
  readonly faults?: FaultPlan | undefined;
}

/** Whether the run sends its load itself, so that it knows what has to arrive. */
export function sendsItself({ scenario, publishers }: PlannedLoad): boolean {
  return alwaysSends(SCENARIOS[scenario]) || publishers > 0;
}

type PlannedLoad = Pick<BenchPlan, 'scenario' | 'publishers'>;

/** Whether it only receives what other clients send. */
export function receivesOnly(plan: PlannedLoad): boolean {
  return SCENARIOS[plan.scenario].awaitsOthers === true && !sendsItself(plan);
}

/** Whether it reads a stream that it did not fill itself. */
export function readsExistingStream({
  scenario,
  stream,
}: {
  readonly scenario: Scenario;
  readonly stream?: string | undefined;
}): boolean {
  const use = SCENARIOS[scenario].stream;
  return stream !== undefined && (use === 'consume' || use === 'get');
}

/** Whether the run made the bodies of its messages. */
export function carriesOwnBodies(plan: BenchPlan): boolean {
  return !receivesOnly(plan) && !readsExistingStream(plan);
}

/** How many copies of a message are delivered and counted. */
export function copiesOf({
  scenario,
  subscribers,
}: Pick<BenchPlan, 'scenario' | 'subscribers'>): number {
  return SCENARIOS[scenario].delivery === 'all' ? subscribers : 1;
}

/** Whether it measures responders: how many requests they get is up to other clients. */
export function measuresResponders({ scenario }: Pick<BenchPlan, 'scenario'>): boolean {
  return SCENARIOS[scenario].measured === 'responder';
}

/** Whether its subscribers are a queue group: each message goes to one of them. */
export function sharesMessages(plan: PlannedLoad): boolean {
  return SCENARIOS[plan.scenario].delivery === 'one' && sendsItself(plan);
}

/** How messages are written to a stream in batches; undefined if they are not. */
export function batchModeOf({ mode }: Pick<BenchPlan, 'mode'>): BatchMode | undefined {
  return mode === 'atomic' || mode === 'fast' ? mode : undefined;
}

/** Whether a pass, by its number, is the warm-up, in which no fault is injected. */
export function isWarmupPass({ warmupMs }: Pick<BenchPlan, 'warmupMs'>, pass: number): boolean {
  return warmupMs > 0 && pass === 1;
}

/** How long the measured passes take if nothing delays them, in milliseconds; Infinity if that is unknown. */
export function plannedMs({ goal, pace, repeat }: BenchPlan): number {
  if (goal.kind === 'duration') return repeat * goal.durationMs;
  if (goal.kind !== 'messages' || pace === undefined) return Infinity;
  return (repeat * goal.messages * 1000) / pace.ratePerS;
}

/** How much later than usual an answer may be because of injected faults, in milliseconds. */
export function faultDelayMs({ faults }: Pick<BenchPlan, 'faults'>): number {
  if (faults === undefined) return 0;
  const delays = faults.faults.map((fault) =>
    fault.kind === 'delay' ? 2 * (fault.delayMs + fault.jitterMs) : 0,
  );
  return longestOutageMs(faults) + Math.max(0, ...delays);
}
