import type { NatsConnection } from '@nats-io/transport-node';

import { patternCovers } from '../../core/subject/subject-match.js';
import type { PeekedMessage, PeekResult, SubjectBacklog } from '../model/peek.js';
import type { ConsumerSample, StreamSample } from '../../streams/model/snapshot.js';
import { NatsxError } from '../../core/errors.js';
import type { StoredMessage } from '../../streams/model/stored-message.js';
import type { JetStreamScope } from '../../connection/model/api-scope.js';
import { checkExactSequences } from '../../streams/model/sequence.js';
import type { SubjectShare } from '../model/series.js';
import {
  countMessages,
  firstMessage,
  type FoundMessage,
  type MessageQuestion,
} from '../../streams/run/api/messages.js';
import { openBacklogRequests, type BacklogRequests } from '../../streams/run/api/requests.js';
import { consumerSample, streamSample } from '../../streams/run/api/samples.js';
import { openJetStreamApi } from '../../streams/run/api/jetstream-api.js';
import { readConsumer, readStream } from '../../streams/run/api/jetstream-entities.js';
import { subjectsOf } from './subjects.js';

type Port = Pick<NatsConnection, 'request' | 'requestMany' | 'info'>;

export interface PeekRequest {
  readonly stream: string;
  readonly consumer: string;
  readonly count: number;
  readonly scope: JetStreamScope;
}

/**
 * The messages that a consumer is stuck on, from its ack floor on, and those that it will receive next. Read from the
 * stream, so the consumer neither delivers nor counts anything. Messages acknowledged out of order between the floor
 * and the last delivery cannot be distinguished from others; all of them are marked as delivered.
 *
 * @throws {NatsxError} not-found; auth — messages may not be read
 */
export async function peek(port: Port, request: PeekRequest): Promise<PeekResult> {
  const { stream, consumer, requests } = await look(port, request);
  const question = {
    stream,
    apiPrefix: request.scope.apiPrefix,
    filters: consumer.config.filters,
  };
  const messages: PeekedMessage[] = [];
  let seq = Math.max(consumer.ackFloor.streamSeq + 1, stream.firstSeq);
  // If nothing is in flight, the next message is what matters.
  if (consumer.ackPending === 0) seq = Math.max(seq, consumer.delivered.streamSeq + 1);
  while (messages.length < request.count && seq <= stream.lastSeq) {
    const found = await firstMessage(requests, { ...question, from: { seq } });
    if (found === 'unreadable') throw unreadable(request.stream, request.scope.apiPrefix);
    if (found === undefined) break;
    messages.push({
      stored: storedMessage(request.stream, found),
      ageMs: Math.max(0, consumer.atMs - found.storedMs),
      delivered: found.seq <= consumer.delivered.streamSeq,
    });
    seq = found.seq + 1;
  }
  return { stream: request.stream, consumer: request.consumer, messages };
}

export interface SubjectsRequest {
  readonly stream: string;
  readonly consumer?: string | undefined;
  readonly top: number;
  readonly scope: JetStreamScope;
}

/** Counting from a position costs one request per subject. */
const MOST_COUNTED = 200;

/**
 * What a stream stores, or what a consumer has yet to process, by subject, biggest first.
 *
 * @throws {NatsxError} not-found; auth — the subjects may not be counted
 */
export async function backlogSubjects(
  port: Port,
  request: SubjectsRequest,
): Promise<SubjectBacklog> {
  const { consumer: name, stream: streamName, top, scope } = request;
  const { stream, consumer, requests } = await look(port, request);
  const counted = await subjectsOf(requests, streamName, '>');
  if (counted === undefined) throw unreadable(streamName, scope.apiPrefix);
  const { shares: all, whole } = counted;
  const base = { stream: streamName, consumer: name };
  const partly = whole ? undefined : 'pages';
  if (consumer === undefined) return { ...base, ...biggest(all, top), inexact: partly };
  const { filters } = consumer.config;
  const matching = all.filter(
    ({ subject }) => filters.length === 0 || filters.some((one) => patternCovers(one, subject)),
  );
  const from = Math.max(consumer.ackFloor.streamSeq + 1, stream.firstSeq);
  const question = { stream, apiPrefix: scope.apiPrefix, filters };
  const acknowledged = await someAcknowledged(requests, consumer, { ...question, from });
  const inexact = partly ?? (acknowledged ? 'acknowledged' : undefined);
  // A queue stores only unfinished messages; with limits retention, count from the floor on.
  if (stream.config.retention === 'workqueue' || from <= stream.firstSeq) {
    return { ...base, ...biggest(matching, top), inexact };
  }
  const counts = await Promise.all(
    matching.slice(0, MOST_COUNTED).map(async ({ subject }) => {
      const tail = { ...question, from: { seq: from }, filters: [subject] };
      return { subject, messages: await countMessages(requests, tail) };
    }),
  );
  const behind = counts.flatMap(({ subject, messages }) =>
    messages === 'unreadable' ? [] : [{ subject, messages }],
  );
  if (behind.length < counts.length) {
    return { ...base, ...biggest(matching, top), inexact: 'whole stream' };
  }
  const rest = matching.length > MOST_COUNTED ? 'largest' : inexact;
  return { ...base, ...biggest(behind, top), inexact: rest };
}

function biggest(
  subjects: readonly SubjectShare[],
  top: number,
): Pick<SubjectBacklog, 'subjects' | 'subjectCount' | 'messages'> {
  const waiting = subjects.filter(({ messages }) => messages > 0);
  return {
    subjects: waiting.toSorted((a, b) => b.messages - a.messages).slice(0, top),
    subjectCount: waiting.length,
    messages: waiting.reduce((sum, { messages }) => sum + messages, 0),
  };
}

/** More messages are between the floor and the cursor than are in flight. Both tails are counted at once, because they grow. */
async function someAcknowledged(
  requests: BacklogRequests,
  { ackFloor, ackPending, delivered }: ConsumerSample,
  { from, ...question }: Omit<MessageQuestion, 'from'> & { readonly from: number },
): Promise<boolean> {
  if (question.stream.config.retention === 'workqueue' || ackPending === 0) return false;
  if (ackFloor.streamSeq >= delivered.streamSeq) return false;
  const [unsettled, ahead] = await Promise.all([
    countMessages(requests, { ...question, from: { seq: from } }),
    countMessages(requests, { ...question, from: { seq: delivered.streamSeq + 1 } }),
  ]);
  if (unsettled === 'unreadable' || ahead === 'unreadable') return true;
  return unsettled - ahead > ackPending;
}

interface Looked {
  readonly stream: StreamSample;
  readonly requests: BacklogRequests;
}

function look(
  port: Port,
  target: PeekRequest,
): Promise<Looked & { readonly consumer: ConsumerSample }>;
function look(
  port: Port,
  target: SubjectsRequest,
): Promise<Looked & { readonly consumer: ConsumerSample | undefined }>;
async function look(
  port: Port,
  { stream, consumer, scope }: PeekRequest | SubjectsRequest,
): Promise<Looked & { readonly consumer: ConsumerSample | undefined }> {
  const api = openJetStreamApi(port, scope);
  const requests = openBacklogRequests(port, scope);
  const info = await readStream(api, stream);
  checkExactSequences(info);
  const own = consumer === undefined ? undefined : await readConsumer(api, stream, consumer);
  return {
    requests,
    stream: streamSample(info, Date.now()),
    consumer: own && consumerSample(own, Date.now()),
  };
}

function storedMessage(stream: string, found: FoundMessage): StoredMessage {
  const { seq, subject, payload, headers } = found;
  const message = { subject, payload, headers, receivedAtMs: Date.now() };
  return { stream, seq, time: new Date(found.storedMs).toISOString(), message };
}

function unreadable(stream: string, apiPrefix: string): NatsxError {
  return new NatsxError('auth', `the messages of "${stream}" cannot be read`, {
    hint: `this needs permission to publish to ${apiPrefix}.DIRECT.GET.${stream} or ${apiPrefix}.STREAM.MSG.GET.${stream}`,
  });
}
