import type { BenchPlan } from './plan.js';
import { sendsItself } from './plan.js';
import { SCENARIOS } from './scenario.js';
import { minSize } from './size-mix.js';
import { STAMP_BYTES, stampKindFor } from './stamp.js';
import type { StampKind } from './stamp.js';

/** How what arrived is held against what was sent: message by message, or by their number. */
export type TruthCheck = 'sequence' | 'count';

/** The stamp that all bodies of a plan have room for. */
export function stampKindOf(plan: BenchPlan): StampKind {
  return plan.payload === undefined ? stampKindFor(minSize(plan.size)) : 'none';
}

/** `undefined` where nobody knows what should arrive, or each message is answered by itself. */
export function truthCheckOf(plan: BenchPlan): TruthCheck | undefined {
  const { scenario, stream } = plan;
  if (scenario === 'sub') return sendsItself(plan) ? 'count' : undefined;
  if (!SCENARIOS[scenario].checksSequence || stream !== undefined) return undefined;
  return stampKindOf(plan) === 'none' ? 'count' : 'sequence';
}

/** Why a plan measures no latency; `undefined` when it does. */
export function latencyGap(plan: BenchPlan): string | undefined {
  const { latency, checksSequence } = SCENARIOS[plan.scenario];
  if (latency === undefined) return `bench ${plan.scenario} measures no latency`;
  if (!checksSequence || stampKindOf(plan) === 'sequence-and-time') return undefined;
  return plan.payload === undefined
    ? `bodies of less than ${STAMP_BYTES} bytes carry no send time`
    : 'bodies from a file carry no send time';
}
