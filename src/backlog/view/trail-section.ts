import { formatCount } from '../../core/wording.js';
import type { PageDocument, PageSection } from '../../page/document.js';
import type { Mark, XyPlot } from '../../page/plots/plot.js';
import { toneOfSeverity } from '../../page/finding-block.js';
import type { BacklogTrail } from '../model/backlog-trail.js';
import type { BacklogReport } from '../model/report.js';

const MOST_CURVES = 5;
const MOST_MARKS = 12;

/** A page of a reading that begins with how the backlogs were before it. */
export function withTrail(
  document: PageDocument,
  trail: BacklogTrail,
  report: BacklogReport,
): PageDocument {
  return { ...document, sections: [...trailSection(trail, report), ...document.sections] };
}

/** The largest backlogs over time, with what was found meanwhile. */
function trailSection(trail: BacklogTrail, { memory = [] }: BacklogReport): readonly PageSection[] {
  const curves = trail.largest(MOST_CURVES).map((key) => ({ key, points: trail.points(key) }));
  const [first] = curves;
  const fromMs = first?.points[0]?.atMs ?? 0;
  if (first === undefined || first.points.length < 2) return [];
  const marks = memory
    .filter(({ beganMs }) => beganMs >= fromMs)
    .slice(-MOST_MARKS)
    .map(({ finding, beganMs, stream, consumer, connection }): Mark => ({
      at: beganMs,
      label: [finding.id, stream, consumer, connection].filter(Boolean).join(' '),
      tone: toneOfSeverity(finding.severity),
    }));
  const plot: XyPlot = {
    kind: 'xy',
    title: 'How did the backlog develop?',
    description: `Backlog over time of the ${curves.length === 1 ? 'consumer that is' : 'consumers that are'} furthest behind: ${curves
      .map(({ key, points }) => `${key} ${formatCount(points.at(-1)?.backlog ?? 0)}`)
      .join(', ')}.`,
    x: { label: 'time of day', scale: 'clock', unit: 'ms' },
    y: { label: 'messages that wait', scale: 'linear', unit: 'count' },
    series: curves.map(({ key, points }) => ({
      name: key,
      look: 'line',
      points: points.map(({ atMs, backlog }) => ({ x: atMs, y: backlog ?? null })),
    })),
    marks,
  };
  return [{ title: 'Over time', blocks: [{ kind: 'plot', plot }] }];
}
