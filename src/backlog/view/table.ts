import stringWidth from 'string-width';

import { formatByteSize } from '../../core/values/byte-size.js';
import type { BacklogReport, ConsumerReport, StreamReport } from '../model/report.js';
import { allSeverities } from '../model/all-severities.js';
import type { Severity } from '../../core/findings/severity.js';
import { formatDurationMs } from '../../core/values/duration.js';
import { ageCell, backlogCell, etaCell, lossCell, rateCell } from './cells.js';
import { paintFor } from '../../terminal/text/severity-paint.js';
import { trendLine } from '../../terminal/text/sparkline.js';
import type { Style } from '../../terminal/text/style.js';
import { causesText, chosenCauseText } from './causes.js';
import { DEFAULT_THRESHOLDS } from '../model/thresholds.js';
import { missingLines } from './missing-lines.js';
import { narrowColumns, type BacklogColumn } from './columns.js';
import { cutMiddle, textTable } from '../../terminal/text/table.js';
import { formatCompact, plural } from '../../core/wording.js';

export interface BacklogView {
  readonly style: Style;
  /** Columns of the terminal; undefined if nothing may be cut. */
  readonly width: number | undefined;
  /** Rows in the order in which they are shown; the rest is counted in `hidden`. */
  readonly rows: readonly ConsumerReport[];
  readonly hidden: number;
  /** Earlier backlogs by `stream/consumer`, oldest first; shown as a small curve. */
  readonly history?: ReadonlyMap<string, readonly number[]>;
  /** Streams or consumers were chosen by a pattern, so the counts are those of the matches. */
  readonly isMatch?: boolean;
  /** Marks a row, by `stream/consumer`, and explains it alone. */
  readonly selected?: string | undefined;
  /** Columns that suit the reader although nothing may be cut, such as those of the terminal behind a pager. */
  readonly suitableWidth?: number | undefined;
  /** The context of a row, if several are shown. */
  readonly contextOf?: ((row: ConsumerReport) => string) | undefined;
  /** Lines of the terminal; undefined if there is no limit. */
  readonly height?: number | undefined;
}

/** Below this many columns only what decides is shown. */
const WIDE = 110;

/** The whole account or one stream: one line per consumer, then the causes in words. */
export function backlogText(report: BacklogReport, view: BacklogView): string {
  const oneStream = report.streams.length === 1 ? report.streams[0] : undefined;
  const parts = [
    backlogHead(report, view),
    oneStream === undefined ? '' : streamLines(oneStream, view),
    view.rows.length === 0 ? '' : consumerTable(view, oneStream === undefined),
    view.hidden === 0 ? '' : `${view.style.dim(`and ${plural(view.hidden, 'more consumer')}`)}\n`,
  ].filter((part) => part !== '');
  const end = missingLines(report, view.style);
  const { rows, height, selected, style, width } = view;
  const used = [...parts, end].join('\n').split('\n').length;
  const room = height === undefined ? undefined : height - PROMPT_LINES - used;
  const chosen = rows.find((row) => rowKey(row) === selected);
  const causes =
    chosen === undefined
      ? causesText([{ report, rows }], { style, width, room })
      : chosenCauseText(report, chosen, { style, width });
  return [...parts, causes, end].filter((part) => part !== '').join('\n');
}

/** The prompt after the command, and an empty line before it. */
const PROMPT_LINES = 2;

/** How many consumers there are, and how bad it is; one line. */
export function backlogHead(
  report: BacklogReport,
  { style, isMatch = false }: Pick<BacklogView, 'style' | 'isMatch'>,
): string {
  const consumers = report.streams.flatMap((stream) => stream.consumers);
  const severities = allSeverities(report);
  const count = (wanted: Severity): number =>
    severities.filter((severity) => severity === wanted).length;
  const troubles = (['critical', 'warning', 'unknown'] as const)
    .filter((severity) => count(severity) > 0)
    .map((severity) => paintFor(severity, style)(`${String(count(severity))} ${severity}`));
  const state = troubles.length === 0 ? calmState(report, style) : troubles.join(', ');
  // A server without a name of its own is called by its key.
  const where = `${cutMiddle(report.server.name, 20)} ${report.server.version}`;
  return (
    `${plural(report.streams.length, 'stream')}, ${plural(consumers.length, 'consumer')}${isMatch ? ' match' : ''}: ${state}` +
    `${style.dim(`  ${where}, ${windowText(report)}`)}\n`
  );
}

/** Without troubles: well is only what was read. */
function calmState({ streams, missing }: BacklogReport, style: Style): string {
  const consumers = streams.flatMap((stream) => stream.consumers);
  if (consumers.some(({ facts }) => facts !== undefined)) return style.good('all well');
  if (missing.some(({ isBeside }) => isBeside !== true)) {
    return style.warn(streams.length === 0 ? 'nothing was read' : 'no consumers were read');
  }
  return streams.length === 0 ? 'no streams' : 'no consumers';
}

function streamLines(stream: StreamReport, { style, width }: BacklogView): string {
  const { sample } = stream;
  if (sample === undefined) return `${stream.headline}\n`;
  const { config } = sample;
  const limits = [
    config.maxAgeMs === undefined ? '' : `max age ${formatDurationMs(config.maxAgeMs)}`,
    config.maxMessages === undefined ? '' : `max ${formatCompact(config.maxMessages)} messages`,
    config.maxBytes === undefined ? '' : `max ${formatByteSize(config.maxBytes)}`,
  ].filter((limit) => limit !== '');
  const bounds =
    limits.length === 0 ? 'no limits' : `${limits.join(', ')}, discard ${config.discard}`;
  const holds = `${plural(sample.messages, 'message')}, ${formatByteSize(sample.bytes)}, ${rateCell(stream.ingestPerS)} msg/s in`;
  const rules = `${config.retention}, ${bounds}`;
  // A name may be as long as a line; then the rest starts on the next one.
  const oneLine = stringWidth(`${stream.name}  ${holds}  ${rules}`) <= (width ?? Infinity);
  const lines = [
    oneLine
      ? `${style.heading(stream.name)}  ${holds}  ${style.dim(rules)}`
      : `${style.heading(stream.name)}\n  ${holds}\n  ${style.dim(rules)}`,
    ...(stream.timeToLossS === undefined ? [] : [lossLine(stream.timeToLossS * 1000, style)]),
  ];
  return `${lines.join('\n')}\n`;
}

/** Red is for what cannot wait. */
function lossLine(inMs: number, style: Style): string {
  const { lossSoonMs } = DEFAULT_THRESHOLDS;
  const paint =
    inMs <= lossSoonMs ? style.bad : inMs <= LOSS_TODAY_MS ? style.warn : (text: string) => text;
  const when = inMs < 1000 ? 'now' : `in ${lossCell(inMs)}`;
  return paint(`  unread messages are discarded ${when}`);
}

const LOSS_TODAY_MS = 24 * 3_600_000;

/** Points of the curve. */
const CURVE = 8;

/** Identifies a row across reports. */
export function rowKey({ stream, name }: Pick<ConsumerReport, 'stream' | 'name'>): string {
  return `${stream}/${name}`;
}

export function consumerTable(view: BacklogView, withStream: boolean): string {
  const { style, width } = view;
  const columns = narrowColumns(columnsOf(view, withStream), view.rows, width);
  return textTable({
    columns,
    style,
    width,
    rows: view.rows.map((row) => columns.map(({ cell }) => cell(row))),
  });
}

function columnsOf(view: BacklogView, withStream: boolean): readonly BacklogColumn[] {
  const { style, width, suitableWidth, history, selected, contextOf } = view;
  const wide = (width ?? suitableWidth ?? Infinity) >= WIDE;
  const marked = (row: ConsumerReport, name: string): string =>
    selected === undefined ? name : `${rowKey(row) === selected ? '▸' : ' '}${name}`;
  const name: BacklogColumn = {
    title: 'Consumer',
    cell: (row) => (withStream ? row.name : marked(row, row.name)),
  };
  const curve = (row: ConsumerReport): string =>
    trendLine((history?.get(rowKey(row)) ?? []).slice(-CURVE)).padStart(CURVE);
  return [
    ...(contextOf === undefined ? [] : [{ title: 'Context', cell: contextOf }]),
    ...(withStream
      ? [{ title: 'Stream', cell: (row: ConsumerReport) => marked(row, row.stream) }]
      : []),
    name,
    ...(wide
      ? [
          number('Pending', ({ facts }) => compact(facts?.last.pending)),
          number('In flight', ({ facts }) => compact(facts?.last.ackPending)),
        ]
      : []),
    number('Backlog', ({ facts }) => backlogCell(facts)),
    number('Oldest', ({ facts }) => ageCell(facts)),
    { ...number('In/s', ({ facts }) => rateCell(facts?.pace?.publishPerS)), dispensable: 2 },
    number('Out/s', ({ facts }) => rateCell(facts?.pace?.settlePerS)),
    { ...number('Drain', ({ facts }) => etaCell(facts)), dispensable: 1 },
    ...(wide ? [number('Loss', ({ facts }) => lossCell(facts?.loss?.inMs))] : []),
    ...(history === undefined ? [] : [{ title: 'Curve', whole: true, cell: curve }]),
    {
      title: 'Verdict',
      whole: true,
      cell: ({ severity, verdict }) => paintFor(severity, style)(verdict),
    },
  ];
}

function number(title: string, cell: BacklogColumn['cell']): BacklogColumn {
  return { title, align: 'right', cell };
}

function compact(count: number | undefined): string {
  return count === undefined ? '–' : formatCompact(count);
}

/** An archive may have a single reading. */
function windowText({ windowMs, missing }: BacklogReport): string {
  const isSingle = missing.some(({ kind }) => kind === 'rates');
  return isSingle ? 'one reading' : `over ${formatDurationMs(windowMs)}`;
}
