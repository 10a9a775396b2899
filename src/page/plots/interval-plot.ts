import { element } from '../markup.js';
import type { Markup } from '../markup.js';
import { baseTicks, canvas, HEAD, legend, percentOf, toneSwatch } from './canvas.js';
import type { IntervalPlot, IntervalRow, Scatter } from './plot.js';
import { linearScale, logScale, type Scale } from './scale.js';

const ROW = 62;

/** Old and new of each value on one axis: a box of one standard deviation on a line from the least to the largest. */
export function intervalPlot(plot: IntervalPlot, id: string): readonly (Markup | undefined)[] {
  const { rows, title, description } = plot;
  const ends = rows.flatMap((row) => [row.old, row.new].flatMap(({ min, max }) => [min, max]));
  const scale = changeScale(ends.filter(Number.isFinite));
  const height = rows.length * ROW;
  const zero = percentOf(scale.place(0));
  const inside = [
    ...scale.ticks.map(({ at }) => {
      const x = percentOf(scale.place(at));
      return element('line', { class: 'grid', x1: x, x2: x, y1: HEAD, y2: HEAD + height });
    }),
    element('line', { class: 'zero', x1: zero, x2: zero, y1: HEAD, y2: HEAD + height }),
    ...rows.map((row, index) => intervalRow(row, HEAD + index * ROW, scale)),
    baseTicks(scale, height),
  ];
  const left = element(
    'g',
    {},
    rows.map(({ label }, index) =>
      element('text', { class: 'strong', x: -64, y: HEAD + index * ROW + 36 }, label),
    ),
  );
  const names = legend([
    { text: 'old: mean ± standard deviation, least to largest', swatch: toneSwatch('plain') },
    { text: 'new, better', swatch: toneSwatch('good') },
    { text: 'new, worse', swatch: toneSwatch('bad') },
    { text: 'new, no significant difference', swatch: toneSwatch('info') },
  ]);
  return [
    names,
    canvas({ id, title, description, height, left, inside }),
    element('p', { class: 'about' }, 'change from the mean of the old run'),
  ];
}

/** Beyond a change by this share, small changes would be invisible on a linear axis. */
const WIDE = 1.5;
/** Nothing is smaller than this share of the old mean on a logarithmic axis. */
const LEAST = 0.05;

/** Changes in percent, or as factors where they are large. */
function changeScale(ends: readonly number[]): Scale {
  const [least, most] = [Math.min(-0.02, ...ends), Math.max(0.02, ...ends)];
  if (most <= WIDE) {
    const margin = (most - least) * 0.04;
    return linearScale(least - margin, most + margin, { wanted: 6, unit: 'ratio' });
  }
  const factors = logScale(Math.max(LEAST, 1 + least), 1 + most, 'factor');
  const shifted = (ticks: Scale['ticks']): Scale['ticks'] =>
    ticks.map(({ at, text }) => ({ at: at - 1, text }));
  return {
    place: (change) => factors.place(Math.max(LEAST, 1 + change)),
    ticks: shifted(factors.ticks),
    finer: shifted(factors.finer),
    text: (change) => factors.text(1 + change),
  };
}

function intervalRow(row: IntervalRow, y: number, scale: Scale): Markup {
  const { tone, note, label } = row;
  return element(
    'g',
    {},
    scatterMarks(row.old, y + 22, scale, 'plain'),
    scatterMarks(row.new, y + 42, scale, tone),
    element('text', { class: 'coarse', x: 0, y: y + 11 }, `${row.old.text} → ${row.new.text}`),
    element(
      'text',
      { class: `${tone} tone-text`, x: '100%', y: y + 11, 'text-anchor': 'end' },
      note,
    ),
    element(
      'rect',
      { class: 'slot', x: 0, y, width: '100%', height: ROW },
      element('title', {}, `${label}: ${row.old.text} → ${row.new.text}\n${note}`),
    ),
  );
}

function scatterMarks(
  { min, mean, max, stddev }: Scatter,
  y: number,
  scale: Scale,
  tone: string,
): Markup {
  const at = (value: number): string => percentOf(Math.min(1, Math.max(0, scale.place(value))));
  const width = percentOf(
    Math.max(
      0.004,
      Math.min(1, scale.place(mean + stddev)) - Math.max(0, scale.place(mean - stddev)),
    ),
  );
  return element(
    'g',
    { class: tone },
    element('line', { class: 'tone-line', x1: at(min), x2: at(max), y1: y, y2: y }),
    element('rect', {
      class: 'tone-fill box',
      x: at(mean - stddev),
      y: y - 6,
      width,
      height: 12,
      rx: 2,
    }),
    element('line', { class: 'tone-line mean', x1: at(mean), x2: at(mean), y1: y - 8, y2: y + 8 }),
  );
}
