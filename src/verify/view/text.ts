import { injectedText } from '../../faults/view/injected-text.js';
import type { LatencySummary } from '../../core/statistics/latency-summary.js';
import { formatDuration, formatDurationMs } from '../../core/values/duration.js';
import { localTimeOfDay } from '../../core/values/local-time.js';
import { provesNothing } from '../model/expectation.js';
import type { Fault, FaultKind } from '../model/fault-log.js';
import type { Gap } from '../model/judge.js';
import type { VerifyConditions, VerifyReport } from '../model/report.js';
import type { Style } from '../../terminal/text/style.js';
import { textTable } from '../../terminal/text/table.js';
import { formatCount, formatRate, plural } from '../../core/wording.js';

interface ViewOptions {
  readonly style: Style;
  readonly width: number | undefined;
}

/** Rows shown in the text; the JSON has all. */
const MOST_ROWS = 20;

/** The report for people, ending with a line feed. */
export function verifyText(report: VerifyReport, options: ViewOptions): string {
  const parts = [
    headText(report, options.style),
    report.role === 'send' ? sentText(report, options) : countsText(report, options),
    gapsText(report, options),
    corruptionsText(report, options),
    receiversText(report, options),
    latencyText(report, options),
    report.injected === undefined
      ? ''
      : injectedText(report.injected, report.outcome.lost, options),
    faultsText(report, options),
    notesText(report),
    verdictText(report, options.style),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function headText(report: VerifyReport, style: Style): string {
  const { runId, conditions, durationMs, sendingMs, outcome } = report;
  const rate =
    sendingMs === undefined || sendingMs === 0
      ? ''
      : `, ${formatRate((outcome.sent * 1000) / sendingMs)}`;
  return [
    `${style.heading('run')} ${runId} on ${style.subject(conditions.subject)}${rate}, ${formatDurationMs(durationMs)}`,
    ...conditionLines(conditions).map((line) => style.dim(line)),
    '',
  ].join('\n');
}

function conditionLines(conditions: VerifyConditions): readonly string[] {
  const { stream, consumer, queues, publishers, subscribers, sizeBytes, server } = conditions;
  const lines: string[] = [];
  const ends = [
    publishers === undefined ? '' : plural(publishers, 'publisher'),
    subscribers === undefined ? '' : plural(subscribers, 'subscriber'),
    queues.length === 0 ? '' : `in queue group ${queues.join(', ')}`,
    sizeBytes === undefined ? '' : `${sizeBytes} B each`,
    `nats-server ${server.version}`,
  ];
  lines.push(ends.filter((part) => part !== '').join(', '));
  if (stream !== undefined) {
    lines.push(
      `stream ${stream.name}: ${stream.storage}, R${stream.replicas}, ${stream.retention}`,
    );
  }
  if (consumer !== undefined) {
    const origin = consumer.own ? 'created for the run' : 'existing';
    lines.push(`consumer ${consumer.name}: ack ${consumer.ackPolicy}, ${origin}`);
  }
  return lines;
}

function countsText({ outcome, foreign }: VerifyReport, { style }: ViewOptions): string {
  const bad = (count: number): string =>
    count === 0 ? formatCount(count) : style.bad(formatCount(count));
  const optional = (name: string, count: number): readonly (readonly string[])[] =>
    count === 0 ? [] : [[name, formatCount(count)]];
  const rows = [
    ['sent', formatCount(outcome.sent)],
    ...optional('acknowledged', outcome.acknowledged),
    ['delivered', formatCount(outcome.delivered)],
    ['lost', bad(outcome.lost)],
    ['duplicated', bad(outcome.duplicated)],
    ['out of order', bad(outcome.outOfOrder)],
    ['corrupted', bad(outcome.corrupted)],
    ...optional('not stored', outcome.notStored),
    ...optional('in doubt', outcome.inDoubt),
    ...optional('refused', outcome.refused),
    ...optional('sent again', outcome.resent),
    ...optional('foreign', foreign),
  ];
  const columns = ['fate', { title: 'messages', align: 'right' as const }];
  return textTable({ columns, rows, style });
}

function sentText({ outcome, ledger }: VerifyReport, { style }: ViewOptions): string {
  const rows = [
    ['sent', formatCount(outcome.sent)],
    ...(outcome.acknowledged === 0 ? [] : [['acknowledged', formatCount(outcome.acknowledged)]]),
    ...(outcome.notStored === 0 ? [] : [['not stored', formatCount(outcome.notStored)]]),
    ...(outcome.refused === 0 ? [] : [['refused', formatCount(outcome.refused)]]),
    ...(outcome.resent === 0 ? [] : [['sent again', formatCount(outcome.resent)]]),
    ...(ledger === undefined ? [] : [['ledger', ledger]]),
  ];
  return textTable({ columns: ['fate', 'messages'], rows, style });
}

function gapsText({ outcome, role }: VerifyReport, { style, width }: ViewOptions): string {
  const { gaps, gapsOmitted } = outcome;
  if (role === 'send' || gaps.length === 0) return '';
  const shown = gaps.slice(0, MOST_ROWS);
  const rows = shown.map(gapRow);
  const more = gaps.length + gapsOmitted - shown.length;
  const rest = more === 0 ? '' : style.dim(`and ${plural(more, 'more gap')}: see --json\n`);
  const columns = [
    'lost from',
    { title: 'number', align: 'right' as const },
    { title: 'to', align: 'right' as const },
    { title: 'messages', align: 'right' as const },
    'sent at',
    'until',
  ];
  return textTable({ columns, rows, style, width }) + rest;
}

function gapRow({ publisher, from, to, firstAtMs, lastAtMs }: Gap): readonly string[] {
  const numbers = [from, to, to - from + 1].map(formatCount);
  return [`publisher ${publisher}`, ...numbers, clock(firstAtMs), clock(lastAtMs)];
}

function corruptionsText({ outcome }: VerifyReport, { style, width }: ViewOptions): string {
  const { corruptions, corrupted } = outcome;
  if (corruptions.length === 0) return '';
  const shown = corruptions.slice(0, MOST_ROWS);
  const rows = shown.map(({ publisher, number, atMs }) =>
    publisher === 0
      ? ['unreadable', '', clock(atMs)]
      : [`publisher ${publisher}`, formatCount(number), clock(atMs)],
  );
  const more = corrupted - shown.length;
  const rest = more === 0 ? '' : style.dim(`and ${formatCount(more)} more\n`);
  const columns = ['corrupted from', { title: 'number', align: 'right' as const }, 'arrived at'];
  return textTable({ columns, rows, style, width }) + rest;
}

function receiversText({ outcome }: VerifyReport, { style, width }: ViewOptions): string {
  const { receivers } = outcome;
  if (receivers.length < 2) return '';
  const rows = receivers.map((receiver) => [
    receiver.name,
    ...[
      receiver.delivered,
      receiver.lost,
      receiver.duplicated,
      receiver.outOfOrder,
      receiver.corrupted,
    ].map(formatCount),
  ]);
  const numbers = ['delivered', 'lost', 'duplicated', 'out of order', 'corrupted'];
  const columns = ['receiver', ...numbers.map((title) => ({ title, align: 'right' as const }))];
  return textTable({ columns, rows, style, width });
}

function latencyText({ latency }: VerifyReport, { style }: ViewOptions): string {
  const row = (name: string, summary: LatencySummary | undefined): readonly string[][] =>
    summary === undefined
      ? []
      : [
          [
            name,
            ...[summary.p50Ns, summary.p90Ns, summary.p99Ns, summary.p999Ns, summary.maxNs].map(
              formatDuration,
            ),
          ],
        ];
  const rows = [
    ...row('acknowledged', latency.acknowledged),
    ...row('delivered', latency.delivered),
  ];
  if (rows.length === 0) return '';
  const columns = ['sent until', 'p50', 'p90', 'p99', 'p99.9', 'max'];
  return textTable({ columns, rows, style });
}

export const FAULT_WORDS: Readonly<Record<FaultKind, string>> = {
  disconnected: 'connection lost',
  reconnected: 'connected again',
  'lame-duck': 'server shuts down',
  'server-error': 'server error',
  'leader-changed': 'leader changed',
  'no-responders': 'no responders',
  'not-acknowledged': 'no acknowledgement',
  refused: 'publish refused',
  'acks-stalled': 'acknowledgements stalled',
  'pull-ended': 'pull request ended',
};

function faultsText({ faults }: VerifyReport, { style, width }: ViewOptions): string {
  if (faults.length === 0) return '';
  const shown = faults.slice(0, MOST_ROWS);
  const rows = shown.map((fault) => [
    clock(fault.firstAtMs),
    FAULT_WORDS[fault.kind],
    fault.where,
    times(fault),
    fault.detail,
  ]);
  const more = faults.length - shown.length;
  const rest = more === 0 ? '' : style.dim(`and ${plural(more, 'more fault')}: see --json\n`);
  return textTable({ columns: ['at', 'fault', 'where', '', ''], rows, style, width }) + rest;
}

function times({ count }: Fault): string {
  return count === 1 ? '' : `${formatCount(count)} times`;
}

function notesText({ notes }: VerifyReport): string {
  return notes.length === 0 ? '' : `${notes.join('\n')}\n`;
}

function verdictText({ role, verdict, interrupted, outcome }: VerifyReport, style: Style): string {
  const cut = interrupted ? ' (interrupted)' : '';
  if (verdict === undefined) {
    return role === 'send' ? '' : `${style.warn('no verdict')}: the run did not finish\n`;
  }
  const { expectation, because, ordered, kept, broken } = verdict;
  const asked = `${expectation}${ordered ? ', in order' : ''}`;
  return kept
    ? `${style.good('kept')}: ${asked} (${because})${cut}\n`
    : `${style.bad(provesNothing(outcome, verdict) ? 'not proven' : 'broken')}: ${asked} (${because}): ${broken.join(', ')}${cut}\n`;
}

/** A time of day; empty if it is not known. */
export function clock(epochMs: number | undefined): string {
  return epochMs === undefined ? '' : localTimeOfDay(epochMs);
}

interface Counters {
  readonly sent: number | undefined;
  readonly acknowledged: number;
  readonly arrivals: number | undefined;
}

/** One line during a run. `goal`: messages to send, if known. */
export function verifyProgress(
  { sent, acknowledged, arrivals }: Counters,
  elapsedMs: number,
  goal: number | undefined,
): string {
  const of = goal === undefined ? '' : ` of ${formatCount(goal)}`;
  const count = sent ?? arrivals ?? 0;
  return [
    ...(sent === undefined ? [] : [`${formatCount(sent)}${of} sent`]),
    ...(acknowledged === 0 ? [] : [`${formatCount(acknowledged)} acknowledged`]),
    ...(arrivals === undefined ? [] : [`${formatCount(arrivals)} arrived`]),
    formatRate((count * 1000) / Math.max(1, elapsedMs)),
  ].join(', ');
}
