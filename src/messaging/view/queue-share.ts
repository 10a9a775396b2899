import { formatByteSize } from '../../core/values/byte-size.js';
import { printableText } from '../../core/printable.js';
import type { ReadingOutcome } from '../../core/message/reading.js';
import type { TallyRow } from '../../core/message/tally.js';
import { bar } from '../../terminal/text/bar.js';
import type { Style } from '../../terminal/text/style.js';
import { textTable } from '../../terminal/text/table.js';
import { formatCompact, formatCount, formatPercent, plural } from '../../core/wording.js';

const BAR_WIDTH = 20;

export interface QueueShareLook {
  readonly style: Style;
  readonly width: number | undefined;
}

/** The share of each member of a queue group in this process. */
export function queueShareText(rows: readonly TallyRow[], look: QueueShareLook): string {
  const messages = totalMessages(rows);
  const greatest = Math.max(1, ...rows.map((row) => row.messages));
  return textTable({
    columns: [
      'Member',
      { title: 'Messages', align: 'right' },
      { title: 'Share', align: 'right' },
      { title: '', whole: true },
      { title: 'Msg/s', align: 'right' },
      { title: 'Bytes', align: 'right' },
    ],
    rows: rows.map((row) => [
      printableText(row.name),
      formatCount(row.messages),
      formatPercent(shareOf(row, messages)),
      look.style.subject(bar(row.messages / greatest, { width: BAR_WIDTH })),
      formatCompact(row.messagesPerSecond),
      formatByteSize(row.bytes),
    ]),
    style: look.style,
    width: look.width,
  });
}

/** The shares in a few words, for a line that changes in place: `worker-1 34%  worker-2 66%`. */
export function queueShareLine(rows: readonly TallyRow[]): string {
  const messages = totalMessages(rows);
  const shares = rows.map((row) => `${row.name} ${formatPercent(shareOf(row, messages))}`);
  return `${plural(messages, 'message')}: ${shares.join('  ')}`;
}

/** The same as one document. */
export function queueShareJson(
  queue: string,
  rows: readonly TallyRow[],
  outcome: ReadingOutcome,
): object {
  const messages = totalMessages(rows);
  return {
    queue,
    members: rows.map((row) => ({
      member: row.name,
      messages: row.messages,
      bytes: row.bytes,
      share: Math.round(shareOf(row, messages) * 1e6) / 1e6,
      messages_per_s: Math.round(row.messagesPerSecond * 1000) / 1000,
    })),
    messages,
    dropped: outcome.dropped,
    skipped: outcome.skipped,
    elapsed_ms: Math.round(outcome.elapsedMs),
  };
}

function totalMessages(rows: readonly TallyRow[]): number {
  return rows.reduce((sum, row) => sum + row.messages, 0);
}

function shareOf(row: TallyRow, messages: number): number {
  return messages === 0 ? 0 : row.messages / messages;
}
