import { element } from '../markup.js';
import type { Markup } from '../markup.js';
import { legend, percentOf, toneSwatch } from './canvas.js';
import type { BarPlot, PlotBar } from './plot.js';
import { scaleOf, amountText } from './scale.js';

const ROW = 38;
/** Characters of a row on the narrowest screen. */
const ROOM = 42;
const LEAST_LABEL = 12;
/** Of a label on other screens. */
const WIDE_ROOM = 56;

/** Horizontal bars with their names and values above them. */
export function barPlot(plot: BarPlot, id: string): readonly (Markup | undefined)[] {
  const { rows, unit, title, description } = plot;
  const values = rows.flatMap(({ value, marker }) =>
    [value, marker].filter(
      (one): one is number => one !== undefined && Number.isFinite(one) && one > 0,
    ),
  );
  const axis = { label: '', scale: plot.scale, unit } as const;
  const scale = scaleOf(axis, values);
  // On a logarithmic axis the smallest bar can still be seen.
  const share = (value: number): number => {
    if (!Number.isFinite(value)) return 1;
    if (value <= 0) return 0;
    const place = Math.min(1, scale.place(value));
    return plot.scale === 'log' ? 0.04 + 0.96 * place : place;
  };
  const svg = element(
    'svg',
    {
      class: 'chart',
      role: 'img',
      'aria-labelledby': `${id}-title ${id}-about`,
      width: '100%',
      height: rows.length * ROW,
    },
    element('title', { id: `${id}-title` }, title),
    element('desc', { id: `${id}-about` }, description),
    rows.map((row, index) => barRow(row, { y: index * ROW, unit, share })),
  );
  const names =
    plot.legend === undefined
      ? undefined
      : legend([
          { text: plot.legend.bar, swatch: toneSwatch('plain') },
          {
            text: plot.legend.marker,
            swatch: element('line', { class: 'marker', x1: '50%', x2: '50%', y1: -2, y2: '120%' }),
          },
        ]);
  return [names, svg];
}

interface Place {
  readonly y: number;
  readonly unit: BarPlot['unit'];
  readonly share: (value: number) => number;
}

function barRow(row: PlotBar, { y, unit, share }: Place): Markup {
  const { label, value, tone, note, marker } = row;
  const amount = value === undefined ? 'not known' : amountText(unit, value);
  const right = note === undefined ? amount : `${note}  ${amount}`;
  const at = marker === undefined ? undefined : percentOf(share(marker));
  const short = cut(label, Math.max(LEAST_LABEL, ROOM - right.length - 2));
  const name = (look: string, text: string): Markup =>
    element('text', { class: `strong ${look}`.trim(), x: 0, y: y + 14 }, text);
  const bar = { class: 'track', x: 0, y: y + 21, height: 8, rx: 2 };
  return element(
    'g',
    { class: tone },
    name(short === label ? '' : 'coarse', cut(label, WIDE_ROOM)),
    short === label ? undefined : name('tight', short),
    element(
      'text',
      { x: '100%', y: y + 14, 'text-anchor': 'end' },
      note === undefined ? undefined : element('tspan', { class: 'note' }, `${note}  `),
      element('tspan', { class: 'amount' }, amount),
    ),
    element('rect', { ...bar, width: '100%' }),
    element('rect', {
      ...bar,
      class: 'tone-fill',
      width: percentOf(value === undefined ? 0 : share(value)),
    }),
    at === undefined
      ? undefined
      : element('line', { class: 'marker', x1: at, x2: at, y1: y + 17, y2: y + 33 }),
    element(
      'rect',
      { class: 'slot', x: 0, y, width: '100%', height: ROW },
      element(
        'title',
        {},
        `${label}: ${right}${marker === undefined ? '' : `, ${amountText(unit, marker)}`}`,
      ),
    ),
  );
}

/** Both ends of a long name say more than one. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const head = Math.ceil((most - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (most - 1 - head))}`;
}
