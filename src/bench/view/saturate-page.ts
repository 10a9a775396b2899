import { formatDuration, parseDurationNs } from '../../core/values/duration.js';
import { formatRate } from '../../core/wording.js';
import type { PageDocument, PageOrigin, PageVerdict } from '../../page/document.js';
import { JsonFigures } from '../../page/json-figures.js';
import type { Level, Mark, Series, XyPlot } from '../../page/plots/plot.js';
import { benchReportToJson } from '../model/report-json.js';
import type { SaturationReport } from '../model/report.js';
import type { LoadStep } from '../model/saturate.js';
import { conditionLine } from './report-text.js';
import { earlyEndWords } from './saturate-text.js';

/** What `bench saturate` found, as a page. */
export function saturationPage(
  report: SaturationReport,
  origin: PageOrigin,
  atMs: number,
): PageDocument {
  const json = benchReportToJson(report);
  const figures = new JsonFigures(json);
  const { conditions, steps } = report;
  const columns = [
    ['tried', 'rate_per_s'],
    ['reached', 'achieved_per_s'],
    ['p50', 'p50_ns'],
    ['p99', 'p99_ns'],
  ] as const;
  return {
    title: `bench saturate ${conditions?.scenario ?? ''}`.trim(),
    subtitle: conditions === undefined ? undefined : conditionLine(conditions),
    atMs,
    verdict: verdictOf(report),
    figures: [
      { label: 'highest rate that held', value: figures.figure('highest.rate_per_s') },
      { label: 'p99 at that rate', value: figures.figure('highest.p99_ns') },
      {
        label: 'latency starts to rise',
        value: figures.figure('knee.rate_per_s'),
        note: 'the knee of the curve',
      },
      { label: 'objective', value: report.objectives.join(' and ') },
    ],
    sections: [
      {
        title: 'Latency and load',
        blocks: [{ kind: 'plot', plot: loadPlot(report) }],
      },
      {
        title: 'Steps',
        blocks: [
          {
            kind: 'table',
            caption: 'Rates in the order in which they were tried',
            columns: [
              { title: 'step' },
              ...columns.map(([title]) => ({ title, align: 'right' as const })),
              { title: 'result' },
            ],
            rows: steps.map(({ held, reason }, index) => [
              String(index + 1),
              ...columns.map(([, key]) => figures.figure(`steps.${index}.${key}`)),
              { text: held ? 'held' : (reason ?? 'not held'), tone: held ? 'good' : 'bad' },
            ]),
          },
        ],
      },
    ],
    conditions: figures.conditions('conditions'),
    origin,
    json,
  };
}

function verdictOf(report: SaturationReport): PageVerdict {
  const { highest, knee, objectives, steps } = report;
  const objective = objectives.join(' and ');
  const early = earlyEndWords(report);
  const end = early === '' ? '' : ` ${early.charAt(0).toUpperCase()}${early.slice(1)}.`;
  if (steps.length === 0) {
    return { tone: 'warn', word: 'no result', sentence: `No step was completed.${end}` };
  }
  if (highest === undefined) {
    return {
      tone: 'bad',
      word: 'not met',
      sentence: `No rate that was tried held ${objective}.${end}`,
    };
  }
  const rise =
    knee === undefined ? '' : ` The latency starts to rise at ${formatRate(knee.ratePerS)}.`;
  return {
    tone: early === '' ? 'good' : 'warn',
    word: formatRate(highest.ratePerS),
    sentence: `The highest rate that held ${objective}.${rise}${end}`,
  };
}

/** Latency over rate, with the objective, the knee and the answer. */
function loadPlot({ steps, objectives, highest, knee }: SaturationReport): XyPlot {
  const sorted = steps.toSorted((a, b) => a.ratePerS - b.ratePerS);
  const line = (name: string, pick: (step: LoadStep) => number | undefined): Series => ({
    name,
    look: 'line-and-dots',
    points: sorted.map((step) => {
      const latencyNs = pick(step);
      return {
        x: step.ratePerS,
        y: latencyNs === undefined ? null : Math.max(1, latencyNs),
        tone: step.held ? undefined : ('bad' as const),
        note: step.held ? 'held' : (step.reason ?? 'not held'),
      };
    }),
  });
  const marks: readonly Mark[] = [
    ...(knee === undefined
      ? []
      : [{ at: knee.ratePerS, label: 'the latency starts to rise', tone: 'info' as const }]),
    ...(highest === undefined
      ? []
      : [{ at: highest.ratePerS, label: 'the highest rate that held', tone: 'good' as const }]),
  ];
  const answer =
    highest === undefined
      ? 'No rate held.'
      : `The highest rate that held is ${formatRate(highest.ratePerS)}, with a p99 of ${formatDuration(highest.p99Ns ?? NaN)}.`;
  return {
    kind: 'xy',
    title: 'How much load can it take?',
    description: `Latency over rate. ${answer} Steps that did not hold are crosses.`,
    x: { label: 'rate', scale: 'linear', unit: 'per_s' },
    y: { label: 'latency (logarithmic)', scale: 'log', unit: 'ns' },
    series: [line('p99', ({ p99Ns }) => p99Ns), line('p50', ({ p50Ns }) => p50Ns)],
    marks,
    levels: objectives.flatMap(levelOf),
  };
}

/** An objective for a latency, such as `p99<5ms`, as a line. */
function levelOf(objective: string): readonly Level[] {
  const [, limit] = /^p\d+(?:\.\d+)?\s*<=?\s*(\S+)$/.exec(objective) ?? [];
  return limit === undefined ? [] : [{ at: Number(parseDurationNs(limit)), label: objective }];
}
