import type { BenchReport, SuiteReport } from '../model/report.js';
import { fitted, labelled, runtimeText } from './report-text.js';
import type { BenchTextOptions } from './report-text.js';
import { textTable } from '../../terminal/text/table.js';
import { formatCount, formatRate, formatThroughput } from '../../core/wording.js';
import { formatDuration } from '../../core/values/duration.js';

/** The width of the table with all columns. */
const FULL_WIDTH = 96;

/** All scenarios in one table, with what limited each; on a narrow terminal without the data rate. */
export function suiteText(suite: SuiteReport, options: BenchTextOptions): string {
  const { style, width } = options;
  const isNarrow = width !== undefined && width < FULL_WIDTH;
  const right = (title: string): { title: string; align: 'right' } => ({ title, align: 'right' });
  const table = textTable({
    style,
    width,
    columns: [
      'scenario',
      right('rate'),
      ...(isNarrow ? [] : [right('data')]),
      right('p50'),
      right('p99'),
      right('lost'),
      'limited by',
    ],
    rows: suite.reports.map((report, index) =>
      suiteRow(report, suite.labels[index] ?? '', isNarrow),
    ),
  });
  const skipped = suite.skipped.map(({ scenario, reason }) =>
    style.dim(`${fitted(`skipped: ${scenario}: ${reason}`, width)}\n`),
  );
  return [headline(suite.reports[0], options), table, ...skipped, verdicts(suite, options)].join(
    '\n',
  );
}

function headline(report: BenchReport | undefined, { style, width }: BenchTextOptions): string {
  if (report === undefined) return `${style.warn('nothing was measured')}\n`;
  const { conditions } = report;
  const { server } = conditions;
  const where = `server ${server.version}${server.local ? ', this machine' : ''}, round trip ${formatDuration(server.roundTripNs)}`;
  const line = `${conditions.engine} engine · size ${conditions.size} · ${where}; natsx ${conditions.natsxVersion}, ${runtimeText(conditions)}, ${conditions.cores} cores`;
  return style.dim(`${fitted(line, width)}\n`);
}

function suiteRow(report: BenchReport, label: string, isNarrow: boolean): readonly string[] {
  const { totals, response } = report;
  return [
    label,
    formatRate(totals.ratePerS),
    ...(isNarrow ? [] : [formatThroughput(totals.bytesPerS)]),
    response === undefined ? '' : formatDuration(response.p50Ns),
    response === undefined ? '' : formatDuration(response.p99Ns),
    formatCount(totals.lost),
    bottleneckWords(report),
  ];
}

/** An inferred bottleneck is marked as such. */
export function bottleneckWords({ verdict: { bottleneck } }: BenchReport): string {
  return bottleneck === 'disk' ? 'disk, most likely' : bottleneck.replaceAll('-', ' ');
}

function verdicts({ reports, labels }: SuiteReport, options: BenchTextOptions): string {
  const { style, width } = options;
  const lines = reports.flatMap((report, index) => {
    const problems = report.errors.map((error) => `${labels[index] ?? ''}: ${error.message}`);
    return [...problems, ...report.notes];
  });
  const publish = reports.find((report) => report.conditions.scenario === 'pubsub') ?? reports[0];
  const verdict =
    publish === undefined ? [] : [labelled('verdict', publish.verdict.sentence, options).trimEnd()];
  const hint =
    'latencies are under full load; natsx bench pubsub --rate 10k shows them at a given rate';
  return `${[...lines.map((line) => style.warn(fitted(line, width))), ...verdict, style.dim(fitted(hint, width))].join('\n')}\n`;
}
