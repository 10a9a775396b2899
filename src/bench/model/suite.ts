import { makePlan } from './make-plan.js';
import type { BenchRequest } from './request.js';
import type { BenchPlan } from './plan.js';
import type { EngineName } from './scenario.js';

/** One line of the default suite. */
export interface SuiteEntry {
  readonly label: string;
  readonly jetStream: boolean;
  readonly plan: BenchPlan;
}

export interface SuiteRequest {
  readonly runId: string;
  readonly cores: number;
  readonly engine: EngineName | undefined;
  /** How long each scenario is measured. */
  readonly durationMs: number;
  readonly size: BenchRequest['size'];
  readonly repeat?: number | undefined;
}

const WARMUP_MS = 200;
const CONSUMED_MESSAGES = 100_000;

/** What bare `natsx bench` measures: each way to use NATS once, all within half a minute. */
export function defaultSuite(request: SuiteRequest): readonly SuiteEntry[] {
  const { durationMs, ...rest } = request;
  const timed = { durationMs };
  const entries: readonly (readonly [
    string,
    Pick<BenchRequest, 'scenario'> & Partial<BenchRequest>,
  ])[] = [
    ['publish', { scenario: 'pub', ...timed }],
    ['subscribe', { scenario: 'sub', pubs: 1, ...timed }],
    ['publish → subscribe', { scenario: 'pubsub', ...timed }],
    ['fan-out to 4', { scenario: 'pubsub', subs: 4, ...timed }],
    ['queue group of 3', { scenario: 'queue', subs: 3, ...timed }],
    ['request → reply', { scenario: 'request', ...timed }],
    ['stream publish, one at a time', { scenario: 'js-pub', window: 1, ...timed }],
    ['stream publish, 500 in flight', { scenario: 'js-pub', ...timed }],
    ['stream consume, explicit acks', { scenario: 'js-consume', messages: CONSUMED_MESSAGES }],
  ];
  return entries.map(([label, entry], index) => ({
    label,
    jetStream: entry.scenario.startsWith('js-'),
    plan: makePlan({ ...rest, runId: `${request.runId}_${index}`, warmupMs: WARMUP_MS, ...entry }),
  }));
}
