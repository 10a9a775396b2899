import type { Tone } from '../tone.js';
import { element } from '../markup.js';
import type { Markup } from '../markup.js';
import type { Band, Mark } from './plot.js';
import type { Scale, Tick } from './scale.js';

/** Room for the ticks of x. */
const FOOT = 24;
/** Room for the numbers of marks. */
export const HEAD = 18;

/** A share of the width, as SVG writes it. */
export function percentOf(share: number): string {
  return `${String(Number((share * 100).toFixed(2)))}%`;
}

export interface Canvas {
  /** Of the `<svg>`, for its title and description. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** Height of the area in which things are drawn. */
  readonly height: number;
  /** What is left of the area: the ticks of y. */
  readonly left: Markup;
  /** What is in the area; all of its widths are percentages, so that it can be zoomed. */
  readonly inside: readonly (Markup | undefined)[];
}

/**
 * An SVG as wide as its place: heights are pixels and widths are percentages, so that texts have the same size on any
 * screen. What is left of it has a margin of 64 pixels, which is in `style.ts`.
 */
export function canvas({ id, title, description, height, left, inside }: Canvas): Markup {
  return element(
    'svg',
    {
      class: 'chart axes',
      role: 'img',
      'aria-labelledby': `${id}-title ${id}-about`,
      width: '100%',
      height: HEAD + height + FOOT,
    },
    element('title', { id: `${id}-title` }, title),
    element('desc', { id: `${id}-about` }, description),
    left,
    element(
      'svg',
      { class: 'area', x: 0, y: 0, width: '100%', height: HEAD + height + FOOT },
      element(
        'svg',
        { class: 'zoom', x: 0, y: 0, width: '100%', height: HEAD + height + FOOT },
        inside,
      ),
    ),
  );
}

/** Lines across the area with their values at the left. */
export function valueTicks(
  scale: Scale,
  height: number,
): { readonly labels: Markup; readonly lines: Markup } {
  const ys = scale.ticks.map((tick) => ({ ...tick, y: yOf(scale, height, tick.at) }));
  return {
    labels: element(
      'g',
      {},
      ys.map(({ y, text }) => element('text', { x: -10, y: y + 4, 'text-anchor': 'end' }, text)),
    ),
    lines: element(
      'g',
      {},
      ys.map(({ y }) => element('line', { class: 'grid', x1: 0, x2: '100%', y1: y, y2: y })),
    ),
  };
}

export function yOf(scale: Scale, height: number, value: number): number {
  return Number((HEAD + height * (1 - scale.place(value))).toFixed(1));
}

/** The axis of x with its ticks; every other one is left out on narrow screens, and finer ones appear with the zoom. */
export function baseTicks(scale: Scale, height: number): Markup {
  const y = HEAD + height;
  const label =
    (name: string | undefined) =>
    ({ at, text }: Tick): Markup => {
      const share = scale.place(at);
      const anchor = share < 0.04 ? 'start' : share > 0.96 ? 'end' : 'middle';
      const attributes = { class: name, x: percentOf(share), y: y + 17, 'text-anchor': anchor };
      return element('text', attributes, text);
    };
  const line =
    (name: string) =>
    ({ at }: Tick): Markup => {
      const x = percentOf(scale.place(at));
      return element('line', { class: name, x1: x, x2: x, y1: y, y2: y + 4 });
    };
  const isCrowded = scale.ticks.length > 4;
  return element(
    'g',
    {},
    element('line', { class: 'axis', x1: 0, x2: '100%', y1: y, y2: y }),
    scale.ticks.map(line('axis')),
    scale.ticks.map((tick, index) =>
      label(isCrowded && index % 2 === 1 ? 'coarse' : undefined)(tick),
    ),
    scale.finer.map(label('finer')),
  );
}

/** Stretches of time behind the lines. */
export function bandsMarkup(bands: readonly Band[], scale: Scale, height: number): Markup {
  return element(
    'g',
    {},
    bands.map(({ from, to, label, note, tone = 'bad' }) => {
      const [start, end] = [clamped(scale.place(from)), clamped(scale.place(to))];
      return element(
        'g',
        { class: tone },
        element('rect', {
          class: 'band tone-fill',
          x: percentOf(start),
          y: HEAD,
          width: percentOf(Math.max(0.002, end - start)),
          height,
        }),
        element('title', {}, note === undefined ? label : `${label}: ${note}`),
      );
    }),
  );
}

function clamped(share: number): number {
  return Math.min(1, Math.max(0, share));
}

/** More of them would cover the plot; the tables have all. */
const MOST_MARKS = 30;

/** Lines at instants, each with a number that the list below the plot explains. */
export function marksMarkup(marks: readonly Mark[], scale: Scale, height: number): Markup {
  return element(
    'g',
    {},
    marks.slice(0, MOST_MARKS).map(({ at, tone = 'bad' }, index) => {
      const x = percentOf(clamped(scale.place(at)));
      return element(
        'g',
        { class: tone },
        element('line', { class: 'tone-line dash', x1: x, x2: x, y1: HEAD, y2: HEAD + height }),
        element('circle', { class: 'tone-fill', cx: x, cy: 9, r: 8 }),
        element('text', { class: 'mark', x, y: 12.5 }, String(index + 1)),
      );
    }),
  );
}

/** What the numbers of the marks mean. */
export function marksList(
  marks: readonly Mark[],
  text: (at: number) => string,
): Markup | undefined {
  if (marks.length === 0) return undefined;
  const rest = marks.length - MOST_MARKS;
  return element(
    'ol',
    { class: 'marks' },
    marks
      .slice(0, MOST_MARKS)
      .map(({ at, label, tone = 'bad' }, index) =>
        element(
          'li',
          { class: tone },
          element('b', {}, String(index + 1)),
          element('span', {}, `${text(at)} ${label}`),
        ),
      ),
    rest > 0 ? element('li', {}, `and ${String(rest)} more`) : undefined,
  );
}

export interface LegendEntry {
  readonly text: string;
  readonly swatch: Markup;
}

export function legend(entries: readonly LegendEntry[]): Markup | undefined {
  if (entries.length === 0) return undefined;
  return element(
    'ul',
    { class: 'legend' },
    entries.map(({ text, swatch }) =>
      element('li', {}, element('svg', { 'aria-hidden': 'true' }, swatch), text),
    ),
  );
}

/** A coloured square, for bands and bars. */
export function toneSwatch(tone: Tone, look = 'tone-fill'): Markup {
  return element(
    'g',
    { class: tone },
    element('rect', { class: look, width: '100%', height: '100%' }),
  );
}
