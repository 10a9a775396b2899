import type { Tone } from '../tone.js';

/** Plots as data. Each answers one question, which its title asks or its description answers. */
export type Plot = XyPlot | BarPlot | IntervalPlot | TimelinePlot;

interface PlotText {
  readonly title: string;
  /** What the plot shows, in a sentence: read instead of it by people who cannot see it. */
  readonly description: string;
}

/** How the numbers of an axis are written. */
export type Unit = 'count' | 'per_s' | 'bytes' | 'ns' | 'ms' | 'percent' | 'ratio' | 'factor';

export interface Axis {
  readonly label: string;
  /**
   * `log` needs values above 0. `elapsed` is time since the start in ms, `clock` is ms since the epoch, `percentile` is
   * a percentile from 0 to 100 on HdrHistogram's axis, logarithmic in 1 / (1 − p).
   */
  readonly scale: 'linear' | 'log' | 'elapsed' | 'clock' | 'percentile';
  readonly unit: Unit;
  /** The least range; data beyond it extend the axis. Linear axes of values start at 0. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** Points over an axis, such as a rate over time or a latency over a rate. */
export interface XyPlot extends PlotText {
  readonly kind: 'xy';
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  /** Instants on the axis of x: faults, changes. */
  readonly marks?: readonly Mark[] | undefined;
  /** Stretches of the axis of x: stalls, episodes, what was injected. */
  readonly bands?: readonly Band[] | undefined;
  /** Values on the axis of y: objectives, limits. */
  readonly levels?: readonly Level[] | undefined;
}

export interface Series {
  readonly name: string;
  /** In the order of x; `y: null` interrupts a line. */
  readonly points: readonly PlotPoint[];
  readonly look: 'line' | 'step' | 'area' | 'dots' | 'line-and-dots' | 'dashed';
  /** One of the palette's colours; by default in the order of the series. */
  readonly colour?: 1 | 2 | 3 | 4 | 5 | undefined;
}

export interface PlotPoint {
  readonly x: number;
  readonly y: number | null;
  /** Replaces the series' own mark, such as a step that failed. */
  readonly tone?: Tone | undefined;
  /** More about this point, for the reader who points at it. */
  readonly note?: string | undefined;
}

export interface Mark {
  readonly at: number;
  readonly label: string;
  readonly tone?: Tone | undefined;
}

export interface Band {
  readonly from: number;
  readonly to: number;
  /** What kind of stretch it is, for the legend. */
  readonly label: string;
  /** More about this one, for the reader who points at it. */
  readonly note?: string | undefined;
  readonly tone?: Tone | undefined;
}

export interface Level {
  readonly at: number;
  readonly label: string;
}

/** Horizontal bars, the longest for the largest value. */
export interface BarPlot extends PlotText {
  readonly kind: 'bars';
  readonly unit: Unit;
  /** `log` where values differ by orders of magnitude. */
  readonly scale: 'linear' | 'log';
  readonly rows: readonly PlotBar[];
  /** What the bars and the markers are. */
  readonly legend?: { readonly bar: string; readonly marker: string } | undefined;
}

export interface PlotBar {
  readonly label: string;
  /** Undefined: not known. */
  readonly value: number | undefined;
  readonly tone: Tone;
  /** A verdict or the like, next to the value. */
  readonly note?: string | undefined;
  /** A second value on the same axis, drawn as a line across the bar. */
  readonly marker?: number | undefined;
}

/** Old beside new: how each scatters, on one axis of relative change. */
export interface IntervalPlot extends PlotText {
  readonly kind: 'intervals';
  readonly rows: readonly IntervalRow[];
}

export interface IntervalRow {
  readonly label: string;
  /** Relative to the old mean: 0.1 is 10% more. */
  readonly old: Scatter;
  readonly new: Scatter;
  readonly tone: Tone;
  /** The verdict in words. */
  readonly note: string;
}

export interface Scatter {
  readonly min: number;
  readonly mean: number;
  readonly max: number;
  readonly stddev: number;
  /** The mean in its own unit, in words. */
  readonly text: string;
}

/** What happened when, in lanes on one axis of time. */
export interface TimelinePlot extends PlotText {
  readonly kind: 'timeline';
  readonly x: Axis;
  readonly lanes: readonly TimelineLane[];
  readonly marks?: readonly Mark[] | undefined;
}

export interface TimelineLane {
  readonly label: string;
  readonly tone: Tone;
  readonly items: readonly TimelineItem[];
}

export interface TimelineItem {
  readonly from: number;
  /** Equal to `from` for an instant. */
  readonly to: number;
  readonly label: string;
}
