import type { BenchProgress } from '../model/run.js';
import { bar } from '../../terminal/text/bar.js';
import { formatCompact, formatRate } from '../../core/wording.js';
import { formatDuration } from '../../core/values/duration.js';

const BAR_WIDTH = 20;

/** One line that changes in place: `bench pub ████ 40% · 4.9M msg/s · 2s left`. */
export function benchProgressText(
  label: string,
  progress: Omit<BenchProgress, 'timeline'>,
): string {
  const parts = [label];
  if (progress.phase === 'warm-up') parts.push('warming up');
  else if (progress.passes > 1) parts.push(`pass ${progress.pass} of ${progress.passes}`);
  const { share } = progress;
  if (share !== undefined) {
    parts.push(`${bar(share, { width: BAR_WIDTH }).padEnd(BAR_WIDTH)} ${Math.floor(share * 100)}%`);
  }
  parts.push(formatRate(progress.ratePerS));
  if (share === undefined)
    parts.push(`${formatCompact(Math.max(progress.sent, progress.received))} messages`);
  else if (share > 0.02 && share < 1) parts.push(`${remaining(progress.elapsedNs, share)} left`);
  return parts.join(' · ');
}

function remaining(elapsedNs: number, share: number): string {
  const tenths = Math.round((elapsedNs * (1 - share)) / share / 1e8);
  return formatDuration(Math.max(1, tenths) * 1e8);
}
