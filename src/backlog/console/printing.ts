import type { BacklogReport } from '../model/report.js';
import type { BacklogRequest } from '../model/request.js';
import { reportJsonParts } from '../model/report-json.js';
import { chooseRows, reduceReport, type RowChoice } from '../model/rows.js';
import { coreText } from '../view/core.js';
import { contextsJson, contextsText, withContext, type ContextBacklog } from '../view/contexts.js';
import { consumerDetail } from '../view/detail.js';
import { backlogText } from '../view/table.js';
import type { PageOrigin } from '../../page/document.js';
import { writePage } from '../../terminal/page-file.js';
import type { Terminal } from '../../terminal/terminal.js';

const MOST_ROWS = 100;

/** Prints a report in the view that fits the request: account, stream, consumer, or connections. */
export async function printBacklog(
  terminal: Terminal,
  report: BacklogReport,
  request: BacklogRequest,
  choice: RowChoice,
): Promise<void> {
  if (terminal.json) {
    const { rows } = chooseRows(report, choice);
    const whole = choice.top === undefined && !choice.onlyUnhealthy;
    for (const part of reportJsonParts(whole ? report : reduceReport(report, rows))) {
      terminal.out.text(part);
      if (terminal.out.isFull) await terminal.out.ready();
    }
  } else terminal.out.text(backlogView(terminal, report, request, choice));
}

/** Beyond this much JSON, a page has only the worst consumers. */
const MOST_JSON = 220_000;

/** Writes the report as a page, if a file was given. */
export async function saveBacklogPage(
  file: string | undefined,
  report: BacklogReport,
  choice: RowChoice,
  origin: PageOrigin,
): Promise<void> {
  if (file === undefined) return;
  const { backlogDocument } = await import('../view/report-page.js');
  const whole = choice.top === undefined && !choice.onlyUnhealthy;
  const chosen = whole ? report : reduceReport(report, chooseRows(report, choice).rows);
  const { rows } = chooseRows(chosen, { ...choice, order: 'severity' });
  let length = 0;
  for (const part of reportJsonParts(chosen)) length += part.length;
  const most = Math.floor((rows.length * MOST_JSON) / Math.max(length, MOST_JSON));
  const kept = rows.length <= most ? chosen : reduceReport(chosen, rows.slice(0, most));
  await writePage(file, backlogDocument(kept, origin, chosen));
}

/** The reports of several contexts: one table, or a section for each if details or connections are wanted. */
export function printContexts(
  terminal: Terminal,
  backlogs: readonly ContextBacklog[],
  request: BacklogRequest,
  choice: RowChoice,
): void {
  const { out, style, notices, json } = terminal;
  if (json) {
    for (const document of contextsJson(backlogs, choice)) out.json(document);
    return;
  }
  if (request.coreOnly || request.consumer !== undefined) {
    const sections = backlogs.map(({ context, report, error }) => {
      const text =
        report === undefined
          ? `${style.bad(error.message)}\n`
          : backlogView(terminal, withContext(report, context), request, choice);
      return `${style.heading(`context ${context}`)}\n\n${text}`;
    });
    out.text(sections.join('\n'));
    return;
  }
  const top = choice.top ?? (out.isTerminal ? MOST_ROWS : undefined);
  out.text(
    contextsText(
      backlogs,
      { ...choice, top },
      {
        style,
        width: out.reportWidth,
        suitableWidth: notices.isTerminal ? notices.width : undefined,
        height: out.height,
        isMatch: request.streams !== undefined || request.consumers !== undefined,
      },
    ),
  );
}

/** The report as text. */
function backlogView(
  { style, out, notices }: Terminal,
  report: BacklogReport,
  request: BacklogRequest,
  choice: RowChoice,
): string {
  const view = { style, width: out.reportWidth };
  if (request.coreOnly || (!report.server.jetstream && request.stream === undefined)) {
    return coreText(report, view);
  }
  const consumer = report.streams[0]?.consumers[0];
  if (request.consumer !== undefined && consumer !== undefined) {
    return consumerDetail(consumer, report, view);
  }
  // Thousands of lines are useless on a terminal; the rest is counted below the table.
  const top = choice.top ?? (out.isTerminal ? MOST_ROWS : undefined);
  const isMatch = request.streams !== undefined || request.consumers !== undefined;
  return backlogText(report, {
    ...view,
    isMatch,
    suitableWidth: notices.isTerminal ? notices.width : undefined,
    height: out.height,
    ...chooseRows(report, { ...choice, top }),
  });
}
