import { formatDurationMs } from '../../core/values/duration.js';
import { formatCount, plural } from '../../core/wording.js';
import { toneOfSeverity } from '../../page/finding-block.js';
import type { BarPlot, XyPlot } from '../../page/plots/plot.js';
import type { ConsumerReport } from '../model/report.js';

const MOST_BARS = 20;
const MOST_CURVES = 5;

/** Beyond this factor the smaller bars of a linear axis would be invisible. */
const WIDE_RANGE = 200;

export function backlogPlot(all: readonly ConsumerReport[]): BarPlot {
  const rows = all.slice(0, MOST_BARS);
  const values = rows.flatMap(({ facts }) => (facts === undefined ? [] : [facts.backlog]));
  const positive = values.filter((value) => value > 0);
  const isWide = Math.max(...positive) / Math.min(...positive) > WIDE_RANGE;
  const rest = all.length - rows.length;
  return {
    kind: 'bars',
    title: 'How many messages wait, and why?',
    description: `Backlog by consumer, the worst first${isWide ? ' (logarithmic)' : ''}${rest > 0 ? `; ${plural(rest, 'more consumer')} in the table` : ''}: ${rows
      .slice(0, 5)
      .map(({ name, facts, verdict }) => `${name} ${formatCount(facts?.backlog ?? 0)}, ${verdict}`)
      .join('; ')}.`,
    unit: 'count',
    scale: isWide ? 'log' : 'linear',
    rows: rows.map(({ stream, name, facts, verdict, severity }) => ({
      label: `${stream} ${name}`,
      value: facts?.backlog,
      tone: toneOfSeverity(severity),
      note: verdict,
    })),
  };
}

/** When unread messages are removed, beside when they would have been read. */
export function lossPlot(all: readonly ConsumerReport[]): BarPlot | undefined {
  const rows = all
    .flatMap(({ stream, name, facts }) =>
      facts?.loss === undefined
        ? []
        : [
            {
              label: `${stream} ${name}`,
              lossMs: facts.loss.inMs,
              limit: facts.loss.limit,
              drainMs: facts.drain.etaS === undefined ? undefined : facts.drain.etaS * 1000,
            },
          ],
    )
    .toSorted((a, b) => a.lossMs - b.lossMs)
    .slice(0, MOST_BARS);
  const [first] = rows;
  if (first === undefined) return undefined;
  return {
    kind: 'bars',
    title: 'When are unread messages lost?',
    description: `Time until a limit of the stream removes messages that ${plural(rows.length, 'consumer')} did not read, soonest first: ${first.label} in ${formatDurationMs(first.lossMs)}, by ${first.limit}. A line marks when the backlog would be drained; without one, it is not shrinking.`,
    unit: 'ms',
    scale: 'log',
    legend: { bar: 'until the first loss', marker: 'until drained' },
    rows: rows.map(({ label, lossMs, limit, drainMs }) => ({
      label,
      value: lossMs,
      marker: drainMs,
      note: limit,
      tone: drainMs !== undefined && drainMs < lossMs ? 'warn' : 'bad',
    })),
  };
}

/** The worst consumers over the time of the reading. */
export function windowPlot(all: readonly ConsumerReport[]): XyPlot | undefined {
  const rows = all
    .flatMap(({ stream, name, facts }) =>
      facts !== undefined && facts.backlog > 0 && facts.samples.length >= 3
        ? [{ label: `${stream} ${name}`, samples: facts.samples, trend: facts.drain.trend }]
        : [],
    )
    .slice(0, MOST_CURVES);
  if (rows.length === 0) return undefined;
  return {
    kind: 'xy',
    title: 'Does it grow?',
    description: `Backlog over time while it was observed: ${rows.map(({ label, trend }) => `${label} ${trend}`).join(', ')}.`,
    x: { label: 'time of day', scale: 'clock', unit: 'ms' },
    y: { label: 'messages that wait', scale: 'linear', unit: 'count' },
    series: rows.map(({ label, samples }) => ({
      name: label,
      look: 'line-and-dots',
      points: samples.map(({ atMs, pending, ackPending }) => ({
        x: atMs,
        y: pending + ackPending,
      })),
    })),
  };
}
