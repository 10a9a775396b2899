import { isAlarm, worstSeverity } from '../../core/findings/severity.js';
import { formatDurationMs } from '../../core/values/duration.js';
import { localTimeOfDay, rfc3339Local } from '../../core/values/local-time.js';
import { formatCount, plural } from '../../core/wording.js';
import type {
  PageBlock,
  PageDocument,
  PageOrigin,
  PageSection,
  PageVerdict,
} from '../../page/document.js';
import { findingOnPage, toneOfSeverity } from '../../page/finding-block.js';
import { JsonFigures } from '../../page/json-figures.js';
import type { Mark, XyPlot } from '../../page/plots/plot.js';
import type { Episode } from '../model/episodes.js';
import type { TrackedReading } from '../model/reading-track.js';
import { whyJson } from './why-text.js';

/** What `history why` found out. */
export interface WhyReport {
  readonly stream: string;
  readonly consumer?: string | undefined;
  readonly dir: string;
  readonly episodes: readonly Episode[];
  readonly readings: readonly TrackedReading[];
}

/** The episodes of a stream or a consumer as a page. */
export function whyPage(report: WhyReport, origin: PageOrigin): PageDocument {
  const { stream, consumer, dir, episodes, readings } = report;
  const json = whyJson(episodes, readings);
  const figures = new JsonFigures(json);
  const last = readings.at(-1);
  const peak = readings.reduce(
    (best, { backlog }, index) => (backlog > (readings[best]?.backlog ?? -1) ? index : best),
    0,
  );
  return {
    title: 'history why',
    subtitle: consumer === undefined ? stream : `${stream} ${consumer}`,
    atMs: last?.atMs ?? 0,
    verdict: verdictOf(episodes),
    figures:
      last === undefined
        ? []
        : [
            { label: 'episodes', value: formatCount(episodes.length) },
            {
              label: 'largest backlog',
              value: figures.figure(`readings.${peak}.backlog`),
              note: clockOf(readings[peak]?.atMs ?? 0),
            },
            {
              label: 'backlog at the end',
              value: figures.figure(`readings.${readings.length - 1}.backlog`),
            },
          ],
    sections: [
      ...(readings.length < 2
        ? []
        : [{ title: 'Over time', blocks: [{ kind: 'plot' as const, plot: backlogPlot(report) }] }]),
      ...episodes.map((episode, index) => episodeSection(episode, index, figures)),
    ],
    conditions: [
      { label: 'history', value: { text: dir, code: true } },
      { label: 'from', value: readings[0] === undefined ? '–' : rfc3339Local(readings[0].atMs) },
      { label: 'to', value: last === undefined ? '–' : rfc3339Local(last.atMs) },
    ],
    origin,
    json,
  };
}

function clockOf(atMs: number): string {
  return localTimeOfDay(atMs).slice(0, 8);
}

function verdictOf(episodes: readonly Episode[]): PageVerdict {
  const last = episodes.at(-1);
  if (last === undefined) {
    return {
      tone: 'good',
      word: 'no trouble',
      sentence: 'No warning or critical finding in this time.',
    };
  }
  const cause = last.findings.find(({ severity }) => isAlarm(severity)) ?? last.findings[0];
  const severity = worstSeverity(last.findings.map((finding) => finding.severity));
  const isOver = last.endedMs !== undefined;
  const when = isOver
    ? `From ${clockOf(last.beganMs)} to ${clockOf(last.endedMs)}`
    : `Since ${rfc3339Local(last.beganMs)}`;
  return {
    tone: isOver ? 'warn' : toneOfSeverity(severity),
    word: isOver ? `${plural(episodes.length, 'episode')}, over` : (cause?.id ?? severity),
    sentence: `${when}: ${cause?.summary ?? ''}`,
  };
}

const MOST_MARKS = 20;

/** Backlog over time, with the episodes and what happened before them. */
function backlogPlot({ episodes, readings, stream, consumer }: WhyReport): XyPlot {
  const endMs = readings.at(-1)?.atMs ?? 0;
  const marks: readonly Mark[] = episodes
    .flatMap(({ before }) =>
      before.map(({ atMs, summary }) => ({ at: atMs, label: summary, tone: 'info' as const })),
    )
    .slice(-MOST_MARKS);
  return {
    kind: 'xy',
    title: 'When did it begin, and what happened before?',
    description: `Backlog of ${consumer ?? stream} over time, with ${plural(episodes.length, 'episode')} of trouble: ${episodes.map(({ beganMs, endedMs }) => `from ${clockOf(beganMs)} ${endedMs === undefined ? 'on' : `to ${clockOf(endedMs)}`}`).join(', ')}.`,
    x: { label: 'time of day', scale: 'clock', unit: 'ms' },
    y: { label: 'messages that wait', scale: 'linear', unit: 'count' },
    series: [
      {
        name: 'backlog',
        look: 'area',
        points: readings.map(({ atMs, backlog, lossS }) => ({
          x: atMs,
          y: backlog,
          note: lossS === undefined ? undefined : `first loss in ${formatDurationMs(lossS * 1000)}`,
        })),
      },
    ],
    bands: episodes.map(({ beganMs, endedMs, findings }) => ({
      from: beganMs,
      to: endedMs ?? endMs,
      label: 'episode',
      note: findings.map(({ id }) => id).join(', '),
      tone: toneOfSeverity(worstSeverity(findings.map(({ severity }) => severity))),
    })),
    marks,
  };
}

function episodeSection(episode: Episode, index: number, figures: JsonFigures): PageSection {
  const { beganMs, endedMs, before, steps, findings } = episode;
  const end =
    endedMs === undefined
      ? 'not over'
      : `${clockOf(endedMs)}, ${formatDurationMs(endedMs - beganMs)}`;
  const blocks: readonly PageBlock[] = [
    ...findings.map((finding) => findingOnPage(finding, '')),
    ...(before.length === 0
      ? []
      : [
          {
            kind: 'table' as const,
            caption: `What happened just before ${clockOf(beganMs)}`,
            columns: [{ title: 'just before' }, { title: 'what happened' }],
            rows: before.map(({ atMs, summary }) => [clockOf(atMs), summary]),
          },
        ]),
    ...(steps.length === 0
      ? []
      : [
          {
            kind: 'table' as const,
            caption: `How it developed from ${clockOf(beganMs)} on`,
            columns: [
              { title: 'then' },
              { title: 'verdict' },
              { title: 'backlog', align: 'right' as const },
            ],
            rows: steps.map(({ atMs, verdict }, step) => [
              clockOf(atMs),
              verdict,
              figures.figure(`episodes.${index}.steps.${step}.backlog`),
            ]),
          },
        ]),
  ];
  return { title: `${rfc3339Local(beganMs)} to ${end}`, blocks };
}
