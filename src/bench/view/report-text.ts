import type { BenchReport, Conditions, PassResult } from '../model/report.js';
import { OF_OTHERS } from '../model/report.js';
import { labelText } from '../model/agent-choice.js';
import { countsSent, SCENARIOS } from '../model/scenario.js';
import { printableText } from '../../core/printable.js';
import { injectedText } from '../../faults/view/injected-text.js';
import { spreadOf } from '../../core/statistics/spread.js';
import { mean } from '../../core/statistics/statistics.js';
import { formatByteSize } from '../../core/values/byte-size.js';
import { wrap } from '../../terminal/text/findings-text.js';
import { distributionPlot, latencyTable } from './latency-text.js';
import { sparkline } from '../../terminal/text/sparkline.js';
import type { Style } from '../../terminal/text/style.js';
import { textTable } from '../../terminal/text/table.js';
import {
  formatCount,
  formatPercent,
  formatRate,
  formatThroughput,
  plural,
} from '../../core/wording.js';
import { formatDuration } from '../../core/values/duration.js';

export interface BenchTextOptions {
  readonly style: Style;
  /** Columns of the terminal; `undefined` if nothing may be cut. */
  readonly width: number | undefined;
}

/** The report as text: what was measured, the result, what limited it. */
export function benchReportText(report: BenchReport, options: BenchTextOptions): string {
  const { style, width } = options;
  const sections = [
    headline(report, options),
    resultLines(report, options),
    latencySection(report, options),
    agentSection(report, options),
    clientSection(report, style),
    seriesLine(report, width),
    report.injected === undefined
      ? ''
      : injectedText(report.injected, report.totals.lost + report.totals.errors, options),
    problemLines(report, options),
    labelled('verdict', report.verdict.sentence, options),
  ];
  return sections.filter((section) => section !== '').join('\n');
}

/** A text behind a heading, broken between words on a narrow terminal. */
export function labelled(label: string, text: string, { style, width }: BenchTextOptions): string {
  return `${style.heading(label)}  ${fitted(text, width, label.length + 2)}\n`;
}

/**
 * Breaks a text between words, where a terminal would break within them.
 * @param label columns of the text before it in its first line
 */
export function fitted(text: string, width: number | undefined, label = 0): string {
  return width === undefined ? text : wrap(text, width - label, '');
}

/** The runtime of a run: `Node v24.1.0`. */
export function runtimeText({ nodeVersion }: Conditions): string {
  return nodeVersion.startsWith('v') ? `Node ${nodeVersion}` : nodeVersion;
}

function headline(report: BenchReport, { style, width }: BenchTextOptions): string {
  const { conditions } = report;
  const { server } = conditions;
  const facts = SCENARIOS[conditions.scenario];
  const where = `server ${server.version}${server.local ? ', this machine' : ''}, round trip ${formatDuration(server.roundTripNs)}`;
  return [
    labelled(`bench ${conditions.scenario}`, facts.summary, { style, width }).trimEnd(),
    style.dim(fitted(conditionLine(conditions), width)),
    style.dim(
      fitted(
        `${where}; natsx ${conditions.natsxVersion}, ${runtimeText(conditions)}, ${conditions.cores} cores`,
        width,
      ),
    ),
    '',
  ].join('\n');
}

/** The conditions that a reader needs to understand the numbers, in a line. */
export function conditionLine(conditions: Conditions): string {
  const clients = (
    [
      ['publisher', conditions.publishers],
      ['subscriber', conditions.subscribers],
      ['requester', conditions.requesters],
      ['responder', conditions.responders],
    ] as const
  )
    .filter(([, count]) => count > 0)
    .map(([name, count]) => plural(count, name));
  const pace =
    conditions.targetRatePerS === undefined
      ? conditions.schedule
      : `open loop at ${formatRate(conditions.targetRatePerS)} (${conditions.schedule})`;
  const parts = [
    `${conditions.engine} engine`,
    ...(conditions.agents === undefined ? [] : [plural(conditions.agents, 'agent')]),
    ...clients,
    ...(conditions.size === OF_OTHERS
      ? [
          conditions.stream === undefined
            ? 'messages of other clients'
            : `stream ${conditions.stream}`,
        ]
      : [`size ${sizeText(conditions.size)}`]),
    ...(pace === OF_OTHERS ? [] : [pace]),
    ...modeText(conditions),
    ...(conditions.window > 1 ? [`window ${conditions.window}`] : []),
    ...(conditions.ack === undefined ? [] : [`ack ${conditions.ack}`]),
    ...(conditions.storage === undefined
      ? []
      : [`${conditions.storage} storage, ${plural(conditions.replicas ?? 1, 'replica')}`]),
    ...(conditions.tls ? ['TLS'] : []),
  ];
  return parts.join(' · ');
}

function modeText({ mode, batch }: Conditions): readonly string[] {
  if (mode === 'atomic') return [`atomic batches of ${batch ?? 0}`];
  return mode === 'fast' ? [`fast batch, an acknowledgement for ${batch ?? 0}`] : [];
}

function sizeText(size: string): string {
  return /^\d+$/.test(size) ? formatByteSize(Number(size)) : size;
}

function resultLines(report: BenchReport, { style, width }: BenchTextOptions): string {
  const { totals, repeats } = report;
  const rate = `${formatRate(totals.ratePerS)}  ${formatThroughput(totals.bytesPerS)}`;
  const spread = spreadOf(repeats.map((repeat) => repeat.ratePerS));
  const scatter =
    spread === undefined || spread.count < 2
      ? ''
      : style.dim(
          `  (${spread.count} passes: ${formatRate(spread.min)} to ${formatRate(spread.max)}, ± ${formatPercent(spread.stddev / spread.mean)})`,
        );
  const lines = [
    `${style.heading('rate')}     ${style.good(rate)}${scatter}`,
    `messages ${fitted(messageCounts(report), width, 'messages '.length)}`,
  ];
  return `${lines.join('\n')}\n`;
}

function messageCounts({ totals, conditions, checks }: BenchReport): string {
  const parts = [];
  if (totals.sent > 0) parts.push(`${formatCount(totals.sent)} sent`);
  if (!countsSent(conditions.scenario)) parts.push(`${formatCount(totals.received)} received`);
  parts.push(...truthCounts(totals, checks));
  return `${parts.join(', ')} in ${formatDuration(totals.elapsedNs)}`;
}

/** What was lost, duplicated or out of order; one sentence if nothing was. */
export function truthCounts(totals: PassResult, checks: BenchReport['checks']): readonly string[] {
  const named = [
    [totals.lost, 'lost'],
    [totals.duplicates, 'duplicated'],
    [totals.outOfOrder, 'out of order'],
    [totals.errors, 'failed'],
  ] as const;
  const found = named
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${formatCount(count)} ${word}`);
  if (found.length > 0 || checks === undefined || totals.expected === 0) return found;
  return [checks === 'sequence' ? 'none lost, duplicated or out of order' : 'none lost'];
}

function latencySection(report: BenchReport, { style, width }: BenchTextOptions): string {
  const { response, service, distribution, conditions } = report;
  if (response === undefined) return '';
  const what = SCENARIOS[conditions.scenario].latency ?? 'latency';
  const open = conditions.targetRatePerS !== undefined;
  const loop = open
    ? ', from the intended send time'
    : ' (closed loop: the load waits for the system)';
  const { clockBoundNs } = report;
  const doubt =
    clockBoundNs === undefined
      ? ''
      : `; ± ${formatDuration(clockBoundNs)}, as the clocks of the agents are compared`;
  const title = labelled('latency', what + loop + doubt, { style, width });
  const rows: (readonly [string, typeof response])[] = [
    [service === undefined ? '' : 'response', response],
  ];
  if (service !== undefined) rows.push(['service', service]);
  return `${title}${latencyTable(rows, style, width)}\n${distributionPlot(distribution, false)}`;
}

const MOST_CLIENTS = 20;

/** A row for each machine: what it carried, and how busy it was. */
function agentSection({ agents = [], conditions }: BenchReport, options: BenchTextOptions): string {
  if (agents.length === 0) return '';
  const { style, width } = options;
  const right = 'right' as const;
  const isTimed = agents.some(({ response }) => response !== undefined);
  const columns = [
    'agent',
    'host',
    'labels',
    { title: 'messages', align: right },
    { title: 'rate', align: right },
    ...(isTimed ? [{ title: 'p99', align: right }] : []),
    { title: 'thread', align: right },
    { title: 'machine', align: right },
  ];
  const rows = agents.map((agent) => [
    agent.isLost ? style.bad(`${shortId(agent.id)} lost`) : shortId(agent.id),
    printableText(agent.host),
    printableText(labelText(agent.labels)),
    formatCount(countsSent(conditions.scenario) ? agent.sent : agent.received || agent.sent),
    agent.ratePerS > 0 ? formatRate(agent.ratePerS) : '–',
    ...(isTimed ? [agent.response === undefined ? '–' : formatDuration(agent.response.p99Ns)] : []),
    formatPercent(agent.busiestThread),
    agent.machineBusy === undefined ? '–' : formatPercent(agent.machineBusy),
  ]);
  return textTable({ style, columns, rows, width });
}

/** The end of an id, which differs most. */
function shortId(id: string): string {
  return id.slice(-6);
}

function clientSection({ clients, agents }: BenchReport, style: Style): string {
  if (agents !== undefined) return '';
  const roles = new Set(clients.map((client) => client.role));
  if (clients.length <= roles.size) return '';
  const rows = clients
    .slice(0, MOST_CLIENTS)
    .map((client) => [
      `${client.role} ${client.index + 1}`,
      formatCount(client.messages),
      formatRate(client.ratePerS),
    ]);
  const rest = clients.length - rows.length;
  const more = rest > 0 ? style.dim(`and ${rest} more clients (--json has all)\n`) : '';
  const columns = [
    'client',
    { title: 'messages', align: 'right' as const },
    { title: 'rate', align: 'right' as const },
  ];
  return `${textTable({ style, columns, rows })}${more}`;
}

/** Columns for the curve of the rate on a terminal. */
const CURVE_WIDTH = 40;

function seriesLine({ series, conditions }: BenchReport, width: number | undefined): string {
  if (series.length < 3) return '';
  const values = series.map((point) =>
    countsSent(conditions.scenario) ? point.sent : point.received,
  );
  const seconds = width === undefined ? 1 : Math.ceil(values.length / CURVE_WIDTH);
  const label = seconds === 1 ? 'each second' : `each ${seconds} seconds`;
  return `${label}  ${sparkline(means(values, seconds))}  ${formatRate(Math.min(...values))} to ${formatRate(Math.max(...values))}\n`;
}

/** The mean of every `size` values. */
function means(values: readonly number[], size: number): readonly number[] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, index) =>
    mean(values.slice(index * size, (index + 1) * size)),
  );
}

/** How a run ended that is not complete. */
export function outcomeWords(outcome: BenchReport['outcome']): string {
  const words: Readonly<Record<BenchReport['outcome'], string>> = {
    complete: '',
    interrupted: 'interrupted: the figures are from the time before',
    idle: 'gave up: no more messages arrived',
    failed: 'ended by a failure: the figures are from the time before',
  };
  return words[outcome];
}

function problemLines(report: BenchReport, { style, width }: BenchTextOptions): string {
  const outcome = outcomeWords(report.outcome);
  const lines = [
    ...(outcome === '' ? [] : [style.warn(fitted(outcome, width))]),
    ...report.errors.map(({ count, message }) => {
      const times = `${formatCount(count)} ×`;
      return `${style.bad(times)} ${fitted(message, width, times.length + 1)}`;
    }),
    ...report.notes.map((note) => style.warn(fitted(note, width))),
  ];
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}
