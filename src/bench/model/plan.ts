import type { TargetRate } from '../../core/values/pace.js';
import { SCENARIOS } from './scenario.js';
import type { PullAckPolicy, EngineName, Scenario, StorageKind } from './scenario.js';
import type { SizeSpec } from './size-mix.js';

/** When a measured pass ends. */
export type Goal =
  | { readonly kind: 'messages'; readonly messages: number }
  | { readonly kind: 'duration'; readonly durationMs: number }
  /** Everything that an existing stream holds when a pass begins. */
  | { readonly kind: 'stored' }
  /** Until nothing more comes, or until it is stopped. */
  | { readonly kind: 'open' };

/** Everything that a run does, with every default applied and every value checked. */
export interface BenchPlan {
  readonly scenario: Scenario;
  readonly engine: EngineName;
  /** The subject, or the prefix of the subjects when `subjects` > 1. */
  readonly subject: string;
  /** Whether nobody named the subject. */
  readonly ownSubject: boolean;
  /** Part of the names of everything that the run creates. */
  readonly runId: string;
  readonly publishers: number;
  readonly subscribers: number;
  readonly requesters: number;
  /** 0: an external service answers. */
  readonly responders: number;
  /** Threads that the clients are spread over. */
  readonly workers: number;
  readonly goal: Goal;
  readonly size: SizeSpec;
  /** How many subjects the messages are spread over. */
  readonly subjects: number;
  readonly headers: readonly (readonly [string, string])[];
  /** A body that all messages carry, instead of random ones. */
  readonly payload: Uint8Array | undefined;
  /** Open loop at a target rate; `undefined`: as fast as it goes. */
  readonly pace: TargetRate | undefined;
  /** Requests or acknowledgements that may be outstanding for each client; 1 is synchronous. */
  readonly window: number;
  readonly ack: PullAckPolicy;
  /** Messages for each pull request. */
  readonly batch: number;
  readonly storage: StorageKind;
  readonly replicas: number;
  /** The stream that is read or written; `undefined`: an own one that is removed afterwards. */
  readonly stream: string | undefined;
  readonly warmupMs: number;
  /** Measured passes; their scatter is the run's noise. */
  readonly repeat: number;
  readonly seed: number;
  /** A wait for messages gives up when nothing has come for so long. */
  readonly idleMs: number;
  /** How long the first message may take to come, where others send. */
  readonly firstMs: number;
  /** What a responder waits before it answers. */
  readonly replyDelayMs: number;
}

/** Whether the run publishes or asks itself, so that it knows what must arrive: a lone subscriber may be fed, too. */
export function sendsItself(plan: Pick<BenchPlan, 'scenario' | 'publishers'>): boolean {
  return SCENARIOS[plan.scenario].sending !== undefined || plan.publishers > 0;
}

/** Whether it only hears what others send. */
export function receivesOnly(plan: Pick<BenchPlan, 'scenario' | 'publishers'>): boolean {
  return (plan.scenario === 'sub' || plan.scenario === 'reply') && !sendsItself(plan);
}

/** Whether the messages were made by this run. */
export function carriesOwnBodies(plan: BenchPlan): boolean {
  const isForeign = plan.stream !== undefined && plan.scenario !== 'js-pub';
  return !receivesOnly(plan) && !isForeign;
}
