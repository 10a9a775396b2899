import { formatByteSize } from '../../core/values/byte-size.js';
import { formatDurationMs } from '../../core/values/duration.js';
import type { ReadingOutcome } from '../../core/message/reading.js';
import { formatCount, formatRate, formatThroughput, howOften, plural } from '../../core/wording.js';

/** The result of a subscription, in one line without a line feed. */
export function readingSummary(outcome: ReadingOutcome): string {
  const { messages, bytes } = outcome;
  const parts = [
    `${plural(messages, 'message')} (${formatByteSize(bytes)}) ${paceText(outcome)}`,
    droppedText(outcome),
  ];
  if (outcome.skipped > 0) parts.push(`${formatCount(outcome.skipped)} filtered out`);
  if (outcome.gaps > 0) {
    const times = howOften(outcome.gaps);
    parts.push(`connection lost ${times}, for ${formatDurationMs(outcome.gapMs)}`);
  }
  if (outcome.leftBehind) parts.push('messages that were still on their way were left');
  return parts.join(', ');
}

function droppedText({ dropped, slowConsumerCuts }: ReadingOutcome): string {
  const byServer = slowConsumerCuts > 0 ? ' here, an unknown number by the server' : '';
  return `${dropped === 0 ? 'none' : formatCount(dropped)} dropped${byServer}`;
}

/** The time between the first and last message if there are several, else how long the run took. */
function paceText({ messages, bytes, activeMs, elapsedMs }: ReadingOutcome): string {
  if (messages < 2 || activeMs <= 0) return `in ${formatDurationMs(elapsedMs)}`;
  const seconds = activeMs / 1000;
  const rate = `${formatRate(messages / seconds)}, ${formatThroughput(bytes / seconds)}`;
  return `in ${formatDurationMs(activeMs)} (${rate})`;
}
