import type { ScheduledMessage, ScheduleFacts, SubjectShare } from '../model/series.js';
import { scheduleOf } from '../../streams/model/message-schedule.js';
import type { StreamSample } from '../../streams/model/snapshot.js';
import { firstMessage } from '../../streams/run/api/messages.js';
import { withConcurrency, type BacklogRequests } from '../../streams/run/api/requests.js';

/** A schedule replaces an earlier one on its subject, so one message per subject is read. */
const MOST_LOOKS = 500;
const CONCURRENCY = 8;

/** Which stored messages are schedules. Subjects with a single message come first: each schedule has one to itself. */
export async function readSchedules(
  requests: BacklogRequests,
  {
    stream,
    apiPrefix,
    subjects,
  }: {
    readonly stream: StreamSample;
    readonly apiPrefix: string;
    readonly subjects: readonly SubjectShare[];
  },
): Promise<ScheduleFacts> {
  const bySubject = new Map<string, number>();
  const due: ScheduledMessage[] = [];
  const targets = new Set<string>();
  const order = subjects.toSorted((a, b) => a.messages - b.messages);
  const unseen = new Set(order.slice(MOST_LOOKS).map(({ subject }) => subject));
  await withConcurrency(
    order.slice(0, MOST_LOOKS),
    () => CONCURRENCY,
    async ({ subject }) => {
      const question = { stream, apiPrefix, from: { seq: stream.firstSeq }, filters: [subject] };
      const message = await firstMessage(requests, question);
      if (message === 'unreadable') unseen.add(subject);
      if (message === undefined || message === 'unreadable') return;
      const schedule = scheduleOf(message.headers);
      if (schedule === undefined) return;
      bySubject.set(subject, 1);
      const { dueMs, target } = schedule;
      if (target !== undefined) targets.add(target);
      if (dueMs !== undefined) due.push({ seq: message.seq, subject, dueMs, target });
    },
  );
  return { bySubject, due: due.toSorted((a, b) => a.dueMs - b.dueMs), targets, unseen };
}
