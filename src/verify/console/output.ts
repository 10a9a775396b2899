import { NatsxError } from '../../core/errors.js';
import type { ConnectionPolicy } from '../../connection/model/connection-policy.js';
import { longestOutageMs, type FaultPlan } from '../../faults/model/fault-plan.js';
import { provesNothing } from '../model/expectation.js';
import type { VerifyReport } from '../model/report.js';
import { suiteKept, type SuiteReportFacts } from '../model/suite.js';
import { verifyJson } from '../view/json.js';
import { suiteJson, promisesText } from '../view/suite.js';
import { verifyProgress, verifyText } from '../view/text.js';
import type { PageOrigin } from '../../page/document.js';
import { writePage } from '../../terminal/page-file.js';
import type { Terminal } from '../../terminal/terminal.js';
import type { Notices } from '../../terminal/notices.js';
import { slowProgress } from '../../terminal/slow-progress.js';
import { shellWord } from '../../core/printable.js';

interface Counters {
  readonly sent: number | undefined;
  readonly acknowledged: number;
  readonly arrivals: number | undefined;
}

const GIVE_UP_AFTER_MS = 60_000;

/** verify is for tests with faults: it waits longer for a lost server than other commands, but not forever. */
export function patient(policy: ConnectionPolicy, faults?: FaultPlan): ConnectionPolicy {
  const outageMs = faults === undefined ? 0 : longestOutageMs(faults);
  return { ...policy, giveUpAfterMs: policy.giveUpAfterMs ?? GIVE_UP_AFTER_MS + outageMs };
}

/** Shows the progress of a run on stderr. `goal`: messages to send, if known. */
export function watchVerify(notices: Notices, goal: number | undefined) {
  let endProgress = (): void => undefined;
  return {
    ready: ({ runId, subject }: { readonly runId: string; readonly subject: string }): void => {
      notices.notice(`run ${runId} on ${subject}`);
    },
    watch: (counters: () => Counters): void => {
      const startedMs = performance.now();
      endProgress = slowProgress(notices, () =>
        verifyProgress(counters(), performance.now() - startedMs, goal),
      );
    },
    end: (): void => endProgress(),
  };
}

/** Prints a report in the requested format. */
export function showVerify({ out, style, json }: Terminal, report: VerifyReport): void {
  if (json) out.json(verifyJson(report));
  else out.text(verifyText(report, { style, width: out.width }));
}

/** Shows on stderr how many runs of a suite are done. */
export function watchSuite(notices: Notices) {
  let [done, all] = [0, 0];
  const text = (): string => (all === 0 ? 'verify suite' : `verify suite: ${done} of ${all} runs`);
  if (!notices.isTerminal) notices.notice('verify suite …');
  const end = slowProgress(notices, text);
  return {
    progress: (count: number, of: number): void => {
      [done, all] = [count, of];
    },
    end,
  };
}

/** Prints the table of a suite in the requested format. */
export function showSuite({ out, style, json }: Terminal, report: SuiteReportFacts): void {
  if (json) out.json(suiteJson(report));
  else out.text(promisesText(report, { style, width: out.width }));
}

/** Why a suite is not a success. */
export function suiteFailure(report: SuiteReportFacts): NatsxError | undefined {
  if (suiteKept(report)) return undefined;
  const broken = report.cells.filter(({ kept }) => !kept);
  const [first] = broken;
  const example = first === undefined ? '' : `, such as ${first.promise} with ${first.fault}`;
  return new NatsxError(
    'unhealthy',
    `${broken.length} of ${report.cells.length} promises were not kept${example}`,
    { details: { broken: broken.length, cells: report.cells.length } },
  );
}

/** Writes the report as a page, if a file was given. */
export async function saveVerifyPage(
  file: string | undefined,
  report: VerifyReport,
  origin: PageOrigin,
): Promise<void> {
  if (file === undefined) return;
  const { verifyPage } = await import('../view/report-page.js');
  await writePage(file, verifyPage(report, origin));
}

/** The error for the exit code: first why the run proves nothing, then what it proved. */
export function verifyFailure(result: {
  readonly report: VerifyReport;
  readonly failure: NatsxError | undefined;
}): NatsxError | undefined {
  const { failure, report } = result;
  if (failure !== undefined) return failure;
  const { verdict, outcome, runId } = report;
  if (verdict === undefined || verdict.kept) return undefined;
  const { expectation, broken } = verdict;
  const { sent, refused, lost, duplicated, outOfOrder, corrupted } = outcome;
  const details = {
    run_id: runId,
    ...(refused > 0 && { refused }),
    lost,
    duplicated,
    out_of_order: outOfOrder,
    corrupted,
  };
  const { stream } = report.conditions;
  // A message that the stream refused was never promised, so no promise is broken.
  if (refused > 0 && stream !== undefined && lost + duplicated + corrupted === 0) {
    const reason = report.faults.find(({ kind }) => kind === 'refused')?.detail;
    const why = reason === undefined ? '' : `: ${reason}`;
    return new NatsxError(
      'rejected',
      `the stream "${stream.name}" refused ${refused} of ${sent} messages${why}`,
      { hint: `natsx stream info ${shellWord(stream.name)} shows its limits`, details },
    );
  }
  const judged = provesNothing(outcome, verdict) ? 'is not proven' : 'was broken';
  return new NatsxError('unhealthy', `${expectation} ${judged}: ${broken.join(', ')}`, { details });
}
