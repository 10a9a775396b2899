import { plural, span } from '../../../core/findings/wording.js';
import { shellWord } from '../../../core/shell-word.js';
import type { StreamRule } from './stream-retention.js';

/** A server looks at its schedules every now and then, and publishing takes a moment. */
const SCHEDULE_SLACK_MS = 5000;

export const scheduleOverdue: StreamRule = {
  id: 'SCHEDULE_OVERDUE',
  severity: 'critical',
  scope: 'stream',
  meaning:
    'Messages that were to be published at a time that is over are still stored as schedules: the server has not published them.',
  signs:
    'Stored messages with Nats-Schedule "@at" and a time more than five seconds ago. Up to 500 subjects of a stream are looked at. Schedules that repeat are not judged.',
  advice:
    'Look at the schedule and its target: the stream must have the target among its subjects and take messages there. If both are right, the server’s log says why it does not publish.',
  test: ({ last, series }) => {
    const overdue = (series.schedules?.due ?? []).filter(
      ({ dueMs }) => dueMs < last.atMs - SCHEDULE_SLACK_MS,
    );
    const [oldest] = overdue;
    if (oldest === undefined) return undefined;
    const since = span(last.atMs - oldest.dueMs);
    return {
      summary: `${plural(overdue.length, 'schedule')} ${overdue.length === 1 ? 'is' : 'are'} overdue: ${oldest.subject} since ${since}${oldest.target === undefined ? '' : `, for ${oldest.target}`}.`,
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
