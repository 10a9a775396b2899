import { formatDurationMs } from '../domain/values/duration.js';
import type { ReplayOutcome } from '../domain/recording/replay-outcome.js';
import { formatAmount, formatCount, formatRate } from './numbers.js';

/** What a replay came to, in one line. */
export function replaySummary(outcome: ReplayOutcome): string {
  const { messages, before, durationMs } = outcome;
  const seconds = durationMs / 1000;
  const pace = messages > 1 && seconds > 0 ? ` (${formatRate(messages / seconds)})` : '';
  const parts = [
    `replayed ${formatAmount(messages, 'message')} in ${formatDurationMs(durationMs)}${pace}`,
  ];
  if (before > 0) parts.push(`${formatCount(before + messages)} with those before`);
  if (outcome.duplicates > 0) parts.push(`${formatCount(outcome.duplicates)} were there already`);
  if (outcome.found > 0) {
    parts.push(`${formatCount(outcome.found)} without an acknowledgement found in the stream`);
  }
  if (outcome.leftOut > 0) parts.push(`${formatCount(outcome.leftOut)} left out`);
  return parts.join('; ');
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
    published_to_line: outcome.line,
    complete: outcome.end === 'whole',
    duration_ms: Math.round(outcome.durationMs),
    messages_per_s:
      outcome.durationMs > 0 ? Math.round((outcome.messages * 1000) / outcome.durationMs) : 0,
  };
}
