import type {
  PageBlock,
  PageDocument,
  PageOrigin,
  PageSection,
  PageVerdict,
} from '../../page/document.js';
import { JsonFigures } from '../../page/json-figures.js';
import type { IntervalPlot, Scatter } from '../../page/plots/plot.js';
import type { Tone } from '../../page/tone.js';
import type { Spread } from '../../core/statistics/spread.js';
import { formatDuration } from '../../core/values/duration.js';
import { formatRate } from '../../core/wording.js';
import type { CompareOutcome, Comparison, MetricComparison } from '../model/compare.js';
import type { SuiteComparison } from '../model/compare-suites.js';
import { benchReportToJson } from '../model/report-json.js';
import type { BenchReport, SuiteReport } from '../model/report.js';
import { ratioText, comparedWords, pText, spreadText } from './compare-text.js';
import { percentilePlot } from './plots.js';

/** The two runs that were compared. */
interface ComparedRuns {
  readonly older: BenchReport | SuiteReport;
  readonly newer: BenchReport | SuiteReport;
}

interface Part {
  readonly title: string;
  /** Where it is in the JSON document, ending with a dot. */
  readonly at: string;
  readonly comparison: Comparison;
  readonly older: BenchReport | undefined;
  readonly newer: BenchReport | undefined;
}

/** Two runs, or two suites, beside each other. */
export function comparisonPage(
  comparison: Comparison | SuiteComparison,
  runs: ComparedRuns,
  origin: PageOrigin,
): PageDocument {
  const json = benchReportToJson(comparison);
  const figures = new JsonFigures(json);
  const parts = partsOf(comparison, runs);
  const newest = 'startedAt' in runs.newer ? runs.newer : runs.newer.reports[0];
  const differences = new Map(
    parts.flatMap((part) =>
      part.comparison.differences.map((one) => [one.condition, one] as const),
    ),
  );
  const left =
    'scenarios' in comparison
      ? [
          ...comparison.onlyOld.map((label) => `${label}: only in the old suite`),
          ...comparison.onlyNew.map((label) => `${label}: only in the new suite`),
        ]
      : [];
  return {
    title: 'bench compare',
    subtitle: 'scenarios' in comparison ? 'two suites' : newest?.conditions.scenario,
    atMs: Date.parse(newest?.startedAt ?? ''),
    verdict: verdictOf(parts),
    figures: [],
    sections: [
      ...parts.map((part) => sectionOf(part, figures)),
      ...(left.length === 0
        ? []
        : [{ title: 'Not compared', blocks: [{ kind: 'list' as const, items: left }] }]),
    ],
    conditions: [
      { label: 'old run', value: startOf(runs.older) },
      { label: 'new run', value: startOf(runs.newer) },
      ...[...differences.values()].map(({ condition, old, new: now }) => ({
        label: condition.replaceAll('_', ' ').replaceAll('.', ' '),
        value: `${old} → ${now}`,
      })),
      { label: 'test', value: comparison.test },
    ],
    origin,
    json,
  };
}

function startOf(run: BenchReport | SuiteReport): string {
  const first = 'startedAt' in run ? run : run.reports[0];
  return first?.startedAt ?? 'not known';
}

function partsOf(
  comparison: Comparison | SuiteComparison,
  { older, newer }: ComparedRuns,
): readonly Part[] {
  if (!('scenarios' in comparison)) {
    const single = (run: BenchReport | SuiteReport): BenchReport | undefined =>
      'startedAt' in run ? run : undefined;
    return [
      { title: 'Old and new', at: '', comparison, older: single(older), newer: single(newer) },
    ];
  }
  const reportOf = (run: BenchReport | SuiteReport, label: string): BenchReport | undefined =>
    'labels' in run ? run.reports[run.labels.indexOf(label)] : undefined;
  return comparison.scenarios.map((scenario, index) => ({
    title: scenario.label,
    at: `scenarios.${index}.`,
    comparison: scenario,
    older: reportOf(older, scenario.label),
    newer: reportOf(newer, scenario.label),
  }));
}

function sectionOf(
  { title, at, comparison, older, newer }: Part,
  figures: JsonFigures,
): PageSection {
  const { metrics } = comparison;
  const curves =
    older === undefined || newer === undefined
      ? undefined
      : percentilePlot([
          { name: 'old', report: older },
          { name: 'new', report: newer },
        ]);
  const blocks: readonly PageBlock[] = [
    { kind: 'plot', plot: intervalsOf(metrics) },
    {
      kind: 'table',
      caption: `Old and new values: ${title}`,
      columns: [
        { title: 'value' },
        { title: 'old', align: 'right' },
        { title: 'new', align: 'right' },
        { title: 'change', align: 'right' },
        { title: 'p', align: 'right' },
        { title: 'verdict' },
      ],
      rows: metrics.map((metric, index) => [
        metric.metric,
        figures.figure(`${at}metrics.${index}.old.mean`, () => spreadText(metric, metric.old)),
        figures.figure(`${at}metrics.${index}.new.mean`, () => spreadText(metric, metric.new)),
        figures.figure(`${at}metrics.${index}.ratio`, ratioText),
        figures.figure(`${at}metrics.${index}.p_value`, pText),
        { text: comparedWords(metric.outcome), tone: toneOf(metric.outcome) },
      ]),
    },
    ...(curves === undefined ? [] : [{ kind: 'plot' as const, plot: curves }]),
  ];
  return { title, blocks };
}

function toneOf(outcome: CompareOutcome): Tone {
  switch (outcome) {
    case 'faster':
      return 'good';
    case 'slower':
      return 'bad';
    case 'no-difference':
      return 'info';
    case 'too-few-repeats':
      return 'unknown';
  }
}

function verdictOf(parts: readonly Part[]): PageVerdict {
  const named = (wanted: CompareOutcome): readonly string[] =>
    parts.flatMap(({ title, comparison }) =>
      comparison.metrics
        .filter(({ outcome }) => outcome === wanted)
        .map((metric) => {
          const what = `${metric.metric} ${ratioText(metric.ratio)}`;
          return parts.length === 1 ? what : `${title}: ${what}`;
        }),
    );
  const [slower, faster, doubtful] = [named('slower'), named('faster'), named('too-few-repeats')];
  const list = (word: string, all: readonly string[]): string =>
    all.length === 0 ? '' : `${word}: ${all.join(', ')}. `;
  const words = `${list('Slower', slower)}${list('Faster', faster)}`.trimEnd();
  if (slower.length > 0) {
    return {
      tone: 'bad',
      word: faster.length > 0 ? 'slower and faster' : 'slower',
      sentence: words,
    };
  }
  if (faster.length > 0) return { tone: 'good', word: 'faster', sentence: words };
  if (doubtful.length > 0) {
    return {
      tone: 'unknown',
      word: 'too few repeats',
      sentence: 'Nothing can be said about differences: repeat each run at least three times.',
    };
  }
  return {
    tone: 'info',
    word: 'no significant difference',
    sentence: 'What differs is within the noise of the repeats.',
  };
}

/** Every value relative to its old mean. */
function intervalsOf(metrics: readonly MetricComparison[]): IntervalPlot {
  return {
    kind: 'intervals',
    title: 'Is the difference more than noise?',
    description: metrics
      .map((one) => `${one.metric} ${ratioText(one.ratio)}, ${comparedWords(one.outcome)}.`)
      .join(' '),
    rows: metrics
      .filter(({ old }) => old.mean !== 0)
      .map((metric) => ({
        label: metric.metric,
        old: scatterOf(metric.old, metric),
        new: scatterOf(metric.new, metric),
        tone: toneOf(metric.outcome),
        note: `${ratioText(metric.ratio)} ${comparedWords(metric.outcome)}`,
      })),
  };
}

function scatterOf(spread: Spread, { old, unit }: MetricComparison): Scatter {
  const share = (value: number): number => value / old.mean - 1;
  return {
    min: share(spread.min),
    mean: share(spread.mean),
    max: share(spread.max),
    stddev: spread.stddev / old.mean,
    text: unit === 'ns' ? formatDuration(spread.mean) : formatRate(spread.mean),
  };
}
