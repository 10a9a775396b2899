import { formatDurationMs } from '../../core/values/duration.js';
import type { StreamShare, ReplayOutcome, ReplayPreview } from '../model/replay-outcome.js';
import { printableText } from '../../core/printable.js';
import type { Style } from '../../terminal/text/style.js';
import { textTable } from '../../terminal/text/table.js';
import { formatCount, formatRate, plural } from '../../core/wording.js';

/** Streams that the summary names. */
const MOST_NAMED = 5;

/** The result of a replay, in one line. */
export function replaySummary(outcome: ReplayOutcome): string {
  const { messages, before, durationMs } = outcome;
  const seconds = durationMs / 1000;
  const pace = messages > 1 && seconds > 0 ? ` (${formatRate(messages / seconds)})` : '';
  const parts = [
    `replayed ${plural(messages, 'message')} in ${formatDurationMs(durationMs)}${pace}${placesText(outcome.streams)}`,
  ];
  if (before > 0) parts.push(`${formatCount(before + messages)} including earlier replays`);
  if (outcome.duplicates > 0)
    parts.push(`${formatCount(outcome.duplicates)} already in the stream`);
  if (outcome.found > 0) {
    parts.push(`${formatCount(outcome.found)} found in the stream without an acknowledgement`);
  }
  if (outcome.leftOut > 0) parts.push(`${formatCount(outcome.leftOut)} left out`);
  return parts.join('; ');
}

/** ` to ORDERS, 161 to 180`, or the streams with their numbers of messages. */
function placesText(streams: readonly StreamShare[]): string {
  const [only, ...more] = streams;
  if (only === undefined) return '';
  if (more.length === 0) {
    const { stream, firstSeq, lastSeq } = only;
    const place = firstSeq === lastSeq ? ` at ${firstSeq}` : `, ${firstSeq} to ${lastSeq}`;
    return ` to ${stream}${place}`;
  }
  const named = streams
    .slice(0, MOST_NAMED)
    .map(({ stream, messages }) => `${stream} (${formatCount(messages)})`);
  const rest = streams.length - named.length;
  return ` to ${named.join(', ')}${rest === 0 ? '' : ` and ${plural(rest, 'more stream')}`}`;
}

/** What a replay would publish: a row for each subject, then the sum. */
export function previewText(
  { subjects, messages, leftOut, otherSubjects }: ReplayPreview,
  { style, width }: { readonly style: Style; readonly width: number | undefined },
): string {
  const rows = subjects.map(({ from, to, messages: count }) => [
    style.subject(printableText(from)),
    style.subject(printableText(to)),
    formatCount(count),
  ]);
  const columns = ['recorded on', 'published to', { title: 'messages', align: 'right' as const }];
  const more =
    otherSubjects === 0 ? '' : `and ${plural(otherSubjects, 'message')} of further subjects\n`;
  const others = leftOut === 0 ? '' : `, ${formatCount(leftOut)} left out`;
  const sum = `would publish ${plural(messages, 'message')}${others}; nothing was sent\n`;
  return `${rows.length === 0 ? '' : textTable({ columns, rows, style, width })}${more}${sum}`;
}

/** One document. */
export function previewJson(preview: ReplayPreview, file: string): unknown {
  return {
    file,
    dry_run: true,
    messages: preview.messages,
    left_out: preview.leftOut,
    unmapped: preview.unmapped,
    subjects: preview.subjects,
    other_subjects: preview.otherSubjects,
  };
}

/** One document. */
export function replayJson(outcome: ReplayOutcome, file: string): unknown {
  return {
    file,
    published: outcome.messages,
    published_before: outcome.before,
    unconfirmed: outcome.unconfirmed,
    duplicates: outcome.duplicates,
    found: outcome.found,
    left_out: outcome.leftOut,
    unmapped: outcome.unmapped,
    streams: outcome.streams.map(({ stream, messages, firstSeq, lastSeq }) => ({
      stream,
      messages,
      first_seq: firstSeq,
      last_seq: lastSeq,
    })),
    published_to_line: outcome.line,
    complete: outcome.end === 'whole',
    duration_ms: Math.round(outcome.durationMs),
    messages_per_s:
      outcome.durationMs > 0 ? Math.round((outcome.messages * 1000) / outcome.durationMs) : 0,
  };
}
