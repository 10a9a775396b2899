import { SUITE_SCHEMA } from '../model/report.js';
import type { BenchReport, SuiteReport } from '../model/report.js';
import type { EngineOptions, RunBench, SuiteOutcome } from '../model/run.js';
import type { SuiteEntry } from '../model/suite.js';
import { NatsxError } from '../../core/errors.js';

export interface SuiteRun {
  readonly entries: readonly SuiteEntry[];
  /** Called before each entry. */
  readonly onEntry: (entry: SuiteEntry) => void;
}

/**
 * Measures the entries one after the other. Entries that the server does not support are skipped, with the reason.
 * A rejection or a lost connection ends the suite with the results so far; a lost message does not.
 * @throws {NatsxError} if not even the first entry could be measured
 */
export async function runSuite(
  suite: SuiteRun,
  run: RunBench,
  options: EngineOptions,
): Promise<SuiteOutcome> {
  const reports: BenchReport[] = [];
  const labels: string[] = [];
  const skipped: SuiteReport['skipped'][number][] = [];
  let failure: NatsxError | undefined;
  for (const entry of suite.entries) {
    suite.onEntry(entry);
    const outcome = await attempt(entry, run, options);
    if (outcome.report !== undefined) {
      labels.push(entry.label);
      reports.push(outcome.report);
    } else if (outcome.skipped !== undefined) {
      skipped.push({ scenario: entry.label, reason: outcome.skipped });
    }
    const isEnd = endsSuite(outcome.failure);
    failure = isEnd ? outcome.failure : (failure ?? outcome.failure);
    if (isEnd || isAborted(options)) break;
  }
  if (failure !== undefined && reports.length === 0) throw failure;
  return { report: { schema: SUITE_SCHEMA, labels, reports, skipped }, failure };
}

interface Attempt {
  readonly report?: BenchReport | undefined;
  readonly failure?: NatsxError | undefined;
  /** Why the server does not support it. */
  readonly skipped?: string | undefined;
}

async function attempt(entry: SuiteEntry, run: RunBench, options: EngineOptions): Promise<Attempt> {
  try {
    return await run(entry.plan, options);
  } catch (error) {
    if (isAborted(options)) return {};
    const skipped = skipReason(entry, error);
    if (skipped !== undefined) return { skipped };
    if (error instanceof NatsxError) return { failure: error };
    throw error;
  }
}

/** After a loss the next scenario may still work; after a rejection or a lost connection it would not. */
function endsSuite(failure: NatsxError | undefined): boolean {
  return failure !== undefined && failure.kind !== 'unhealthy' && failure.kind !== 'timeout';
}

function isAborted({ signal }: EngineOptions): boolean {
  return signal.aborted;
}

/** Without JetStream, the rest of the suite is still measured. */
function skipReason(entry: SuiteEntry, error: unknown): string | undefined {
  const offered = entry.jetStream && error instanceof NatsxError;
  return offered && ['not-found', 'rejected', 'timeout'].includes(error.kind)
    ? error.message
    : undefined;
}
