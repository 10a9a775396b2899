import { area, curveStepAfter, line } from 'd3-shape';

import { element } from '../markup.js';
import type { Markup } from '../markup.js';
import {
  bandsMarkup,
  baseTicks,
  canvas,
  HEAD,
  legend,
  marksList,
  marksMarkup,
  percentOf,
  toneSwatch,
  valueTicks,
  yOf,
  type LegendEntry,
} from './canvas.js';
import type { Band, PlotPoint, Series, XyPlot } from './plot.js';
import { scaleOf, type Scale } from './scale.js';

const HEIGHT = 230;
/** Widths of paths are shares of this; the SVG stretches them to its own. */
const WIDE = 1000;

interface Scales {
  readonly x: Scale;
  readonly y: Scale;
}

/** Lines, areas and dots over an axis. */
export function xyPlot(plot: XyPlot, id: string): readonly (Markup | undefined)[] {
  const { marks = [], bands = [], levels = [], series } = plot;
  const points = series.flatMap((one) => one.points);
  const xs = [
    ...points.map(({ x }) => x),
    ...bands.flatMap(({ from, to }) => [from, to]),
    ...marks.map(({ at }) => at),
  ];
  const ys = [...points.flatMap(({ y }) => (y === null ? [] : [y])), ...levels.map(({ at }) => at)];
  const scales = { x: scaleOf(plot.x, xs, 8), y: scaleOf(plot.y, ys, 5) };
  const { labels, lines } = valueTicks(scales.y, HEIGHT);
  const inside = [
    lines,
    bandsMarkup(bands, scales.x, HEIGHT),
    ...series.map((one, index) => pathOf(one, colourOf(one, index), scales)),
    ...levels.map(({ at, label }) => levelLine(label, yOf(scales.y, HEIGHT, at))),
    ...series.map((one, index) => dotsOf(one, colourOf(one, index), scales)),
    baseTicks(scales.x, HEIGHT),
    marksMarkup(marks, scales.x, HEIGHT),
    element('line', { class: 'cross', x1: 0, x2: 0, y1: HEAD, y2: HEAD + HEIGHT }),
    slots(plot, scales),
  ];
  const { title, description } = plot;
  const names =
    series.length > 1 || bands.length > 0
      ? legend([...series.map(lineEntry), ...bandEntries(bands)])
      : undefined;
  return [
    names,
    canvas({ id, title, description, height: HEIGHT, left: labels, inside }),
    element('p', { class: 'about' }, `${plot.y.label} over ${plot.x.label}`),
    marksList(marks, scales.x.text),
  ];
}

function colourOf({ colour }: Series, index: number): number {
  return colour ?? (index % 5) + 1;
}

function pathOf({ look, points }: Series, colour: number, { x, y }: Scales): Markup | undefined {
  if (look === 'dots') return undefined;
  const across = (point: PlotPoint): number => round(x.place(point.x) * WIDE);
  const up = (point: PlotPoint): number => yOf(y, HEIGHT, point.y ?? 0);
  const known = (point: PlotPoint): boolean => point.y !== null;
  const outline = line<PlotPoint>(across, up).defined(known).digits(1);
  const filled = area<PlotPoint>(across, HEAD + HEIGHT, up)
    .defined(known)
    .digits(1);
  if (look === 'step' || look === 'area') {
    outline.curve(curveStepAfter);
    filled.curve(curveStepAfter);
  }
  const box = {
    viewBox: `0 0 ${String(WIDE)} ${String(HEAD + HEIGHT)}`,
    preserveAspectRatio: 'none',
  };
  return element(
    'svg',
    { ...box, x: 0, y: 0, width: '100%', height: HEAD + HEIGHT, overflow: 'visible' },
    look === 'area'
      ? element('path', { class: `fill f${String(colour)}`, d: filled([...points]) ?? '' })
      : undefined,
    element('path', {
      class: `line s${String(colour)}${look === 'dashed' ? ' dash' : ''}`,
      d: outline([...points]) ?? '',
    }),
  );
}

function round(value: number): number {
  return Number(value.toFixed(1));
}

/** A point with a tone has its own shape, so that its colour is not needed to recognize it. */
function dotsOf({ look, points }: Series, colour: number, { x, y }: Scales): Markup | undefined {
  const all = look === 'dots' || look === 'line-and-dots';
  const shown = points.filter((point) => point.y !== null && (all || point.tone !== undefined));
  if (shown.length === 0) return undefined;
  return element(
    'g',
    {},
    shown.map((point) => {
      const [cx, cy] = [percentOf(x.place(point.x)), yOf(y, HEIGHT, point.y ?? 0)];
      if (point.tone === undefined || point.tone === 'plain')
        return element('circle', { class: `f${String(colour)}`, cx, cy, r: 3.5 });
      if (point.tone === 'bad') return cross(cx, cy);
      return element('circle', { class: `${point.tone} tone-fill`, cx, cy, r: 6 });
    }),
  );
}

function cross(x: string, y: number): Markup {
  return element(
    'svg',
    { class: 'bad', x, y, overflow: 'visible' },
    element('path', { class: 'tone-line', 'stroke-width': 2, d: 'M-4 -4L4 4M4 -4L-4 4' }),
  );
}

function levelLine(label: string, y: number): Markup {
  return element(
    'g',
    { class: 'warn' },
    element('line', { class: 'tone-line dash', x1: 0, x2: '100%', y1: y, y2: y }),
    element('text', { class: 'tone-text', x: '100%', y: y - 5, 'text-anchor': 'end' }, label),
  );
}

function lineEntry(series: Series, index: number): LegendEntry {
  const colour = String(colourOf(series, index));
  const { look, name } = series;
  const swatch =
    look === 'dots'
      ? element('circle', { class: `f${colour}`, cx: '50%', cy: '50%', r: 4 })
      : element('line', {
          class: `line s${colour}${look === 'dashed' ? ' dash' : ''}`,
          x1: 0,
          x2: '100%',
          y1: '50%',
          y2: '50%',
        });
  return { text: name, swatch };
}

/** Bands of one kind are explained once. */
function bandEntries(bands: readonly Band[]): readonly LegendEntry[] {
  const kinds = new Map(bands.map(({ label, tone = 'bad' }) => [label, tone]));
  return [...kinds].map(([text, tone]) => ({ text, swatch: toneSwatch(tone, 'band tone-fill') }));
}

/** With more points than this, only some of them can be pointed at. */
const MOST_SLOTS = 240;

/** Invisible stripes, one around each value of x, that name the values there. */
function slots({ series, x }: XyPlot, scales: Scales): Markup {
  const at = new Map<number, string[]>();
  for (const { name, points } of series) {
    for (const point of points) {
      if (point.y === null) continue;
      const note = point.note === undefined ? '' : `, ${point.note}`;
      const lines = at.get(point.x) ?? [`${x.label} ${scales.x.text(point.x)}`];
      lines.push(`${name} ${scales.y.text(point.y)}${note}`);
      at.set(point.x, lines);
    }
  }
  const all = [...at.entries()].sort(([a], [b]) => a - b);
  const stride = Math.ceil(all.length / MOST_SLOTS);
  const shown = all.filter((_, index) => index % stride === 0);
  const shares = shown.map(([value]) => Math.min(1, Math.max(0, scales.x.place(value))));
  return element(
    'g',
    {},
    shown.map(([, lines], index) => {
      const here = shares[index] ?? 0;
      const from = index === 0 ? 0 : (here + (shares[index - 1] ?? 0)) / 2;
      const to = index === shown.length - 1 ? 1 : (here + (shares[index + 1] ?? 1)) / 2;
      return element(
        'rect',
        {
          class: 'slot',
          x: percentOf(from),
          y: HEAD,
          width: percentOf(to - from),
          height: HEIGHT,
          'data-x': percentOf(here),
        },
        element('title', {}, lines.join('\n')),
      );
    }),
  );
}
