import { formatDurationMs } from '../../core/values/duration.js';
import { formatCount, plural } from '../../core/wording.js';
import type { Style } from '../../terminal/text/style.js';
import { textTable } from '../../terminal/text/table.js';
import { PROMISES, suiteKept, type SuiteCell, type SuiteReportFacts } from '../model/suite.js';

interface ViewOptions {
  readonly style: Style;
  readonly width: number | undefined;
}

/** The table for people: a row for each fault, a column for each promise. */
export function promisesText(report: SuiteReportFacts, { style, width }: ViewOptions): string {
  const { cells, server, messages, seed, durationMs, notes } = report;
  const head = `${style.heading('verify suite')}  ${plural(messages, 'message')} in each run, seed ${seed}, nats-server ${server.version}, ${formatDurationMs(durationMs)}\n`;
  const faults = [...new Set(cells.map(({ fault }) => fault))];
  const rows = faults.map((fault) => [
    fault,
    ...PROMISES.map((promise) => cellText(find(cells, promise, fault), style)),
  ]);
  const table = textTable({ columns: ['fault', ...PROMISES], rows, style, width });
  const broken = cells.filter(({ kept }) => !kept);
  const reasons = broken.map(
    ({ promise, fault, broken: why }) => `${promise}, ${fault}: ${why.join(', ')}\n`,
  );
  return [
    `${head}\n`,
    table,
    ...(reasons.length === 0 ? [] : ['\n', ...reasons]),
    ...notes.map((note) => `${note}\n`),
    `\n${conclusion(report, style)}\n`,
  ].join('');
}

function find(cells: readonly SuiteCell[], promise: string, fault: string): SuiteCell | undefined {
  return cells.find((cell) => cell.promise === promise && cell.fault === fault);
}

/** What a promise allows is shown as well: lost messages with "at most once", copies with "at least once". */
function cellText(cell: SuiteCell | undefined, style: Style): string {
  if (cell === undefined) return style.dim('not run');
  const allowed = [
    ...(cell.lost > 0 ? [`${formatCount(cell.lost)} lost`] : []),
    ...(cell.duplicated > 0 ? [`${formatCount(cell.duplicated)} twice`] : []),
  ].join(', ');
  if (!cell.kept) return style.bad('broken');
  return allowed === '' ? style.good('kept') : `${style.good('kept')} ${style.dim(`(${allowed})`)}`;
}

function conclusion(report: SuiteReportFacts, style: Style): string {
  const { cells, interrupted } = report;
  const broken = cells.filter(({ kept }) => !kept).length;
  if (broken > 0) return `${style.bad('broken')}: ${broken} of ${plural(cells.length, 'promise')}`;
  if (interrupted) return `${style.warn('incomplete')}: the suite was interrupted`;
  return `${style.good('kept')}: all ${plural(cells.length, 'promise')}`;
}

/** The report with the keys of natsx's JSON; `docs/output.md` explains them. */
export function suiteJson(report: SuiteReportFacts): object {
  return {
    schema: 'natsx.verify-suite/1',
    started_at: new Date(report.startedAtMs).toISOString(),
    duration_ms: Math.round(report.durationMs),
    kept: suiteKept(report),
    interrupted: report.interrupted,
    seed: report.seed,
    messages: report.messages,
    cells: report.cells.map(({ outOfOrder, inDoubt, recoveredMs, ...cell }) => ({
      ...cell,
      out_of_order: outOfOrder,
      in_doubt: inDoubt,
      recovered_ms: recoveredMs,
    })),
    server: report.server,
    natsx_version: report.natsx,
    notes: report.notes,
  };
}
