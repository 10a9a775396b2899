import { plural, someNames } from '../../core/wording.js';
import { ANNOUNCEMENTS, PLANNED_MOVES } from '../../backlog/model/memory/announced.js';
import { formatByteSize } from '../../core/values/byte-size.js';
import { formatDurationMs } from '../../core/values/duration.js';
import { rfc3339Local } from '../../core/values/local-time.js';
import type { Style } from '../../terminal/text/style.js';
import type { HistoryGap } from '../model/frame.js';
import type { HistoryOverview, UnheardAnnouncements } from '../model/coverage.js';
import { gapReason } from '../model/moment.js';

interface Recorded {
  readonly readings: number;
  readonly bytes: number;
}

/** What a recorder has done, in one line. */
export function recordedText({ readings, bytes }: Recorded, dir: string): string {
  return `recorded ${plural(readings, 'reading')} in ${dir}, which has ${formatByteSize(bytes)} now`;
}

export function recordedJson({ readings, bytes }: Recorded, dir: string): unknown {
  return { dir, readings, bytes };
}

/** More gaps are counted. */
const MOST_GAPS = 20;

export function coverageText({ coverage, unheard }: HistoryOverview, style: Style): string {
  const { fromMs, toMs, readings, everyMs, bytes, gaps, damaged } = coverage;
  if (fromMs === undefined || toMs === undefined) return 'no readings yet\n';
  const lines = [
    `${style.heading(rfc3339Local(fromMs))} to ${style.heading(rfc3339Local(toMs))}  ` +
      style.dim(
        `${formatDurationMs(toMs - fromMs)}, ${plural(readings, 'reading')} every ${formatDurationMs(everyMs)}, ${formatByteSize(bytes)}`,
      ),
    ...(gaps.length === 0 ? [] : ['', style.heading(plural(gaps.length, 'gap'))]),
    ...gaps.slice(-MOST_GAPS).map(gapLine),
    ...(gaps.length > MOST_GAPS ? [`  and ${plural(gaps.length - MOST_GAPS, 'earlier one')}`] : []),
    ...(unheard === undefined ? [] : ['', style.warn(unheardText(unheard))]),
    ...(damaged === 0 ? [] : ['', style.warn(`${plural(damaged, 'part')} cannot be read`)]),
  ];
  return `${lines.join('\n')}\n`;
}

function gapLine({ fromMs, toMs, reason }: HistoryGap): string {
  return `  ${rfc3339Local(fromMs)} to ${rfc3339Local(toMs)}  ${formatDurationMs(toMs - fromMs)}: ${gapReason(reason)}`;
}

/** Why announcements are not in a history. */
export function unheardText({ denied, isElsewhere }: UnheardAnnouncements): string {
  if (isElsewhere) {
    return 'announcements are not recorded: JetStream belongs to another domain or account';
  }
  const all = denied.length === ANNOUNCEMENTS.length + PLANNED_MOVES.length;
  const which = all ? 'announcements are not recorded' : 'some announcements are not recorded';
  return `${which}: no permission to subscribe to ${someNames(denied, 3)}`;
}

export function coverageJson({ coverage, unheard }: HistoryOverview): unknown {
  const { fromMs, toMs, readings, everyMs, bytes, gaps, damaged } = coverage;
  return {
    from: isoOrNull(fromMs),
    to: isoOrNull(toMs),
    every_ms: everyMs,
    readings,
    bytes,
    gaps: gaps.map(({ reason, ...gap }) => ({
      from: isoOrNull(gap.fromMs),
      to: isoOrNull(gap.toMs),
      reason,
    })),
    damaged,
    unheard: unheard?.denied ?? [],
  };
}

export function isoOrNull(atMs: number | undefined): string | null {
  return atMs === undefined ? null : new Date(atMs).toISOString();
}

/** Which reading a report is of. */
export function pastNotice({ atMs }: { readonly atMs: number }): string {
  return `recorded at ${rfc3339Local(atMs)}`;
}
