import type { FaultPlan } from '../../faults/model/fault-plan.js';
import { parseFaults } from '../../faults/model/parse-faults.js';
import { usageError } from '../../core/errors.js';
import { plural } from '../../core/wording.js';
import type { Expectation } from './expectation.js';
import type { VerifyReport } from './report.js';

/** What the suite proves; `docs/faults.md` defines each promise. */
export const PROMISES = ['at most once', 'at least once', 'exactly once', 'order'] as const;
export type DeliveryPromise = (typeof PROMISES)[number];

/** How a promise is put to the test. */
export interface PromiseTest {
  readonly promise: DeliveryPromise;
  readonly expectation: Expectation;
  readonly ordered: boolean;
  /** How messages are read from a stream; undefined for core NATS. */
  readonly reads: 'acknowledged' | 'remembered' | 'ordered' | undefined;
}

export const PROMISE_TESTS: readonly PromiseTest[] = [
  { promise: 'at most once', expectation: 'at-most-once', ordered: false, reads: undefined },
  { promise: 'at least once', expectation: 'at-least-once', ordered: false, reads: 'acknowledged' },
  { promise: 'exactly once', expectation: 'exactly-once', ordered: false, reads: 'remembered' },
  { promise: 'order', expectation: 'at-least-once', ordered: true, reads: 'ordered' },
];

/** The load of each run of a suite. */
export interface SuiteLoad {
  readonly messages: number;
  readonly sizeBytes: number;
  readonly ratePerSecond: number;
  readonly faults: readonly SuiteFault[];
}

/** One column of the table. */
export interface SuiteFault {
  /** `none`, or the kind of the fault. */
  readonly name: string;
  /** Undefined for none. */
  readonly plan: FaultPlan | undefined;
}

const FEWEST_MESSAGES = 10;
const LEAST_BYTES = 24 * 1024;
const LARGEST_SIZE = 8 * 1024;
const USUAL_SIZE = 128;
/** Bytes of a message besides its body: verb, subjects, id. */
const OVERHEAD_BYTES = 100;
const SHORTEST_MS = 1_200;
const MOST_PER_SECOND = 20_000;
/** A connection is reset a few times, wherever the greeting ends. */
const LEAST_BEFORE_RESET = 8 * 1024;
const MOST_BEFORE_RESET = 1024 ** 2;

/**
 * The load and the faults that fit a number of messages: each fault happens a few times in each run.
 *
 * @throws {NatsxError} usage — too few messages
 */
export function suiteLoad(messages: number, seed: number): SuiteLoad {
  if (messages < FEWEST_MESSAGES) {
    throw usageError(
      `--msgs ${messages} is too few: a run needs ${FEWEST_MESSAGES} to show a fault`,
    );
  }
  const sizeBytes = Math.min(LARGEST_SIZE, Math.max(USUAL_SIZE, Math.ceil(LEAST_BYTES / messages)));
  const durationMs = Math.max(SHORTEST_MS, (messages * 1000) / MOST_PER_SECOND);
  const totalBytes = messages * (sizeBytes + OVERHEAD_BYTES);
  const bytesPerS = Math.ceil((totalBytes * 1000) / durationMs);
  const reset = Math.min(
    MOST_BEFORE_RESET,
    Math.max(LEAST_BEFORE_RESET, Math.floor(totalBytes / 3)),
  );
  const specs = [
    'cut 150ms every 400ms',
    'blackhole 150ms every 400ms',
    'delay 10ms±5ms',
    // Somewhat less than is sent, so that messages wait.
    `rate ${Math.ceil(bytesPerS * 0.8)}/s`,
    'slow-reader',
    `reset after ${reset}`,
  ];
  const faults = specs.map((spec): SuiteFault => {
    const parsed = parseFaults(spec);
    const plan = { spec, seed, faults: parsed, command: undefined };
    return { name: parsed[0]?.kind ?? '', plan };
  });
  return {
    messages,
    sizeBytes,
    ratePerSecond: (messages * 1000) / durationMs,
    faults: [{ name: 'none', plan: undefined }, ...faults],
  };
}

/** One promise under one fault. */
export interface SuiteCell {
  readonly promise: DeliveryPromise;
  readonly fault: string;
  /** In the syntax of `--faults`; undefined for none. */
  readonly spec: string | undefined;
  readonly kept: boolean;
  /** Why it is not kept, one sentence each. */
  readonly broken: readonly string[];
  readonly sent: number;
  readonly acknowledged: number;
  readonly delivered: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly outOfOrder: number;
  readonly inDoubt: number;
  /** How often the fault happened. */
  readonly times: number;
  /** The longest time until messages flowed again; null if they did not. */
  readonly recoveredMs: number | null;
}

export interface SuiteReportFacts {
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly seed: number;
  readonly messages: number;
  readonly server: { readonly name: string; readonly version: string };
  readonly natsx: string;
  readonly cells: readonly SuiteCell[];
  readonly interrupted: boolean;
  readonly notes: readonly string[];
}

/** A promise is kept if the run met it, sent everything, and the fault took place. */
export function suiteCell(
  { promise }: PromiseTest,
  { name, plan }: SuiteFault,
  report: VerifyReport,
): SuiteCell {
  const { outcome, verdict, injected, conditions } = report;
  const cost = injected?.costs[0];
  const broken = [...(verdict?.broken ?? ['the run did not finish'])];
  if (plan !== undefined && (cost?.times ?? 0) === 0) broken.push('the fault did not happen');
  const unsent = (conditions.messages ?? 0) - outcome.sent;
  if (unsent > 0) broken.push(`${plural(unsent, 'message')} not sent`);
  return {
    promise,
    fault: name,
    spec: plan?.spec,
    kept: broken.length === 0,
    broken,
    sent: outcome.sent,
    acknowledged: outcome.acknowledged,
    delivered: outcome.delivered,
    lost: outcome.lost,
    duplicated: outcome.duplicated,
    outOfOrder: outcome.outOfOrder,
    inDoubt: outcome.inDoubt,
    times: cost?.times ?? 0,
    recoveredMs: cost === undefined ? 0 : cost.recoveredMs,
  };
}

/** Whether all cells are there, and all promises kept. */
export function suiteKept({ cells, interrupted }: SuiteReportFacts): boolean {
  return !interrupted && cells.length > 0 && cells.every(({ kept }) => kept);
}
