import { ticks as roundNumbers } from 'd3-array';
import { timeTicks, utcTicks } from 'd3-time';

import { formatByteSize } from '../../core/values/byte-size.js';
import { formatDuration, formatDurationMs } from '../../core/values/duration.js';
import { localClock, localTimeOfDay } from '../../core/values/local-time.js';
import { formatCompact, formatPercent, formatRate } from '../../core/wording.js';
import type { Axis, Unit } from './plot.js';

/** Maps values of an axis to shares of its length, from 0 to 1. */
export interface Scale {
  readonly place: (value: number) => number;
  readonly ticks: readonly Tick[];
  /** Ticks between those, for a plot that is zoomed in. */
  readonly finer: readonly Tick[];
  /** A value in words. */
  readonly text: (value: number) => string;
}

export interface Tick {
  readonly at: number;
  readonly text: string;
}

/** A scale that covers `values` and the range that the axis asks for. */
export function scaleOf(axis: Axis, values: readonly number[], wanted = 6): Scale {
  const [least, most] = extentOf([...values, ...given(axis.from), ...given(axis.to)]);
  switch (axis.scale) {
    case 'linear':
      return linearScale(axis.from ?? Math.min(0, least), most, { wanted, unit: axis.unit });
    case 'log':
      return logScale(least, most, axis.unit);
    case 'percentile':
      return percentileScale(axis.to ?? 99.9);
    case 'elapsed':
      return timeScale(axis.from ?? Math.min(0, least), most, {
        wanted,
        between: (from, to, count) => utcTicks(from, to, count),
        text: formatDurationMs,
      });
    case 'clock':
      return timeScale(least, most, {
        wanted: Math.min(wanted, 5),
        between: (from, to, count) => timeTicks(from, to, count),
        text: clockText,
      });
  }
}

function given(value: number | undefined): readonly number[] {
  return value === undefined ? [] : [value];
}

function extentOf(values: readonly number[]): readonly [number, number] {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return least > most ? [0, 1] : [least, most];
}

/** For people, in the unit's own words. */
function unitText(unit: Unit, value: number): string {
  if (!Number.isFinite(value)) return 'no end';
  switch (unit) {
    case 'count':
    case 'per_s':
      return formatCompact(value);
    case 'bytes':
      return formatByteSize(value);
    case 'ns':
      return formatDuration(value);
    case 'ms':
      return formatDurationMs(value);
    case 'percent':
      return `${String(Number(value.toFixed(4)))}%`;
    case 'factor':
      return `× ${formatCompact(value)}`;
    case 'ratio':
      return value === 0 ? '0%' : `${value > 0 ? '+' : '−'}${formatPercent(Math.abs(value))}`;
  }
}

/** The same with the unit that axes have in their label. */
export function amountText(unit: Unit, value: number): string {
  return unit === 'per_s' ? formatRate(value) : unitText(unit, value);
}

export function linearScale(
  from: number,
  to: number,
  { wanted, unit }: { readonly wanted: number; readonly unit: Unit },
): Scale {
  const end = to > from ? to : from + 1;
  // Counts have no ticks between whole numbers.
  const isWhole = (value: number): boolean => unit !== 'count' || Number.isInteger(value);
  const marks = (count: number): readonly Tick[] =>
    roundNumbers(from, end, count)
      .filter(isWhole)
      .map((at) => ({ at, text: unitText(unit, at) }));
  return {
    place: (value) => (value - from) / (end - from),
    ticks: marks(wanted),
    finer: without(marks(wanted * 5), marks(wanted)),
    text: (value) => amountText(unit, value),
  };
}

const DIGITS = [1, 2, 5] as const;

/** From the round number below the least value to the one above the largest. */
export function logScale(least: number, most: number, unit: Unit): Scale {
  const low = Math.max(least, Number.MIN_VALUE * 1e16);
  const decades = Math.floor(Math.log10(low));
  const all: number[] = [];
  for (let decade = decades; 10 ** decade <= most * 10; decade += 1) {
    all.push(...DIGITS.map((digit) => digit * 10 ** decade));
  }
  const from = all.findLast((value) => value <= low) ?? low;
  const to = all.find((value) => value >= most && value > from) ?? from * 10;
  const inside = all.filter((value) => value >= from && value <= to);
  const powers = inside.filter((value) => Math.abs(Math.log10(value) % 1) < 1e-9);
  const chosen = inside.length <= 9 || powers.length < 2 ? inside : powers;
  const tick = (at: number): Tick => ({ at, text: unitText(unit, at) });
  return {
    place: (value) => Math.log(Math.max(value, low) / from) / Math.log(to / from),
    ticks: chosen.map(tick),
    finer: inside.filter((value) => !chosen.includes(value)).map(tick),
    text: (value) => amountText(unit, value),
  };
}

/** HdrHistogram's axis: as far from 99% to 99.9% as from 90% to 99%. */
function percentileScale(to: number): Scale {
  const nines = (percent: number): number => Math.log10(100 / (100 - percent));
  const end = nines(Math.min(to, 99.9999999));
  const all = [0, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 99.999, 99.9999, 99.99999];
  const main = new Set([0, 90, 99, 99.9, 99.99, 99.999, 99.9999, 99.99999]);
  const tick = (at: number): Tick => ({ at, text: unitText('percent', at) });
  const inside = all.filter((percent) => nines(percent) <= end);
  return {
    place: (percent) => Math.min(1, nines(Math.min(percent, 99.99999999)) / end),
    ticks: inside.filter((percent) => main.has(percent)).map(tick),
    finer: inside.filter((percent) => !main.has(percent)).map(tick),
    text: (percent) => unitText('percent', percent),
  };
}

interface TimeWords {
  readonly wanted: number;
  readonly between: (from: Date, to: Date, count: number) => readonly Date[];
  readonly text: (ms: number, stepMs: number) => string;
}

function timeScale(from: number, to: number, { wanted, between, text }: TimeWords): Scale {
  const end = to > from ? to : from + 1;
  const marks = (count: number): readonly Tick[] => {
    const times = between(new Date(from), new Date(end), count).map((date) => date.getTime());
    const stepMs = (times[1] ?? end) - (times[0] ?? from);
    return times.map((at) => ({ at, text: text(at, stepMs) }));
  };
  return {
    place: (value) => (value - from) / (end - from),
    ticks: marks(wanted),
    finer: without(marks(wanted * 6), marks(wanted)),
    text: (value) => text(value, 1),
  };
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

function clockText(atMs: number, stepMs: number): string {
  const time = localTimeOfDay(atMs);
  if (stepMs >= DAY_MS) return localClock(atMs, NaN).slice(5, 10);
  if (stepMs >= MINUTE_MS) return time.slice(0, 5);
  // Whole seconds, and fractions without zeros at their end.
  return stepMs >= 1000 ? time.slice(0, 8) : time.replace(/\.?0+$/, '');
}

function without(ticks: readonly Tick[], others: readonly Tick[]): readonly Tick[] {
  const known = new Set(others.map(({ at }) => at));
  return ticks.filter(({ at }) => !known.has(at));
}
