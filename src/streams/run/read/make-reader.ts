import { NatsxError, usageError } from '../../../core/errors.js';
import { isAtLeast } from '../../../core/server-needs.js';
import type { StreamInfo } from '../../model/stream-info.js';
import type { MessageInPlace } from '../../../core/message/message-in-place.js';
import { deliverFrom, type ReadRange } from '../../model/read-range.js';
import { compileAnySubjectMatcher } from '../../../core/subject/subject-match.js';
import { readStream } from '../api/jetstream-entities.js';
import type { Session } from '../../../wire/session.js';
import { DirectReader } from './direct-reader.js';
import { OrderedConsumer, type ConsumerStart } from './ordered-consumer.js';
import type { PullLimits } from './pull-loop.js';
import type { SessionJetStream } from '../manage/session-jetstream.js';
import type { StreamDelivery, StreamReader, StreamReaderHandlers } from './stream-reader.js';

export interface ReaderPlan {
  readonly info: StreamInfo;
  readonly filters: readonly string[];
  readonly range: ReadRange;
  readonly inboxPrefix: string;
  /** How much may be in transit. @default enough to keep the server busy */
  readonly window?: PullLimits | undefined;
  readonly handlers: StreamReaderHandlers;
}

/** Enough to keep the server busy, and a limit for a reader that pauses. */
const WINDOW: PullLimits = { messages: 20_000, bytes: 16 * 1024 * 1024 };
/** The first version in which a consumer may have several filters. */
const HAS_FILTERS = '2.10';

/** Whether a stream is read without a consumer: on a work queue, it would take messages from the workers. */
export function readsDirectly(info: StreamInfo): boolean {
  return info.config.retention === 'workqueue';
}

/** Which of the reader's messages are wanted; undefined when all are. */
export function localFilter(
  api: SessionJetStream,
  { info, filters, range }: Pick<ReaderPlan, 'info' | 'filters' | 'range'>,
): ((message: MessageInPlace, delivery: StreamDelivery) => boolean) | undefined {
  const direct = readsDirectly(info);
  const filtersAll = direct ? filters.length <= 1 : takesFilters(api, filters);
  const matches = filtersAll ? () => true : compileAnySubjectMatcher(filters);
  if (direct && range.start.from === 'time') {
    const fromMs = Date.parse(range.start.time);
    return (message, { timeMs }) => timeMs >= fromMs && matches(message.subject);
  }
  return filtersAll ? undefined : (message) => matches(message.subject);
}

function takesFilters(api: SessionJetStream, filters: readonly string[]): boolean {
  return filters.length <= 1 || isAtLeast(api.serverVersion, HAS_FILTERS);
}

/** The reader for this stream. @throws {NatsxError} usage — a start that is not possible for a work queue */
export function makeReader(
  session: Session,
  api: SessionJetStream,
  plan: ReaderPlan,
): StreamReader {
  return readsDirectly(plan.info)
    ? directReader(session, api, plan)
    : orderedReader(session, api, plan);
}

function orderedReader(session: Session, api: SessionJetStream, plan: ReaderPlan): StreamReader {
  const { info, filters, range, inboxPrefix, window = WINDOW, handlers } = plan;
  const stream = info.config.name;
  const newest = info.state.last_seq;
  const { start } = range;
  const serverFilters = takesFilters(api, filters) ? filters : [];
  const resumeAt = async (lastSeq: number): Promise<ConsumerStart> => {
    const now = await readStream(api, stream);
    if (now.state.last_seq < lastSeq) throw replaced(stream, lastSeq, now);
    // Of messages stored after reading began, all are wanted, not only the newest of each subject.
    if (start.from === 'last-per-subject' && lastSeq < newest) return deliverFrom(start, newest);
    return { deliver_policy: 'by_start_sequence', opt_start_seq: lastSeq + 1 };
  };
  const consumerPlan = {
    stream,
    filters: filtersFor(start.from, serverFilters),
    start: deliverFrom(start, newest + 1),
    resumeAt,
    inboxPrefix,
    limits: window,
  };
  return new OrderedConsumer({ session, api, plan: consumerPlan, handlers });
}

/** A consumer with last_per_subject needs a filter. */
function filtersFor(
  from: ReadRange['start']['from'],
  filters: readonly string[],
): readonly string[] {
  return from === 'last-per-subject' && filters.length === 0 ? ['>'] : filters;
}

function directReader(session: Session, api: SessionJetStream, plan: ReaderPlan): StreamReader {
  const { info, filters, range, inboxPrefix, handlers } = plan;
  const { state, config } = info;
  const { start } = range;
  const from = {
    stream: config.name,
    filters,
    inboxPrefix,
    allowDirect: config.allow_direct === true,
  };
  const reader = (fromSeq: number): StreamReader =>
    new DirectReader({ session, api, plan: { ...from, fromSeq }, handlers });
  switch (start.from) {
    case 'first':
      return reader(1);
    case 'seq':
      return reader(start.seq);
    case 'new':
      return reader(state.last_seq + 1);
    case 'last':
      return reader(Math.max(1, state.last_seq));
    case 'time':
      return reader(1);
    case 'last-per-subject':
      throw usageError(
        `"${config.name}" is a work queue, which cannot be read from the newest message of each subject`,
        'use --from-seq or --from-start',
      );
  }
}

function replaced(stream: string, lastSeq: number, now: StreamInfo): NatsxError {
  return new NatsxError(
    'unhealthy',
    `"${stream}" now ends at message ${now.state.last_seq}, but message ${lastSeq} was already read: ` +
      'it was replaced, or messages were lost',
    {
      hint: 'check the stream with natsx stream info, then read it again',
      details: { stream, last_seq: now.state.last_seq, read_to: lastSeq },
    },
  );
}
