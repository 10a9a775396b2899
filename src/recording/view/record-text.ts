import { formatByteSize } from '../../core/values/byte-size.js';
import { formatDurationMs } from '../../core/values/duration.js';
import { STDIO } from '../model/recording-header.js';
import type { RecordOutcome } from '../model/record-outcome.js';
import { formatCount, formatRate, howOften, plural } from '../../core/wording.js';

/** Progress in messages. */
export interface WorkProgress {
  readonly messages: number;
  /** How many there will be, if known. */
  readonly goal: number | undefined;
  readonly elapsedMs: number;
}

/** A progress line: how much is done, how fast, and how long it will take. */
export function workProgress(deed: string, { messages, goal, elapsedMs }: WorkProgress): string {
  const perMs = elapsedMs > 0 ? messages / elapsedMs : 0;
  const speed = formatRate(perMs * 1000);
  if (goal === undefined) return `${deed} ${plural(messages, 'message')} · ${speed}`;
  const share = goal === 0 ? 100 : Math.floor((100 * messages) / goal);
  const left = perMs > 0 ? ` · ${formatDurationMs((goal - messages) / perMs)} left` : '';
  return `${deed} ${formatCount(messages)} of ${plural(goal, 'message')} (${share}%) · ${speed}${left}`;
}

/** The result of a recording, in one line. */
export function recordSummary(outcome: RecordOutcome, file: string): string {
  const { messages, firstSeq, lastSeq, durationMs } = outcome;
  const seconds = durationMs / 1000;
  const range = firstSeq === undefined ? '' : `, sequences ${firstSeq} to ${lastSeq ?? firstSeq}`;
  const pace = messages > 1 && seconds > 0 ? ` (${formatRate(messages / seconds)})` : '';
  return (
    `recorded ${plural(messages, 'message')}${range} to ${file === STDIO ? 'stdout' : file} ` +
    `(${formatByteSize(outcome.bytesWritten)}) in ${formatDurationMs(durationMs)}${pace}${proofText(outcome)}`
  );
}

function proofText({ stream, proven, unproven, holes, heals }: RecordOutcome): string {
  if (stream === undefined) {
    if (heals === 0) return '';
    return `; the connection was lost ${howOften(heals)}`;
  }
  const stepped = holes === 0 ? '' : ` (${plural(holes, 'gap')} in the stream itself)`;
  if (proven) return `; nothing was skipped${stepped}`;
  return unproven === undefined ? '' : `; it is unknown whether anything was skipped: ${unproven}`;
}

/** One document. */
export function recordJson(outcome: RecordOutcome, file: string): unknown {
  const { messages, durationMs } = outcome;
  return {
    file,
    stream: outcome.stream,
    messages,
    first_seq: outcome.firstSeq,
    last_seq: outcome.lastSeq,
    gaps: outcome.holes,
    missing: outcome.missing,
    complete: outcome.stream === undefined ? undefined : outcome.proven,
    restarts: outcome.heals,
    file_bytes: outcome.bytesWritten,
    duration_ms: Math.round(durationMs),
    messages_per_s: durationMs > 0 ? Math.round((messages * 1000) / durationMs) : 0,
    ended_by: outcome.end,
  };
}
