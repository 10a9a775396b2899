import type { StreamRule } from './stream-retention.js';
import { agree, plural } from '../../../core/wording.js';
import { formatDurationMs } from '../../../core/values/duration.js';
import { shellWord } from '../../../core/printable.js';

/** Servers check their schedules now and then, and publishing takes a moment. */
const SCHEDULE_SLACK_MS = 5000;

export const scheduleOverdue: StreamRule = {
  id: 'SCHEDULE_OVERDUE',
  severity: 'critical',
  scope: 'stream',
  meaning:
    'Scheduled messages whose time has passed are still stored: the server has not published them.',
  signs:
    'Stored messages with Nats-Schedule "@at" and a time more than five seconds ago. Up to 500 subjects of a stream are checked. Repeating schedules are not checked.',
  advice:
    'Check the schedule and its target: the target must be among the stream’s subjects, and the stream must accept messages on it. If both are right, the server’s log says why it does not publish.',
  test: ({ last, series }) => {
    const overdue = (series.schedules?.due ?? []).filter(
      ({ dueMs }) => dueMs < last.atMs - SCHEDULE_SLACK_MS,
    );
    const [oldest] = overdue;
    if (oldest === undefined) return undefined;
    const by = formatDurationMs(last.atMs - oldest.dueMs);
    return {
      summary: `${plural(overdue.length, 'schedule')} ${agree(overdue.length, 'is', 'are')} overdue: ${oldest.subject} by ${by}${oldest.target === undefined ? '' : `, target ${oldest.target}`}.`,
      evidence: {
        overdue: overdue.length,
        oldest_due_ms: oldest.dueMs,
        late_ms: last.atMs - oldest.dueMs,
        seqs: overdue.slice(0, 10).map(({ seq }) => seq),
        subjects: overdue.slice(0, 10).map(({ subject }) => subject),
        target: oldest.target,
      },
    };
  },
  remedy: ({ name, series }) => [
    `natsx stream get ${shellWord(name)} ${String(series.schedules?.due[0]?.seq ?? 1)}`,
    `natsx stream info ${shellWord(name)}`,
  ],
};
