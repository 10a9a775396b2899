import type { ConsumerInfo } from './consumer-info.js';
import { filtersOf } from './interest.js';
import type { StreamConfig, StreamInfo } from './stream-info.js';
import { patternsOverlap } from '../../core/subject/subject-match.js';
import { agree, plural } from '../../core/wording.js';
import { formatDuration, formatDurationMs } from '../../core/values/duration.js';

/** Facts about a consumer whose worker gets no messages. */
export interface IdleFacts {
  readonly consumer: ConsumerInfo;
  readonly stream: StreamInfo;
  /** Messages of the stream that match the consumer's filters; undefined if not requested. */
  readonly matching?: number | undefined;
}

/** Why a consumer delivers nothing to a worker, as a sentence; undefined if there is nothing to deliver. */
export function idleReason(facts: IdleFacts): string | undefined {
  return paused(facts) ?? beyondTheEnd(facts) ?? allHandedOut(facts) ?? matchesNothing(facts);
}

/** Whether {@link idleReason} needs to know how many messages match. */
export function needsMatching({ consumer, stream }: IdleFacts): boolean {
  const isFresh = consumer.num_pending === 0 && consumer.delivered.consumer_seq === 0;
  return isFresh && stream.state.messages > 0 && !filtersOf(consumer.config).includes('>');
}

function paused({ consumer }: IdleFacts): string | undefined {
  if (consumer.paused !== true) return undefined;
  const { pause_until: until } = consumer.config;
  const rest = consumer.pause_remaining;
  const when = typeof until === 'string' ? ` until ${until}` : '';
  const left = rest === undefined ? '' : ` (${formatDuration(rest)} from now)`;
  return `${nameOf(consumer)} is paused${when}${left}: to resume: natsx consumer resume ${consumer.stream_name} ${consumer.name}`;
}

function beyondTheEnd({ consumer, stream }: IdleFacts): string | undefined {
  const { stream_seq: at } = consumer.delivered;
  const { last_seq: last } = stream.state;
  if (at <= last) return undefined;
  return `${nameOf(consumer)} continues after message ${at}, but the stream ends at ${last}: messages stored until then are not delivered`;
}

function allHandedOut({ consumer }: IdleFacts): string | undefined {
  const { num_ack_pending: open, num_pending: pending, config } = consumer;
  const most = config.max_ack_pending ?? 0;
  if (most <= 0 || open < most || pending === 0) return undefined;
  const wait = config.ack_wait === undefined ? '' : ` (${formatDurationMs(config.ack_wait / 1e6)})`;
  const them = `${plural(open, 'message')} ${agree(open, 'has', 'have')}`;
  return `${nameOf(consumer)} waits for acknowledgements: ${them} been delivered to other workers and not acknowledged, as many as max_ack_pending allows; they are redelivered after the ack wait${wait}`;
}

function matchesNothing({ consumer, stream, matching }: IdleFacts): string | undefined {
  const filters = filtersOf(consumer.config);
  if (filters.includes('>') || consumer.num_pending > 0) return undefined;
  const what = `${agree(filters.length, 'the filter', 'the filters')} ${filters.join(', ')} of ${nameOf(consumer)}`;
  const subjects = stream.config.subjects ?? [];
  const canMatch = filters.some((one) => subjects.some((other) => patternsOverlap(one, other)));
  if (!canMatch && hasOwnSubjectsOnly(stream.config)) {
    return `${what} cannot match anything: the stream ${consumer.stream_name} stores ${subjects.join(', ')}`;
  }
  if (matching !== 0) return undefined;
  return `${what} ${agree(filters.length, 'matches', 'match')} no message in the stream now`;
}

/** Mirrors, sources and transforms add other subjects. */
function hasOwnSubjectsOnly(config: StreamConfig): boolean {
  const others = [config['mirror'], config['sources'], config['subject_transform']];
  return others.every((one) => one === undefined || one === null);
}

function nameOf({ name, stream_name: stream }: ConsumerInfo): string {
  return `the consumer ${name} of ${stream}`;
}
