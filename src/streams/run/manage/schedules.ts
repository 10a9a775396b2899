import type { Client } from '../../../connection/connect.js';
import type { JetStreamScope } from '../../../connection/model/api-scope.js';
import { NatsxError } from '../../../core/errors.js';
import { quoted } from '../../../core/printable.js';
import type { MissingAsset } from '../../model/listing.js';
import {
  checkSchedulesKnown,
  nextRunMs,
  scheduleOf,
  statedNextMs,
  type MessageSchedule,
} from '../../model/message-schedule.js';
import type { StreamSample } from '../../model/snapshot.js';
import type { StoredSchedule } from '../../model/stored-schedule.js';
import { openJetStreamApi, type JetStreamApi } from '../api/jetstream-api.js';
import { readStream, readSubjects } from '../api/jetstream-entities.js';
import { purgeStream, readMessage } from '../api/jetstream-streams.js';
import { listing } from '../api/listing.js';
import { firstMessage, type FoundMessage } from '../api/messages.js';
import { streamSample } from '../api/samples.js';
import { openBacklogRequests, withConcurrency, type BacklogRequests } from '../api/requests.js';

/** Reads that are under way at a time. */
const READS = 64;

interface SchedulesRequest {
  /** Undefined: every stream that allows schedules. */
  readonly stream: string | undefined;
  /** Only schedules on matching subjects. */
  readonly filter: string;
  readonly scope: JetStreamScope;
}

/** What is scheduled, and what could not be read. */
export interface ScheduleListing {
  readonly schedules: readonly StoredSchedule[];
  /** How many messages could not be read. */
  readonly unreadable: number;
  readonly missing: readonly MissingAsset[];
}

interface Reading {
  readonly api: JetStreamApi;
  readonly requests: BacklogRequests;
  readonly stream: StreamSample;
}

/**
 * The schedules that streams hold, those that are due first. Messages are read one by one, without a consumer, so
 * that nothing is taken from a work queue.
 *
 * @throws {NatsxError} not-found — the stream, or JetStream is off; as `listing`
 */
export async function listSchedules(
  { connection }: Client,
  { stream: name, filter, scope }: SchedulesRequest,
): Promise<ScheduleListing> {
  const api = openJetStreamApi(connection, scope);
  checkSchedulesKnown(api.serverVersion);
  const requests = openBacklogRequests(connection, scope);
  const { streams, missing } =
    name === undefined
      ? await listing(connection, { scope })
      : { streams: [await sampleOf(api, name)], missing: [] };
  const schedules: StoredSchedule[] = [];
  let unreadable = 0;
  for (const stream of streams) {
    if (stream.config.allowSchedules !== true) continue;
    const found = await schedulesOf({ api, requests, stream }, filter);
    schedules.push(...found.schedules);
    unreadable += found.unreadable;
  }
  const dueAt = ({ nextMs = Infinity }: StoredSchedule): number => nextMs;
  return { schedules: schedules.toSorted((a, b) => dueAt(a) - dueAt(b)), unreadable, missing };
}

async function schedulesOf(
  reading: Reading,
  filter: string,
): Promise<{ readonly schedules: readonly StoredSchedule[]; readonly unreadable: number }> {
  const { api, requests, stream } = reading;
  const counts = await readSubjects(api, stream.name, filter);
  // A schedule removes every earlier message of its subject.
  const subjects = [...counts].filter(([, count]) => count === 1).map(([subject]) => subject);
  const found: { readonly message: FoundMessage; readonly schedule: MessageSchedule }[] = [];
  let unreadable = 0;
  await withConcurrency(
    subjects,
    () => READS,
    async (subject) => {
      const from = { seq: stream.firstSeq };
      const question = { stream, apiPrefix: api.apiPrefix, from, filters: [subject] };
      const message = await firstMessage(requests, question);
      if (message === 'unreadable') unreadable += 1;
      if (message === undefined || message === 'unreadable') return;
      const schedule = scheduleOf(message.headers);
      if (schedule !== undefined) found.push({ message, schedule });
    },
  );
  const nowMs = await serverTimeMs(api, stream.name);
  const schedules: StoredSchedule[] = [];
  await withConcurrency(
    found,
    () => READS,
    async ({ message, schedule }) => {
      const statedMs = await statedMsOf(api, stream.name, message.subject, schedule);
      schedules.push(storedSchedule(stream, { message, schedule, nowMs, statedMs }));
    },
  );
  return { schedules, unreadable };
}

async function sampleOf(api: JetStreamApi, stream: string): Promise<StreamSample> {
  return streamSample(await readStream(api, stream), Date.now());
}

async function serverTimeMs(api: JetStreamApi, stream: string): Promise<number> {
  const { ts } = await readStream(api, stream);
  return ts === undefined ? Date.now() : Date.parse(ts);
}

/** What the last message on the target says about the next one. */
async function statedMsOf(
  api: JetStreamApi,
  stream: string,
  subject: string,
  { rule, target }: MessageSchedule,
): Promise<number | undefined> {
  if (target === undefined || rule === undefined || rule.kind === 'at') return undefined;
  try {
    const { message } = await readMessage(api, stream, { by: 'last', subject: target });
    return statedNextMs(message.headers, subject);
  } catch (error) {
    if (error instanceof NatsxError && error.kind === 'not-found') return undefined;
    throw error;
  }
}

function storedSchedule(
  stream: StreamSample,
  facts: {
    readonly message: FoundMessage;
    readonly schedule: MessageSchedule;
    readonly nowMs: number;
    readonly statedMs: number | undefined;
  },
): StoredSchedule {
  const { message, schedule, nowMs } = facts;
  const { rule, target, pattern } = schedule;
  // A consumer may have removed later messages of this schedule, which said more.
  const isStale = stream.config.retention !== 'limits' && (facts.statedMs ?? 0) < nowMs;
  const statedMs = isStale ? undefined : facts.statedMs;
  const known = { storedMs: message.storedMs, nowMs, statedMs };
  const nextMs = rule === undefined ? undefined : nextRunMs(rule, known);
  return {
    stream: stream.name,
    seq: message.seq,
    subject: message.subject,
    target,
    pattern,
    timeZone: rule?.kind === 'cron' ? rule.timeZone : undefined,
    nextMs,
    lateMs: nextMs === undefined ? 0 : Math.max(0, Math.round(nowMs - nextMs)),
  };
}

interface CancelRequest {
  readonly stream: string;
  readonly subject: string;
  readonly apply: boolean;
}

/** @throws {NatsxError} not-found — the stream, or there is no schedule on the subject; rejected */
export async function cancelSchedule(
  { connection }: Client,
  scope: JetStreamScope,
  { stream: name, subject, apply }: CancelRequest,
): Promise<StoredSchedule> {
  const api = openJetStreamApi(connection, scope);
  checkSchedulesKnown(api.serverVersion);
  const requests = openBacklogRequests(connection, scope);
  const stream = await sampleOf(api, name);
  const { schedules, unreadable } = await schedulesOf({ api, requests, stream }, subject);
  const [schedule] = schedules;
  if (schedule === undefined) {
    if (unreadable > 0) await readMessage(api, name, { by: 'last', subject });
    throw noSchedule(name, subject);
  }
  // A schedule that replaced this one meanwhile stays. A stream with schedules allows purges in any case.
  if (apply && (await purgeStream(api, name, { filter: subject, seq: schedule.seq + 1 })) === 0)
    throw noSchedule(name, subject);
  return schedule;
}

function noSchedule(stream: string, subject: string): NatsxError {
  return new NatsxError(
    'not-found',
    `the stream "${stream}" has no schedule on ${quoted(subject)}`,
    { hint: `natsx schedule ls ${stream} lists its schedules`, details: { stream, subject } },
  );
}
