import { formatDurationMs } from '../../core/values/duration.js';
import { localTimeOfDay, rfc3339Local } from '../../core/values/local-time.js';
import { findingDetail, type FindingView } from '../../terminal/text/findings-text.js';
import type { Episode } from '../model/episodes.js';
import type { TrackedReading } from '../model/reading-track.js';
import { isoOrNull } from './history-text.js';

export function whyJson(
  episodes: readonly Episode[],
  readings: readonly TrackedReading[],
): unknown {
  return {
    episodes: episodes.map(({ beganMs, endedMs, findings, before, steps }) => ({
      began_at: isoOrNull(beganMs),
      ended_at: isoOrNull(endedMs),
      findings,
      before: before.map(({ atMs, kind, summary }) => ({ at: isoOrNull(atMs), kind, summary })),
      steps: steps.map(({ atMs, verdict, backlog }) => ({ at: isoOrNull(atMs), verdict, backlog })),
    })),
    readings: readings.map(({ atMs, backlog, lossS }) => ({
      at: isoOrNull(atMs),
      backlog,
      time_to_loss_s: lossS === undefined ? null : Math.round(lossS * 1000) / 1000,
    })),
  };
}

/** Each episode: when, what was found, what happened before, and how it went on. */
export function whyText(episodes: readonly Episode[], { style, width }: FindingView): string {
  if (episodes.length === 0) return 'no warning or critical finding in this time\n';
  return episodes.map((episode) => episodeText(episode, { style, width })).join('\n');
}

function episodeText(episode: Episode, view: FindingView): string {
  const { style } = view;
  const { beganMs, endedMs, findings, before, steps } = episode;
  const end =
    endedMs === undefined
      ? 'not over'
      : `to ${style.heading(rfc3339Local(endedMs))}  ${formatDurationMs(endedMs - beganMs)}`;
  const clock = (atMs: number): string => style.dim(localTimeOfDay(atMs).slice(0, 8));
  const lines = [
    `${style.heading(rfc3339Local(beganMs))} ${end}`,
    ...(before.length === 0 ? [] : ['  just before:']),
    ...before.map(({ atMs, summary }) => `    ${clock(atMs)}  ${summary}`),
    ...(steps.length === 0 ? [] : ['  then:']),
    ...steps.map(
      ({ atMs, verdict, backlog }) => `    ${clock(atMs)}  ${verdict}, backlog ${String(backlog)}`,
    ),
  ];
  return `${lines.join('\n')}\n\n${findings.map((finding) => findingDetail(finding, view)).join('\n')}`;
}
