import { percentileIsMeaningful } from '../../core/statistics/latency-summary.js';
import type { LatencySummary } from '../../core/statistics/latency-summary.js';
import { formatDuration } from '../../core/values/duration.js';
import { formatCount, formatRate, formatThroughput, plural } from '../../core/wording.js';
import type {
  Cell,
  PageBlock,
  PageDocument,
  PageFigure,
  PageOrigin,
  PageSection,
  PageVerdict,
} from '../../page/document.js';
import { injectedSections } from '../../faults/view/injected-page.js';
import { JsonFigures } from '../../page/json-figures.js';
import { benchReportToJson } from '../model/report-json.js';
import type { BenchReport } from '../model/report.js';
import { countsSent, SCENARIOS } from '../model/scenario.js';
import { cumulativePlot, latencyOverTimePlot, percentilePlot, rateOverTimePlot } from './plots.js';
import { conditionLine, outcomeWords, truthCounts } from './report-text.js';

/** The report of one scenario as a page. */
export function benchPage(report: BenchReport, origin: PageOrigin): PageDocument {
  const json = benchReportToJson({ ...report, series: thinned(report.series) });
  const figures = new JsonFigures(json);
  const { scenario } = report.conditions;
  return {
    title: `bench ${scenario}`,
    subtitle: conditionLine(report.conditions),
    atMs: Date.parse(report.startedAt),
    verdict: verdictOf(report),
    figures: keyFigures(report, figures),
    sections: [
      ...problemSection(report),
      { title: 'Over time', blocks: timePlots(report) },
      ...latencySection(report, figures),
      ...passSection(report, figures),
      ...injectedSections(report.injected, figures),
      ...agentSection(report, figures),
      ...clientSection(report, figures),
    ],
    conditions: [
      { label: 'measured', value: SCENARIOS[scenario].summary },
      ...figures.conditions('conditions'),
      { label: 'run', value: { text: report.runId, code: true } },
    ],
    origin,
    json,
  };
}

/** Seconds in the JSON of a page; a day of them would be 4 MB. */
const MOST_SECONDS = 3_600;

function thinned(series: BenchReport['series']): BenchReport['series'] {
  const step = Math.ceil(series.length / MOST_SECONDS);
  return step <= 1 ? series : series.filter((_, index) => index % step === 0);
}

function verdictOf(report: BenchReport): PageVerdict {
  const { totals, checks, outcome, verdict } = report;
  const rate = formatRate(totals.ratePerS);
  const failed = totals.lost + totals.duplicates + totals.errors > 0;
  if (outcome !== 'complete') {
    return {
      tone: outcome === 'failed' ? 'bad' : 'warn',
      word: outcome,
      sentence: `${rate}; ${outcomeWords(outcome)}. ${verdict.sentence}`,
    };
  }
  const counts = truthCounts(totals, checks).join(', ');
  const sentence = `${counts === '' ? '' : `${capital(counts)}. `}${verdict.sentence}`;
  return { tone: failed ? 'bad' : 'good', word: rate, sentence };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function keyFigures(report: BenchReport, figures: JsonFigures): readonly PageFigure[] {
  const { totals, response, repeats, checks, conditions } = report;
  const spread = repeats.length < 2 ? undefined : plural(repeats.length, 'pass', 'passes');
  const counted = countsSent(conditions.scenario) ? 'totals.sent' : 'totals.received';
  const shown: PageFigure[] = [
    { label: 'rate', value: figures.figure('totals.rate_per_s'), note: spread },
    { label: 'data', value: figures.figure('totals.bytes_per_s', formatThroughput) },
    {
      label: 'messages',
      value: figures.figure(counted),
      note: `in ${formatDuration(totals.elapsedNs)}`,
    },
  ];
  if (response !== undefined) {
    shown.push(
      { label: 'p50 latency', value: figures.figure('response.p50_ns') },
      { label: 'p99 latency', value: figures.figure('response.p99_ns') },
      { label: 'largest latency', value: figures.figure('response.max_ns') },
    );
  }
  if (checks !== undefined) {
    const tone = totals.lost === 0 ? 'good' : 'bad';
    shown.push({ label: 'lost', value: figures.figure('totals.lost'), tone });
  }
  return shown;
}

function timePlots(report: BenchReport): readonly PageBlock[] {
  const plots = [rateOverTimePlot(report), latencyOverTimePlot(report)];
  // Without latencies, how steady the rate was is the second question.
  if (report.response === undefined) plots.push(cumulativePlot(report));
  return plots.flatMap((plot) => (plot === undefined ? [] : [{ kind: 'plot' as const, plot }]));
}

/** Errors and notes. */
function problemSection({ errors, notes }: BenchReport): readonly PageSection[] {
  const items = [
    ...errors.map(({ count, message }) => `${formatCount(count)} × ${message}`),
    ...notes,
  ];
  return items.length === 0 ? [] : [{ title: 'Notes', blocks: [{ kind: 'list', items }] }];
}

const COLUMNS = [
  ['min', 'min_ns', 0],
  ['mean', 'mean_ns', 0],
  ['p50', 'p50_ns', 50],
  ['p90', 'p90_ns', 90],
  ['p95', 'p95_ns', 95],
  ['p99', 'p99_ns', 99],
  ['p99.9', 'p999_ns', 99.9],
  ['p99.99', 'p9999_ns', 99.99],
  ['max', 'max_ns', 0],
] as const;

function latencySection(report: BenchReport, figures: JsonFigures): readonly PageSection[] {
  const { response, service, conditions } = report;
  if (response === undefined) return [];
  const row = (name: string, key: string, { count }: LatencySummary): readonly Cell[] => [
    name,
    ...COLUMNS.map(([, column, percent]) =>
      percentileIsMeaningful(count, percent) ? figures.figure(`${key}.${column}`) : '–',
    ),
  ];
  const what = SCENARIOS[conditions.scenario].latency ?? 'latency';
  const how =
    conditions.targetRatePerS === undefined
      ? 'closed loop: the load waits for the system'
      : 'response from the intended send time, service from the actual one';
  const plot = percentilePlot([{ name: 'response', report }]);
  return [
    {
      title: 'Latency',
      blocks: [
        ...(plot === undefined ? [] : [{ kind: 'plot' as const, plot }]),
        { kind: 'text', text: `${capital(what)}; ${how}.` },
        {
          kind: 'table',
          caption: 'Latency by percentile',
          columns: [
            { title: '' },
            ...COLUMNS.map(([title]) => ({ title, align: 'right' as const })),
          ],
          rows: [
            row(service === undefined ? 'latency' : 'response', 'response', response),
            ...(service === undefined ? [] : [row('service', 'service', service)]),
          ],
        },
      ],
    },
  ];
}

function passSection({ repeats }: BenchReport, figures: JsonFigures): readonly PageSection[] {
  if (repeats.length < 2) return [];
  const columns = [
    ['rate', 'rate_per_s'],
    ['sent', 'sent'],
    ['received', 'received'],
    ['lost', 'lost'],
    ['p50', 'response.p50_ns'],
    ['p99', 'response.p99_ns'],
    ['time', 'elapsed_ns'],
  ] as const;
  return [
    {
      title: 'Passes',
      blocks: [
        {
          kind: 'table',
          caption: 'Measured passes',
          columns: [
            { title: 'pass' },
            ...columns.map(([title]) => ({ title, align: 'right' as const })),
          ],
          rows: repeats.map((_, index) => [
            String(index + 1),
            ...columns.map(([, key]) => figures.figure(`repeats.${index}.${key}`)),
          ]),
        },
      ],
    },
  ];
}

function agentSection({ agents = [] }: BenchReport, figures: JsonFigures): readonly PageSection[] {
  if (agents.length === 0) return [];
  const columns = ['sent', 'received', 'rate_per_s'] as const;
  return [
    {
      title: 'Agents',
      blocks: [
        {
          kind: 'table',
          caption: 'What each agent sent and received',
          columns: [
            { title: 'agent' },
            { title: 'host' },
            { title: 'labels' },
            ...['sent', 'received', 'rate'].map((title) => ({ title, align: 'right' as const })),
          ],
          rows: agents.map(({ id, host, labels, isLost }, place) => [
            isLost ? { text: `${id}, lost`, tone: 'bad' as const } : id,
            host,
            Object.entries(labels)
              .map(([key, value]) => `${key}=${value}`)
              .join(', '),
            ...columns.map((key) => figures.figure(`agents.${place}.${key}`)),
          ]),
        },
      ],
    },
  ];
}

const MOST_CLIENTS = 50;

function clientSection({ clients }: BenchReport, figures: JsonFigures): readonly PageSection[] {
  if (clients.length === 0) return [];
  const rest = clients.length - MOST_CLIENTS;
  return [
    {
      title: 'Clients',
      blocks: [
        {
          kind: 'table',
          caption: 'Clients of the first pass',
          columns: [
            { title: 'client' },
            { title: 'messages', align: 'right' },
            { title: 'rate', align: 'right' },
            { title: 'time', align: 'right' },
          ],
          rows: clients
            .slice(0, MOST_CLIENTS)
            .map(({ role, index }, place) => [
              `${role} ${index + 1}`,
              figures.figure(`clients.${place}.messages`),
              figures.figure(`clients.${place}.rate_per_s`),
              figures.figure(`clients.${place}.elapsed_ns`),
            ]),
        },
        ...(rest > 0
          ? [{ kind: 'text' as const, text: `and ${plural(rest, 'more client')}` }]
          : []),
      ],
    },
  ];
}
