import { element } from '../markup.js';
import type { Markup } from '../markup.js';
import { barPlot } from './bar-plot.js';
import { intervalPlot } from './interval-plot.js';
import type { Plot } from './plot.js';
import { timelinePlot } from './timeline-plot.js';
import { xyPlot } from './xy-plot.js';

/** A plot with its title, legend and marks. @param id unique on the page */
export function renderPlot(plot: Plot, id: string): Markup {
  return element(
    'figure',
    { class: 'plot card' },
    element('header', {}, element('h3', {}, plot.title)),
    drawing(plot, id),
  );
}

function drawing(plot: Plot, id: string): readonly (Markup | undefined)[] {
  switch (plot.kind) {
    case 'xy':
      return xyPlot(plot, id);
    case 'bars':
      return barPlot(plot, id);
    case 'intervals':
      return intervalPlot(plot, id);
    case 'timeline':
      return timelinePlot(plot, id);
  }
}
