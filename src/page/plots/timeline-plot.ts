import { element } from '../markup.js';
import type { Markup } from '../markup.js';
import { baseTicks, canvas, HEAD, marksList, marksMarkup, percentOf } from './canvas.js';
import type { TimelineLane, TimelinePlot } from './plot.js';
import { scaleOf, type Scale } from './scale.js';

const LANE = 38;

/** What happened when: a lane for each kind of thing, all on the same axis of time. */
export function timelinePlot(plot: TimelinePlot, id: string): readonly (Markup | undefined)[] {
  const { lanes, marks = [], title, description } = plot;
  const times = [
    ...lanes.flatMap(({ items }) => items.flatMap(({ from, to }) => [from, to])),
    ...marks.map(({ at }) => at),
  ];
  const scale = scaleOf(plot.x, times, 8);
  const height = Math.max(1, lanes.length) * LANE;
  const inside = [
    ...lanes.map((lane, index) => laneMarkup(lane, HEAD + index * LANE, scale)),
    baseTicks(scale, height),
    marksMarkup(marks, scale, height),
  ];
  return [
    canvas({ id, title, description, height, left: element('g', {}), inside }),
    element('p', { class: 'about' }, plot.x.label),
    marksList(marks, scale.text),
  ];
}

function laneMarkup({ label, tone, items }: TimelineLane, y: number, scale: Scale): Markup {
  return element(
    'g',
    { class: tone },
    element('text', { class: 'strong', x: 0, y: y + 14 }, label),
    element('rect', { class: 'track', x: 0, y: y + 19, width: '100%', height: 12, rx: 2 }),
    items.map(({ from, to, label: name }) => {
      const start = Math.min(1, Math.max(0, scale.place(from)));
      const width = Math.max(0.004, Math.min(1, scale.place(to)) - start);
      return element(
        'rect',
        {
          class: 'slot tone-fill solid',
          x: percentOf(Math.min(start, 1 - width)),
          y: y + 19,
          width: percentOf(width),
          height: 12,
        },
        element('title', {}, `${scale.text(from)} ${name}`),
      );
    }),
  );
}
