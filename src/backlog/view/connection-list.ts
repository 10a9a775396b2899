import { formatByteSize } from '../../core/values/byte-size.js';
import { formatDurationMs } from '../../core/values/duration.js';
import { localTimeOfDay } from '../../core/values/local-time.js';
import { printableText, quoted } from '../../core/printable.js';
import { formatCompact, formatRate, plural } from '../../core/wording.js';
import type { Style } from '../../terminal/text/style.js';
import { textTable, type TableColumn } from '../../terminal/text/table.js';
import {
  connectionTotals,
  type ConnectionList,
  type ConnectionRow,
} from '../model/connection-list.js';

export interface ConnectionListView {
  readonly style: Style;
  readonly width: number | undefined;
  /** Most rows to show. */
  readonly top: number;
}

const right = (title: string): TableColumn => ({ title, align: 'right' });

interface Column {
  readonly column: TableColumn;
  readonly cell: (row: ConnectionRow) => string;
}

/** A line with the totals, then a table; `rows`: those that are wanted, in their order. */
export function connectionListText(
  list: ConnectionList,
  rows: readonly ConnectionRow[],
  { style, width, top }: ConnectionListView,
): string {
  const shown = rows.slice(0, top);
  const columns = columnsFor(rows);
  const table = textTable({
    columns: columns.map(({ column }) => column),
    rows: shown.map((row) => columns.map(({ cell }) => cell(row))),
    style,
    width,
  });
  const hidden = rows.length - shown.length;
  const foot = [
    hidden > 0
      ? `and ${plural(hidden, 'more connection')}: --top ${String(rows.length)} shows all`
      : '',
    list.unread > 0
      ? `${plural(list.unread, 'connection')} of these servers could not be read`
      : '',
    ...list.missing.map(({ what, reason }) => `not read: ${what}: ${reason}`),
  ].filter((line) => line !== '');
  const lines = foot.map((line) => `${style.warn(line)}\n`).join('');
  const head = `${countLine(list, rows)}\n`;
  if (rows.length === 0) return `${head}${lines}`;
  return `${head}${style.dim(rateLine(list, rows))}\n\n${table}${lines}`;
}

/** One line for a log: the time and the totals. */
export function connectionLine(list: ConnectionList, rows: readonly ConnectionRow[]): string {
  return `${localTimeOfDay(list.atMs).slice(0, 8)} ${countLine(list, rows)}: ${rateLine(list, rows)}`;
}

function countLine({ scope }: ConnectionList, rows: readonly ConnectionRow[]): string {
  const { connections, servers } = connectionTotals(rows);
  const where =
    scope.type === 'servers'
      ? 'all accounts'
      : scope.account === undefined
        ? 'this account'
        : `the account ${quoted(scope.account)}`;
  const on = servers > 1 ? ` on ${plural(servers, 'server')}` : '';
  return `${plural(connections, 'connection')} of ${where}${on}`;
}

function rateLine({ windowMs }: ConnectionList, rows: readonly ConnectionRow[]): string {
  const { inPerS, outPerS, pendingBytes } = connectionTotals(rows);
  const pending = pendingBytes > 0 ? `, ${formatByteSize(pendingBytes)} pending` : '';
  return `${formatRate(inPerS)} in, ${formatRate(outPerS)} out over ${formatDurationMs(windowMs)}${pending}`;
}

function columnsFor(rows: readonly ConnectionRow[]): readonly Column[] {
  const several = (value: (row: ConnectionRow) => string | undefined): boolean =>
    new Set(rows.map(value)).size > 1;
  const column = (title: string, cell: Column['cell']): Column => ({ column: { title }, cell });
  const number = (title: string, cell: Column['cell']): Column => ({ column: right(title), cell });
  return [
    column('Name', ({ name }) => printableText(name)),
    column('Address', ({ address }) => address),
    ...(several(({ server }) => server)
      ? [column('Server', ({ server }) => printableText(server))]
      : []),
    ...(several(({ account }) => account)
      ? [column('Account', ({ account = '' }) => printableText(account))]
      : []),
    ...(several(({ user }) => user)
      ? [column('User', ({ user = '' }) => printableText(user))]
      : []),
    number('Subs', ({ subscriptionCount }) => formatCompact(subscriptionCount)),
    number('In/s', ({ rates }) => rateText(rates?.inPerS)),
    number('Out/s', ({ rates }) => rateText(rates?.outPerS)),
    number('Pending', ({ pendingBytes }) =>
      pendingBytes === 0 ? '0' : formatByteSize(pendingBytes),
    ),
    number('Idle', ({ idleMs }) => durationText(idleMs)),
    number('RTT', ({ rttMs }) => durationText(rttMs)),
  ];
}

function rateText(perS: number | undefined): string {
  return perS === undefined ? '–' : formatCompact(perS);
}

function durationText(ms: number | undefined): string {
  return ms === undefined ? '–' : formatDurationMs(ms);
}
