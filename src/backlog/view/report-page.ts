import type { Severity } from '../../core/findings/severity.js';
import { compareSeverity, isAlarm, worstSeverity } from '../../core/findings/severity.js';
import { formatDurationMs } from '../../core/values/duration.js';
import { formatCount, plural } from '../../core/wording.js';
import type {
  Cell,
  PageBlock,
  PageDocument,
  PageFigure,
  PageFinding,
  PageOrigin,
  PageSection,
  PageVerdict,
} from '../../page/document.js';
import { findingOnPage, toneOfSeverity } from '../../page/finding-block.js';
import { JsonFigures } from '../../page/json-figures.js';
import { allSeverities } from '../model/all-severities.js';
import type { BacklogReport, ConsumerReport } from '../model/report.js';
import { backlogReportToJson } from '../model/report-json.js';
import { chooseRows } from '../model/rows.js';
import { cutMiddle } from '../../terminal/text/table.js';
import { backlogPlot, lossPlot, windowPlot } from './page-plots.js';
import { ageCell, backlogCell, etaCell, lossCell, rateCell } from './cells.js';

/** A consumer with its place in the JSON document. */
interface PlacedRow {
  readonly row: ConsumerReport;
  /** Ends with a dot. */
  readonly at: string;
}

/** A reading of streams and consumers as a page. @param whole the same with the consumers that were left out */
export function backlogDocument(
  report: BacklogReport,
  origin: PageOrigin,
  whole = report,
): PageDocument {
  const json = backlogReportToJson(report);
  const figures = new JsonFigures(json);
  const rows = placedRows(report);
  const { server, missing } = report;
  return {
    title: 'backlog',
    subtitle: `${cutMiddle(server.name, 20)} ${server.version}, over ${formatDurationMs(report.windowMs)}`,
    atMs: report.atMs,
    verdict: verdictOf(whole),
    figures: keyFigures(rows[0], figures),
    sections: [
      ...plotSection(rows.map(({ row }) => row)),
      ...findingSection(report),
      ...tableSection(rows, figures, consumerCount(whole) - rows.length),
      ...(missing.length === 0
        ? []
        : [
            {
              title: 'Not read',
              blocks: [
                {
                  kind: 'list' as const,
                  items: missing.map(({ what, detail }) => `${what}: ${detail}`),
                },
              ],
            },
          ]),
    ],
    conditions: [
      ...figures.conditions('server', 'server'),
      { label: 'observed for', value: figures.figure('window_ms') },
      { label: 'complete', value: report.complete ? 'yes' : 'no' },
    ],
    origin,
    json,
  };
}

function consumerCount({ streams }: BacklogReport): number {
  return streams.reduce((sum, { consumers }) => sum + consumers.length, 0);
}

/** The worst first. */
function placedRows(report: BacklogReport): readonly PlacedRow[] {
  const places = new Map<ConsumerReport, string>();
  report.streams.forEach(({ consumers }, stream) => {
    consumers.forEach((row, index) => places.set(row, `streams.${stream}.consumers.${index}.`));
  });
  const { rows } = chooseRows(report, { order: 'severity', onlyUnhealthy: false });
  return rows.map((row) => ({ row, at: places.get(row) ?? '' }));
}

/** Without these, streams and consumers are not known. */
const UNREAD: ReadonlySet<string> = new Set(['streams', 'stream', 'consumers', 'jetstream']);

function verdictOf(report: BacklogReport): PageVerdict {
  const severities = allSeverities(report);
  const counts = (['critical', 'warning', 'unknown'] as const).flatMap((severity) => {
    const count = severities.filter((one) => one === severity).length;
    return count === 0 ? [] : [`${formatCount(count)} ${severity}`];
  });
  const consumers = report.streams.flatMap((stream) => stream.consumers);
  const size = `${plural(report.streams.length, 'stream')}, ${plural(consumers.length, 'consumer')}`;
  const worst = [
    ...consumers.map((row) => ({ ...row, place: `${row.stream} ${row.name}` })),
    ...report.streams.map((row) => ({ ...row, place: row.name })),
  ].toSorted((a, b) => compareSeverity(a.severity, b.severity))[0];
  const severity = worstSeverity(severities);
  if (counts.length === 0) {
    const isRead =
      consumers.some(({ facts }) => facts !== undefined) ||
      !report.missing.some(({ kind }) => UNREAD.has(kind));
    return isRead || report.complete
      ? { tone: 'good', word: 'all well', sentence: `${size}: nothing is behind.` }
      : { tone: 'unknown', word: 'nothing was read', sentence: `${size}.` };
  }
  const first = report.account.findings.find((one) => isAlarm(one.severity));
  const cause =
    worst !== undefined && compareSeverity(worst.severity, first?.severity ?? 'ok') <= 0
      ? `${worst.place}: ${worst.headline}`
      : (first?.summary ?? '');
  return {
    tone: toneOfSeverity(severity),
    word: counts.join(', '),
    sentence: `${cause} (${size})`,
  };
}

/** Of the worst consumer. */
function keyFigures(worst: PlacedRow | undefined, figures: JsonFigures): readonly PageFigure[] {
  if (worst?.row.facts === undefined) return [];
  const { row, at } = worst;
  const { facts } = row;
  const loss = facts?.loss;
  return [
    { label: 'worst consumer', value: { text: row.name, code: true }, note: row.verdict },
    { label: 'backlog', value: figures.figure(`${at}backlog`), note: facts?.drain.trend },
    { label: 'oldest message', value: figures.figure(`${at}oldest_age_ms`) },
    { label: 'in', value: figures.figure(`${at}rate_in_per_s`) },
    { label: 'out', value: figures.figure(`${at}rate_out_per_s`) },
    { label: 'drained in', value: etaCell(facts) || '–' },
    ...(loss === undefined
      ? []
      : [
          {
            label: 'first loss in',
            value: figures.figure(`${at}time_to_loss_s`),
            note: `by ${loss.limit}`,
            tone: 'bad' as const,
          },
        ]),
  ];
}

function plotSection(rows: readonly ConsumerReport[]): readonly PageSection[] {
  if (rows.length === 0) return [];
  const plots = [backlogPlot(rows), lossPlot(rows), windowPlot(rows)];
  return [
    {
      title: 'Who is behind',
      blocks: plots.flatMap((plot) =>
        plot === undefined ? [] : [{ kind: 'plot' as const, plot }],
      ),
    },
  ];
}

const MOST_FINDINGS = 60;

function findingSection(report: BacklogReport): readonly PageSection[] {
  const all: PageFinding[] = [
    ...report.account.findings.map((finding) => findingOnPage(finding, 'account')),
    ...report.streams.flatMap(({ name, findings }) =>
      findings.map((finding) => findingOnPage(finding, `stream ${name}`)),
    ),
    ...report.streams
      .flatMap(({ consumers }) => consumers)
      .flatMap(({ stream, name, findings }) =>
        findings.map((finding) => findingOnPage(finding, `${stream} ${name}`)),
      ),
    ...report.connections.flatMap(({ name, findings }) =>
      findings.map((finding) => findingOnPage(finding, `connection ${name}`)),
    ),
  ];
  const shown = all
    .filter(({ word, id }) => word !== 'ok' && id !== 'OK')
    .toSorted((a, b) => compareSeverity(a.word as Severity, b.word as Severity));
  if (shown.length === 0) return [];
  const rest = shown.length - MOST_FINDINGS;
  const blocks: readonly PageBlock[] = [
    ...shown.slice(0, MOST_FINDINGS),
    ...(rest > 0 ? [{ kind: 'text' as const, text: `and ${plural(rest, 'more finding')}` }] : []),
  ];
  return [{ title: 'What was found', blocks }];
}

const MOST_ROWS = 500;

function tableSection(
  rows: readonly PlacedRow[],
  figures: JsonFigures,
  hidden: number,
): readonly PageSection[] {
  if (rows.length === 0) return [];
  const rest = Math.max(0, rows.length - MOST_ROWS) + hidden;
  const right = (title: string) => ({ title, align: 'right' as const });
  return [
    {
      title: 'Consumers',
      blocks: [
        {
          kind: 'table',
          caption: 'Consumers, the worst first',
          columns: [
            { title: 'consumer' },
            { title: 'stream' },
            right('pending'),
            right('in flight'),
            right('backlog'),
            right('oldest'),
            right('in'),
            right('out'),
            right('drain'),
            right('loss'),
            { title: 'verdict' },
          ],
          rows: rows.slice(0, MOST_ROWS).map((placed) => consumerCells(placed, figures)),
        },
        ...(rest > 0
          ? [{ kind: 'text' as const, text: `and ${plural(rest, 'more consumer')}` }]
          : []),
      ],
    },
  ];
}

function consumerCells({ row, at }: PlacedRow, figures: JsonFigures): readonly Cell[] {
  const { facts, stream, name, verdict, severity } = row;
  return [
    name,
    stream,
    figures.figure(`${at}pending`),
    figures.figure(`${at}ack_pending`),
    figures.figure(`${at}backlog`, () => backlogCell(facts)),
    figures.figure(`${at}oldest_age_ms`, () => ageCell(facts)),
    figures.figure(`${at}rate_in_per_s`, rateCell),
    figures.figure(`${at}rate_out_per_s`, rateCell),
    etaCell(facts),
    figures.figure(`${at}time_to_loss_s`, (seconds) => lossCell(seconds * 1000)),
    { text: verdict, tone: toneOfSeverity(severity) },
  ];
}
