import type { ServerInfo } from '../../wire/server-info.js';
import { BATCH_NEEDS, checkBatchNeeds, type BatchMode } from '../../streams/model/batch-needs.js';
import { NatsxError, usageError } from '../../core/errors.js';
import { plural } from '../../core/wording.js';
import type { ConsumerConfig, ConsumerInfo } from '../../streams/model/consumer-info.js';
import type { StreamInfo } from '../../streams/model/stream-info.js';
import { patternCovers, patternsOverlap } from '../../core/subject/subject-match.js';
import { hasWildcard } from '../../core/subject/subject.js';
import type { ConsumerConditions, StreamConditions } from '../model/report.js';
import { ownSubject } from '../model/run-id.js';
import { createConsumer, deleteConsumer } from '../../streams/run/api/jetstream-consumers.js';
import type { JetStreamApi } from '../../streams/run/api/jetstream-api.js';
import { readConsumer } from '../../streams/run/api/jetstream-entities.js';

/** How messages are read from the stream: with an existing consumer, or with one that is created for the run. */
export type RunConsumer =
  | { readonly kind: 'existing'; readonly name: string }
  | {
      readonly kind: 'own';
      readonly ackPolicy: 'explicit' | 'all' | 'none';
      readonly ackWaitMs: number;
      readonly maxDeliver: number;
      /** The reader recognizes redeliveries of what it has processed, by their place in the stream. */
      readonly remembers?: boolean;
    }
  /** A temporary consumer, which is created again after the last message if one is missing. */
  | { readonly kind: 'ordered' };

/** The subject of a run. */
export interface RunSubject {
  /** The subject to publish to. */
  readonly subject: string;
  /** The subject on which messages arrive: a different one if a server or stream maps it; it may have wildcards. */
  readonly arrivesAt: string;
  /** Whether only this run uses the subject. */
  readonly exclusive: boolean;
}

/** The subjects that were given, if any. */
export interface GivenSubjects {
  readonly subject: string | undefined;
  readonly receiveSubject: string | undefined;
}

/** A run without a stream: a unique subject, unless one is given. */
export function coreSubject({ subject, receiveSubject }: GivenSubjects, runId: string): RunSubject {
  const own = subject ?? ownSubject(runId);
  const exclusive = subject === undefined && receiveSubject === undefined;
  return { subject: own, arrivesAt: receiveSubject ?? own, exclusive };
}

/** The consumer of a run, and what the report shows of it. */
export interface TakenConsumer {
  readonly info: ConsumerInfo;
  readonly conditions: ConsumerConditions;
}

/** max_ack_pending of the run's consumer; more than the server's default. */
const MAX_ACK_PENDING = 20_000;
/** The server removes the consumer of a killed run after this time. */
const INACTIVE_NS = 300e9;

/**
 * The subject of a run in this stream: the given one, or one of the stream's subjects with the run id in place of a
 * wildcard.
 *
 * @throws {NatsxError} usage — the stream does not store the subject, or has no subjects
 */
export function subjectInStream(
  info: StreamInfo,
  { subject: given, receiveSubject }: GivenSubjects,
  runId: string,
): RunSubject {
  const name = info.config.name;
  const subjects = info.config.subjects ?? [];
  const open = subjects.find(hasWildcard);
  const own = open === undefined ? subjects[0] : fillIn(open, runId);
  const subject = given ?? own;
  if (subject !== undefined) {
    const arrivesAt = receiveSubject ?? subject;
    const kept = [subject, arrivesAt].some((one) =>
      subjects.some((pattern) => patternsOverlap(pattern, one)),
    );
    if (!kept) throw notKept(name, subject, subjects);
    const exclusive = given === undefined && receiveSubject === undefined && open !== undefined;
    return { subject, arrivesAt, exclusive };
  }
  throw usageError(
    `the stream "${name}" has no subjects`,
    'it gets its messages from other streams: verify one of those',
  );
}

function notKept(stream: string, subject: string, subjects: readonly string[]): Error {
  return usageError(
    `the stream "${stream}" does not store the subject ${subject}`,
    `its subjects: ${subjects.join(', ') || 'none'}; if a server maps ${subject} to one of them, name that with --receive-subject`,
  );
}

/** @throws {NatsxError} usage, rejected — the stream cannot be used for the run */
export function checkStreamFits(
  info: StreamInfo,
  subject: RunSubject,
  use: { readonly mode: BatchMode | undefined; readonly server: ServerInfo | undefined },
): void {
  checkKeepsName(info, subject);
  checkAllowsBatches(info, use.mode, use.server?.version ?? '');
}

/** @throws {NatsxError} rejected — the server or the stream does not know batches */
export function checkAllowsBatches(
  { config }: StreamInfo,
  mode: BatchMode | undefined,
  serverVersion: string,
): void {
  if (mode === undefined) return;
  checkBatchNeeds(mode, serverVersion);
  const { key, flag } = BATCH_NEEDS[mode];
  if (config[key] === true) return;
  throw new NatsxError('rejected', `the stream "${config.name}" does not allow ${mode} batches`, {
    hint: `allow them with natsx stream edit ${config.name} ${flag} --yes`,
  });
}

/**
 * Unless a subject for receiving is given, messages have to arrive on the subject they are published to.
 *
 * @throws {NatsxError} usage — the stream stores them under another subject
 */
export function checkKeepsName({ config }: StreamInfo, { subject, arrivesAt }: RunSubject): void {
  if (subject !== arrivesAt) return;
  const { src, dest } = (config['subject_transform'] ?? {}) as { src?: string; dest?: string };
  if (dest === undefined || !patternCovers(src === undefined || src === '' ? '>' : src, subject)) {
    return;
  }
  throw usageError(
    `the stream "${config.name}" stores ${subject} under another subject: its subject transform is ${dest}`,
    'give that subject with --receive-subject, or as SUBJECT of verify receive',
  );
}

const OWN_PREFIX = 'natsx-verify-';

/** Whether a token of a subject is one that runs use in place of a wildcard. */
export function isOwnToken(token: string): boolean {
  return token.startsWith(OWN_PREFIX);
}

function fillIn(pattern: string, runId: string): string {
  const token = `${OWN_PREFIX}${runId}`;
  return pattern
    .split('.')
    .map((part) => (part === '*' || part === '>' ? token : part))
    .join('.');
}

/**
 * Looks up the consumer, or creates one that starts after the current messages of the stream.
 *
 * @throws {NatsxError} not-found; usage — it cannot be used for this; rejected — JetStream refuses it
 */
export async function takeConsumer(
  api: JetStreamApi,
  info: StreamInfo,
  { arrivesAt }: RunSubject,
  {
    choice,
    runId,
  }: { readonly choice: Exclude<RunConsumer, { kind: 'ordered' }>; readonly runId: string },
): Promise<TakenConsumer> {
  const stream = info.config.name;
  if (choice.kind === 'existing') return existing(api, stream, choice.name, arrivesAt);
  const name = `natsx-verify-${runId}`;
  const config = ownConfig(info, name, arrivesAt, choice);
  const created = await createConsumer(api, stream, config);
  if (created.num_pending > 0) {
    await deleteConsumer(api, stream, name);
    throw new NatsxError(
      'rejected',
      `the work queue "${stream}" has ${plural(created.num_pending, 'message')} on ${arrivesAt} that verify would remove`,
      { hint: 'use a subject of this stream that no other client uses' },
    );
  }
  return taken(created, true);
}

async function existing(
  api: JetStreamApi,
  stream: string,
  name: string,
  subject: string,
): Promise<TakenConsumer> {
  const info = await readConsumer(api, stream, name);
  const { config } = info;
  if (config.deliver_subject !== undefined && config.deliver_subject !== '') {
    throw usageError(
      `the consumer "${name}" of "${stream}" is a push consumer, but verify needs a pull consumer`,
      'use a pull consumer, or omit --durable',
    );
  }
  const single = config.filter_subject ?? '';
  const filters = config.filter_subjects ?? (single === '' ? [] : [single]);
  if (filters.length > 0 && !filters.some((filter) => patternsOverlap(filter, subject))) {
    throw usageError(
      `the consumer "${name}" of "${stream}" does not get ${subject}`,
      `it gets ${filters.join(', ')}: use a matching SUBJECT`,
    );
  }
  return taken(info, false);
}

function ownConfig(
  info: StreamInfo,
  name: string,
  subject: string,
  choice: Extract<RunConsumer, { kind: 'own' }>,
): ConsumerConfig & { readonly name: string } {
  const { ackPolicy, ackWaitMs, maxDeliver } = choice;
  const workQueue = info.config.retention === 'workqueue';
  // On a work queue, a consumer can only start at the first message.
  const start = workQueue
    ? { deliver_policy: 'all' }
    : { deliver_policy: 'by_start_sequence', opt_start_seq: info.state.last_seq + 1 };
  const acks = {
    ack_wait: ackWaitMs * 1e6,
    max_deliver: maxDeliver,
    max_ack_pending: MAX_ACK_PENDING,
  };
  return {
    name,
    durable_name: name,
    description: 'created by natsx verify; safe to delete',
    ...start,
    ack_policy: ackPolicy,
    ...(ackPolicy !== 'none' && acks),
    filter_subject: subject,
    replay_policy: 'instant',
    inactive_threshold: INACTIVE_NS,
  };
}

function taken(info: ConsumerInfo, own: boolean): TakenConsumer {
  const { name, config } = info;
  const conditions = {
    name,
    ackPolicy: config.ack_policy ?? 'none',
    ackWaitMs: (config.ack_wait ?? 0) / 1e6,
    maxDeliver: config.max_deliver ?? -1,
    own,
  };
  return { info, conditions };
}

export function streamConditions({ config }: StreamInfo): StreamConditions {
  return {
    name: config.name,
    storage: config.storage ?? 'file',
    replicas: config.num_replicas ?? 1,
    retention: config.retention ?? 'limits',
    discard: config.discard ?? 'old',
  };
}
