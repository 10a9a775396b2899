import { formatDuration, formatDurationMs } from '../../core/values/duration.js';
import { formatCount, formatRate, plural } from '../../core/wording.js';
import { injectedMarks } from '../../faults/view/injected-page.js';
import type { Band, Plot, PlotPoint, Series, XyPlot } from '../../page/plots/plot.js';
import type { BenchReport, IntervalPoint } from '../model/report.js';
import { countsSent } from '../model/scenario.js';

const TIME = { label: 'time', scale: 'elapsed', unit: 'ms' } as const;

/** The part of a report that a plot over time needs. */
export type TimelineFacts = Pick<BenchReport, 'intervals' | 'stalls' | 'series' | 'injected'> & {
  readonly conditions: Pick<BenchReport['conditions'], 'scenario' | 'targetRatePerS'>;
  readonly totals: Pick<BenchReport['totals'], 'ratePerS'>;
};

/** Messages per second over time, with the stalls. */
export function rateOverTimePlot(report: TimelineFacts): XyPlot {
  const { conditions, totals } = report;
  const points = intervalsOf(report);
  const sending = ratesOf(points, ({ sent }) => sent);
  const receiving = ratesOf(points, ({ received }) => received);
  const hasBoth =
    points.some(({ received }) => received > 0) && points.some(({ sent }) => sent > 0);
  const measured = countsSent(conditions.scenario) ? sending : receiving;
  const name = countsSent(conditions.scenario) ? 'sent' : 'received';
  const target = conditions.targetRatePerS;
  const series: Series[] = [{ name, look: 'area', points: measured }];
  if (hasBoth && name === 'received') {
    series.push({ name: 'sent', look: 'step', points: sending });
  }
  const rates = measured.flatMap(({ y }) => (y === null ? [] : [y]));
  const range =
    rates.length === 0
      ? ''
      : ` Between ${formatRate(Math.min(...rates))} and ${formatRate(Math.max(...rates))}.`;
  return {
    kind: 'xy',
    title: 'Did the rate hold?',
    description: `Messages per second over time: ${formatRate(totals.ratePerS)} on average.${range} ${stallWords(report)}`,
    x: TIME,
    y: { label: 'messages per second', scale: 'linear', unit: 'per_s' },
    series,
    bands: stallBands(report),
    marks: injectedMarks(report.injected),
    levels: target === undefined ? [] : [{ at: target, label: `target ${formatRate(target)}` }],
  };
}

/** Percentiles of the latency over time, with the stalls. */
export function latencyOverTimePlot(report: TimelineFacts): XyPlot | undefined {
  const points = intervalsOf(report);
  if (points.every(({ p50Ns }) => p50Ns === undefined)) return undefined;
  const line = (name: string, pick: (one: IntervalPoint) => number | undefined): Series => ({
    name,
    look: 'line',
    points: points.map((one) => ({ x: one.atMs + one.ms / 2, y: positive(pick(one)) })),
  });
  return {
    kind: 'xy',
    title: 'When was it slow?',
    description: `Latency over time: 50th and 99th percentile and the largest of each interval. ${stallWords(report)}`,
    x: TIME,
    y: { label: 'latency (logarithmic)', scale: 'log', unit: 'ns' },
    series: [
      line('p50', (one) => one.p50Ns),
      line('p99', (one) => one.p99Ns),
      line('largest', (one) => one.maxNs),
    ],
    bands: stallBands(report),
    marks: injectedMarks(report.injected),
  };
}

/** All messages so far beside a constant rate. */
export function cumulativePlot(report: BenchReport): XyPlot {
  const { conditions, totals } = report;
  const points = intervalsOf(report);
  const pick = countsSent(conditions.scenario)
    ? ({ sent }: IntervalPoint): number => sent
    : ({ received }: IntervalPoint): number => received;
  let sum = 0;
  const end = points.at(-1);
  const endMs = end === undefined ? 0 : end.atMs + end.ms;
  const target = conditions.targetRatePerS;
  const line: readonly PlotPoint[] = [
    { x: 0, y: 0 },
    ...points.map((one) => ({ x: one.atMs + one.ms, y: (sum += pick(one)) })),
  ];
  const straight = target === undefined ? sum : (target * endMs) / 1000;
  return {
    kind: 'xy',
    title: 'How steady was it?',
    description: `Messages so far over time, beside a constant rate: ${formatCount(sum)} in ${formatDuration(totals.elapsedNs)}.`,
    x: TIME,
    y: { label: 'messages so far', scale: 'linear', unit: 'count' },
    series: [
      { name: 'messages', look: 'line', points: line },
      {
        name: target === undefined ? 'a constant rate' : 'the schedule',
        look: 'dashed',
        points: [
          { x: 0, y: 0 },
          { x: endMs, y: straight },
        ],
      },
    ],
    bands: stallBands(report),
  };
}

/** Latency by percentile on HdrHistogram's axes. @param runs older ones first */
export function percentilePlot(
  runs: readonly { readonly name: string; readonly report: BenchReport }[],
): Plot | undefined {
  const curves = runs.map(({ name, report }) => ({ name, points: report.percentiles ?? [] }));
  if (curves.some(({ points }) => points.length < 3)) return undefined;
  const last = Math.max(
    ...curves.flatMap(({ points }) => points.map(({ percentile }) => percentile % 100)),
  );
  const words = runs.map(
    ({ name, report: { response } }) =>
      `${name}: p50 ${formatDuration(response?.p50Ns ?? NaN)}, p99 ${formatDuration(response?.p99Ns ?? NaN)}, largest ${formatDuration(response?.maxNs ?? NaN)}.`,
  );
  return {
    kind: 'xy',
    title: 'How slow are the slowest?',
    description: `Latency by percentile. ${words.join(' ')}`,
    x: {
      label: 'percentile (HdrHistogram’s axis)',
      scale: 'percentile',
      unit: 'percent',
      to: last,
    },
    y: { label: 'latency (logarithmic)', scale: 'log', unit: 'ns' },
    series: curves.map(({ name, points }) => ({
      name,
      look: 'line',
      points: points.map(({ percentile, latencyNs }) => ({
        x: percentile,
        y: positive(latencyNs),
      })),
    })),
  };
}

/** Reports of earlier versions have whole seconds only. */
function intervalsOf({ intervals, series }: TimelineFacts): readonly IntervalPoint[] {
  if (intervals !== undefined) return intervals;
  return series.map(({ second, sent, received }) => ({
    atMs: second * 1000,
    ms: 1000,
    sent,
    received,
    p50Ns: undefined,
    p99Ns: undefined,
    maxNs: undefined,
  }));
}

/** A step from each interval's start to its end. */
function ratesOf(
  points: readonly IntervalPoint[],
  count: (one: IntervalPoint) => number,
): readonly PlotPoint[] {
  const last = points.at(-1);
  const rate = (one: IntervalPoint): number => (one.ms === 0 ? 0 : (count(one) * 1000) / one.ms);
  return [
    ...points.map((one) => ({ x: one.atMs, y: rate(one) })),
    ...(last === undefined ? [] : [{ x: last.atMs + last.ms, y: rate(last) }]),
  ];
}

function stallBands({ stalls = [] }: TimelineFacts): readonly Band[] {
  return stalls.map(({ atMs, ms }) => ({
    from: atMs,
    to: atMs + ms,
    label: 'stall',
    note: `no progress for ${formatDurationMs(ms)}`,
  }));
}

function stallWords({ stalls = [] }: TimelineFacts): string {
  if (stalls.length === 0) return 'There were no stalls.';
  const longest = Math.max(...stalls.map(({ ms }) => ms));
  return `${plural(stalls.length, 'stall')}, the longest ${formatDurationMs(longest)}.`;
}

/** A logarithmic axis has no 0. */
function positive(value: number | undefined): number | null {
  return value === undefined ? null : Math.max(1, value);
}
