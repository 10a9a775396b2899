import type { NatsxError } from '../../core/errors.js';
import { plural } from '../../core/wording.js';
import { backlogReportToJson } from '../model/report-json.js';
import type { BacklogReport, ConsumerReport } from '../model/report.js';
import { chooseRows, reduceReport, type RowChoice } from '../model/rows.js';
import type { BacklogFinding } from '../model/rules/rule-types.js';
import { causesText, inContext } from './causes.js';
import { missingLines } from './missing-lines.js';
import { backlogHead, consumerTable, type BacklogView } from './table.js';

/** The report of one of several contexts, or why there is none. */
export type ContextBacklog =
  | { readonly context: string; readonly report: BacklogReport; readonly error: undefined }
  | { readonly context: string; readonly report: undefined; readonly error: NatsxError };

/** The consumers of several contexts in one table, with the state of each context above it. */
export function contextsText(
  backlogs: readonly ContextBacklog[],
  choice: RowChoice,
  view: Omit<BacklogView, 'rows' | 'hidden'>,
): string {
  const { style, width, height } = view;
  const read = backlogs.flatMap(({ context, report }) =>
    report === undefined ? [] : [{ context, report: withContext(report, context) }],
  );
  const contexts = new Map<ConsumerReport, string>();
  for (const { context, report } of read) {
    for (const row of report.streams.flatMap(({ consumers }) => consumers)) {
      contexts.set(row, context);
    }
  }
  const { rows, hidden } = chooseRows(
    { streams: read.flatMap(({ report }) => report.streams) },
    choice,
  );
  const contextOf = (row: ConsumerReport): string => contexts.get(row) ?? '';
  const longest = Math.max(...backlogs.map(({ context }) => context.length));
  const heads = backlogs.map(({ context, report, error }) => {
    const state =
      report === undefined ? `${style.bad(error.message)}\n` : backlogHead(report, view);
    return `${style.heading(context.padEnd(longest))}  ${state}`;
  });
  const parts = [
    heads.join(''),
    rows.length === 0 ? '' : consumerTable({ ...view, rows, hidden, contextOf }, true),
    hidden === 0 ? '' : `${style.dim(`and ${plural(hidden, 'more consumer')}`)}\n`,
  ].filter((part) => part !== '');
  const used = parts.join('\n').split('\n').length;
  const sources = read.map(({ context, report }) => ({
    context,
    report,
    rows: rows.filter((row) => contextOf(row) === context),
  }));
  const room = height === undefined ? undefined : height - used;
  const missing = read.map(({ context, report }) => missingLines(report, style, context));
  return [...parts, causesText(sources, { style, width, room }), ...missing]
    .filter((part) => part !== '')
    .join('\n');
}

/** The documents that `--json` prints, one per context. */
export function contextsJson(
  backlogs: readonly ContextBacklog[],
  choice: RowChoice,
): readonly object[] {
  return backlogs.map(({ context, report, error }) => {
    if (report === undefined) {
      const { kind, message, hint } = error;
      return { context, error: { kind, message, ...(hint === undefined ? {} : { hint }) } };
    }
    const isWhole = choice.top === undefined && !choice.onlyUnhealthy;
    const shown = isWhole ? report : reduceReport(report, chooseRows(report, choice).rows);
    return { context, ...backlogReportToJson(withContext(shown, context)) };
  });
}

/** Commands of a report must name the context that they are for. */
export function withContext(report: BacklogReport, context: string): BacklogReport {
  const named = <Judged extends { readonly findings: readonly BacklogFinding[] }>(
    judged: Judged,
  ): Judged => ({
    ...judged,
    findings: judged.findings.map((finding) => ({
      ...finding,
      remedy: finding.remedy.map((command) => inContext(command, context)),
    })),
  });
  return {
    ...report,
    account: named(report.account),
    streams: report.streams.map((one) => ({ ...named(one), consumers: one.consumers.map(named) })),
    connections: report.connections.map(named),
  };
}
