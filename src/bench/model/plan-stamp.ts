import type { BenchPlan } from './plan.js';
import { readsExistingStream, receivesOnly } from './plan.js';
import { SCENARIOS } from './scenario.js';
import type { ScenarioFacts } from './scenario.js';
import { minSize } from './size-mix.js';
import { STAMP_BYTES, stampKindFor } from './stamp.js';
import type { StampKind } from './stamp.js';

/** How arrivals are compared with what was sent: message by message, or by their number. */
export type TruthCheck = NonNullable<ScenarioFacts['checks']>;

/** The stamp that all bodies of a plan have room for. */
export function stampKindOf(plan: BenchPlan): StampKind {
  return plan.payload === undefined ? stampKindFor(minSize(plan.size)) : 'none';
}

/** The stamp that the messages of a run carry: only where their sequence is checked. */
export function checkedStampOf(plan: BenchPlan): StampKind {
  return SCENARIOS[plan.scenario].checks === 'sequence' ? stampKindOf(plan) : 'none';
}

/** `undefined` if it is unknown what should arrive, and if each message is answered. */
export function truthCheckOf(plan: BenchPlan): TruthCheck | undefined {
  const { checks } = SCENARIOS[plan.scenario];
  if (checks === undefined || receivesOnly(plan) || readsExistingStream(plan)) return undefined;
  return checkedStampOf(plan) === 'none' ? 'count' : 'sequence';
}

/** Why a plan measures no latency; `undefined` when it does. */
export function latencyGap(plan: BenchPlan): string | undefined {
  const { latency, checks } = SCENARIOS[plan.scenario];
  if (latency === undefined) return `bench ${plan.scenario} measures no latency`;
  if (checks !== 'sequence' || stampKindOf(plan) === 'sequence-and-time') return undefined;
  return plan.payload === undefined
    ? `bodies of less than ${STAMP_BYTES} bytes carry no send time`
    : 'bodies from a file carry no send time';
}
