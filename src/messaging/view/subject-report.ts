import { formatByteSize } from '../../core/values/byte-size.js';
import { printableText } from '../../core/printable.js';
import type { ReadingOutcome } from '../../core/message/reading.js';
import type { TallyRow, TallyTotals } from '../../core/message/tally.js';
import { byMessages } from '../../core/message/tally.js';
import type { Style } from '../../terminal/text/style.js';
import { textTable } from '../../terminal/text/table.js';
import { formatCompact, formatCount, plural } from '../../core/wording.js';

export interface SubjectReport {
  readonly rows: readonly TallyRow[];
  readonly totals: TallyTotals;
}

export interface SubjectReportLook {
  readonly style: Style;
  readonly width: number | undefined;
  /** How many subjects are shown; the others are summed up in one line. */
  readonly top: number;
}

/** Subjects with their messages, rate and bytes, the busiest first. */
export function subjectReportText(report: SubjectReport, look: SubjectReportLook): string {
  const rows = byMessages(report.rows);
  const shown = rows.slice(0, look.top);
  const table = textTable({
    columns: [
      'Subject',
      { title: 'Messages', align: 'right' },
      { title: 'Msg/s', align: 'right' },
      { title: 'Bytes', align: 'right' },
    ],
    rows: shown.map((row) => [
      look.style.subject(printableText(row.name)),
      formatCount(row.messages),
      formatCompact(row.messagesPerSecond),
      formatByteSize(row.bytes),
    ]),
    style: look.style,
    width: look.width,
  });
  return `${table}${look.style.dim(totalsLine(report, shown.length))}\n`;
}

/** The same as one document, every subject in it. */
export function subjectReportJson(report: SubjectReport, outcome: ReadingOutcome): object {
  return {
    subjects: byMessages(report.rows).map((row) => ({
      subject: row.name,
      messages: row.messages,
      bytes: row.bytes,
      messages_per_s: rounded(row.messagesPerSecond),
    })),
    ...(report.totals.otherMessages > 0
      ? { messages_of_other_subjects: report.totals.otherMessages }
      : {}),
    messages: report.totals.messages,
    bytes: report.totals.bytes,
    dropped: outcome.dropped,
    skipped: outcome.skipped,
    elapsed_ms: Math.round(outcome.elapsedMs),
  };
}

function totalsLine({ rows, totals }: SubjectReport, shown: number): string {
  const subjects = plural(rows.length, 'subject');
  const hidden = rows.length > shown ? `, the busiest ${formatCount(shown)} are shown` : '';
  const others =
    totals.otherMessages > 0
      ? `, ${plural(totals.otherMessages, 'message')} on further subjects`
      : '';
  const sum = `${plural(totals.messages, 'message')}, ${formatByteSize(totals.bytes)}`;
  return `${sum} on ${subjects}${hidden}${others}`;
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
