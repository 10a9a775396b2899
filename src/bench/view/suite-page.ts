import { formatRate, formatThroughput, plural } from '../../core/wording.js';
import type { PageDocument, PageOrigin, PageVerdict } from '../../page/document.js';
import { JsonFigures } from '../../page/json-figures.js';
import type { Plot } from '../../page/plots/plot.js';
import type { Tone } from '../../page/tone.js';
import { benchReportToJson } from '../model/report-json.js';
import type { BenchReport, SuiteReport } from '../model/report.js';
import { bottleneckWords } from './suite-text.js';

/** All scenarios of the suite as a page. */
export function suitePage(suite: SuiteReport, origin: PageOrigin, atMs: number): PageDocument {
  const json = benchReportToJson(suite);
  const figures = new JsonFigures(json);
  const { reports, labels, skipped } = suite;
  const first = reports[0];
  const notes = [
    ...reports.flatMap(({ errors, notes: own }, index) => [
      ...errors.map(({ message }) => `${labels[index] ?? ''}: ${message}`),
      ...own.map((note) => `${labels[index] ?? ''}: ${note}`),
    ]),
    ...skipped.map(({ scenario, reason }) => `skipped: ${scenario}: ${reason}`),
  ];
  const columns = [
    ['rate', 'totals.rate_per_s', formatRate],
    ['data', 'totals.bytes_per_s', formatThroughput],
    ['p50', 'response.p50_ns', undefined],
    ['p99', 'response.p99_ns', undefined],
    ['lost', 'totals.lost', undefined],
  ] as const;
  return {
    title: 'bench',
    subtitle:
      first === undefined
        ? undefined
        : `${first.conditions.engine} engine · size ${first.conditions.size} · server ${first.conditions.server.version}`,
    atMs: first === undefined ? atMs : Date.parse(first.startedAt),
    verdict: verdictOf(suite),
    figures: [],
    sections: [
      {
        title: 'Scenarios',
        blocks: [
          { kind: 'plot', plot: ratePlot(suite) },
          { kind: 'plot', plot: latencyPlot(suite) },
          {
            kind: 'table',
            caption: 'Result of each scenario',
            columns: [
              { title: 'scenario' },
              ...columns.map(([title]) => ({ title, align: 'right' as const })),
              { title: 'limited by' },
            ],
            rows: reports.map((report, index) => [
              labels[index] ?? '',
              ...columns.map(([, key, format]) =>
                figures.figure(`reports.${index}.${key}`, format),
              ),
              bottleneckWords(report),
            ]),
          },
          {
            kind: 'text',
            text: 'Latencies are under full load; natsx bench pubsub --rate 10k measures them at a given rate.',
          },
        ],
      },
      ...(notes.length === 0
        ? []
        : [{ title: 'Notes', blocks: [{ kind: 'list' as const, items: notes }] }]),
    ],
    conditions: first === undefined ? [] : sharedConditions(figures, reports),
    origin,
    json,
  };
}

/** What all scenarios have in common. */
function sharedConditions(
  figures: JsonFigures,
  reports: readonly BenchReport[],
): PageDocument['conditions'] {
  const texts = reports.map(
    (_, index) =>
      new Map(
        figures
          .conditions(`reports.${index}.conditions`)
          .map(({ label, value }) => [label, typeof value === 'string' ? value : value.text]),
      ),
  );
  return figures
    .conditions('reports.0.conditions')
    .filter(({ label }) => texts.every((one) => one.get(label) === texts[0]?.get(label)));
}

function verdictOf({ reports, labels }: SuiteReport): PageVerdict {
  const bad = reports.flatMap(({ totals, outcome }, index) =>
    outcome === 'complete' && totals.lost + totals.duplicates + totals.errors === 0
      ? []
      : [labels[index] ?? ''],
  );
  if (reports.length === 0) {
    return { tone: 'warn', word: 'no result', sentence: 'Nothing was measured.' };
  }
  const publish = reports.find(({ conditions }) => conditions.scenario === 'pubsub') ?? reports[0];
  const limit = publish?.verdict.sentence ?? '';
  if (bad.length > 0) {
    return {
      tone: 'bad',
      word: 'incomplete',
      sentence: `Not as it should be: ${bad.join(', ')}. ${limit}`,
    };
  }
  return {
    tone: 'good',
    word: publish === undefined ? '' : `${formatRate(publish.totals.ratePerS)} delivered`,
    sentence: `${plural(reports.length, 'scenario')}, nothing lost. ${limit}`,
  };
}

function toneOf({ totals, outcome }: BenchReport): Tone {
  return outcome === 'complete' && totals.lost + totals.errors === 0 ? 'info' : 'bad';
}

function ratePlot({ reports, labels }: SuiteReport): Plot {
  return {
    kind: 'bars',
    title: 'How fast is each way to use NATS?',
    description: `Messages per second of each scenario, logarithmic: ${reports
      .map(({ totals }, index) => `${labels[index] ?? ''} ${formatRate(totals.ratePerS)}`)
      .join(', ')}.`,
    unit: 'per_s',
    scale: 'log',
    rows: reports.map((report, index) => ({
      label: labels[index] ?? '',
      value: report.totals.ratePerS,
      tone: toneOf(report),
    })),
  };
}

function latencyPlot({ reports, labels }: SuiteReport): Plot {
  const timed = reports.flatMap((report, index) =>
    report.response === undefined
      ? []
      : [{ report, response: report.response, label: labels[index] ?? '' }],
  );
  return {
    kind: 'bars',
    title: 'How long does each take?',
    description: 'Median and 99th percentile of the latency of each scenario, logarithmic.',
    unit: 'ns',
    scale: 'log',
    legend: { bar: 'p50', marker: 'p99' },
    rows: timed.map(({ report, response, label }) => ({
      label,
      value: response.p50Ns,
      marker: response.p99Ns,
      tone: toneOf(report),
    })),
  };
}
