import { agree, formatCount } from '../../core/wording.js';
import { formatDurationMs } from '../../core/values/duration.js';
import { printableText } from '../../core/printable.js';
import { textTable } from '../../terminal/text/table.js';
import type { StoredSchedule } from '../model/stored-schedule.js';
import type { ListingView } from './listing-text.js';

/** Servers check their schedules now and then, and publishing takes a moment. */
const SLACK_MS = 5_000;

/** A line per schedule: where it publishes, and when next. @param nowMs milliseconds since the epoch */
export function scheduleListText(
  schedules: readonly StoredSchedule[],
  {
    stream,
    nowMs,
    ...view
  }: ListingView & { readonly stream: string | undefined; readonly nowMs: number },
): string {
  if (schedules.length === 0) return 'There are no schedules.\n';
  return textTable({
    columns: [
      ...(stream === undefined ? ['Stream'] : []),
      'Subject',
      'Target',
      'Schedule',
      'Next',
      { title: 'In', align: 'right' as const },
    ],
    rows: schedules.map((schedule) => [
      ...(stream === undefined ? [schedule.stream] : []),
      printableText(schedule.subject),
      printableText(schedule.target ?? '–'),
      printableText(patternText(schedule)),
      schedule.nextMs === undefined ? 'unknown' : timeText(schedule.nextMs),
      whenText(schedule, nowMs),
    ]),
    ...view,
  });
}

function patternText({ pattern, timeZone }: StoredSchedule): string {
  const short = pattern.startsWith('@at ') ? 'once' : pattern;
  return timeZone === undefined ? short : `${short} (${timeZone})`;
}

function whenText({ nextMs, lateMs }: StoredSchedule, nowMs: number): string {
  if (nextMs === undefined) return '–';
  if (lateMs > SLACK_MS) return `${formatDurationMs(lateMs)} late`;
  return formatDurationMs(Math.max(0, Math.round((nextMs - nowMs) / 1000) * 1000));
}

function timeText(timeMs: number): string {
  return new Date(timeMs).toISOString().replace('.000Z', 'Z');
}

/** What could not be read, as one warning. */
export function unreadableSchedules(count: number): string {
  return `${formatCount(count)} ${agree(count, 'message', 'messages')} could not be read: there may be more schedules`;
}

export function scheduleJson(schedule: StoredSchedule): object {
  const { stream, seq, subject, target, pattern, timeZone, nextMs, lateMs } = schedule;
  return {
    stream,
    subject,
    target: target ?? null,
    schedule: pattern,
    ...(timeZone === undefined ? {} : { time_zone: timeZone }),
    next: nextMs === undefined ? null : timeText(nextMs),
    late_ms: lateMs,
    seq,
  };
}

/** A schedule that was or would be cancelled, in one line. */
export function scheduleCancelText(schedule: StoredSchedule, done: boolean): string {
  const { stream, subject, target, nextMs } = schedule;
  const next = nextMs === undefined ? '' : `, next ${timeText(nextMs)}`;
  return `${done ? 'cancelled' : 'would cancel'} the schedule on ${printableText(subject)} of ${stream}: to ${printableText(target ?? '–')}, ${printableText(patternText(schedule))}${next}\n`;
}

export function scheduleCancelJson(schedule: StoredSchedule, done: boolean): object {
  return { action: done ? 'cancelled' : 'would-cancel', ...scheduleJson(schedule) };
}
