import { setTimeout as sleep } from 'node:timers/promises';
import { NatsxError } from '../../core/errors.js';
import type { ErrorKind } from '../../core/errors.js';
import type { BenchPlan } from '../model/plan.js';
import { SCENARIOS } from '../model/scenario.js';
import type { StoredSequences } from './worker-setup.js';
import { checkForeignStream } from './foreign-stream.js';
import type { ForeignUse } from './foreign-stream.js';
import { apiError } from './jetstream-api.js';
import type { StreamConfig } from '../../streams/model/stream-info.js';
import type { ApiReply, BenchJetStream } from './jetstream-api.js';
import { createOwnStream, streamNeed } from './own-stream.js';
import type { StreamNeed } from './own-stream.js';
import { checkRoom, freeBytes } from './storage-room.js';

/** What a run needs in JetStream, and how to get rid of it again. */
export interface JetStreamAssets {
  readonly stream: string;
  /** Messages that an own stream has to be filled with. */
  readonly fill: number;
  /** Whether reading takes messages out of a stream that is not the run's own. */
  readonly removesRead: boolean;
  /** Sequences that were in the stream at the start. */
  readonly stored: StoredSequences;
  /** Names and creates the consumer of one pass. */
  readonly consumerFor: (pass: number) => Promise<PassConsumer>;
  /** Removes what was created. Never rejects; gives a note when something is left. */
  readonly remove: () => Promise<readonly string[]>;
}

export interface PassConsumer {
  readonly name: string;
  /** Messages that it has to deliver. */
  readonly pending: number;
}

/** A consumer that a killed run left behind goes by itself. */
const INACTIVE_NS = 30e9;

/**
 * Creates the run's own stream, or takes the one that the plan names.
 * @throws {NatsxError} not-found — no JetStream, no such stream; rejected — it would not fit, or is not for benchmarks;
 *   usage — it does not store the subject
 */
export async function prepareJetStream(
  api: BenchJetStream,
  request: ForeignUse,
): Promise<JetStreamAssets> {
  const { plan } = request;
  const created: string[] = [];
  const stream = plan.stream ?? `NATSX_BENCH_${plan.runId}`;
  const found = plan.stream === undefined ? undefined : await existing(api, plan, stream);
  if (found !== undefined) checkForeignStream(stream, found, request);
  const room = await roomFor(api, plan, found?.config);
  const removesRead = (found?.config?.retention ?? 'limits') !== 'limits';
  let fill = 0;
  if (found === undefined) {
    const maxBytes = await createOwn(api, plan, { name: stream, ...room });
    created.push(`STREAM.DELETE.${stream}`);
    fill = fillOf(plan, room.need, maxBytes);
  }
  const consumers: string[] = [];
  return {
    stream,
    fill,
    removesRead: removesRead && SCENARIOS[plan.scenario].stream === 'consume',
    stored: storedIn(found),
    consumerFor: async (pass) => {
      // A work queue has room for one consumer.
      if (removesRead) await removeAll(api, consumers.splice(0));
      const made = await createConsumer(api, plan, { stream, pass });
      consumers.push(`CONSUMER.DELETE.${stream}.${made.name}`);
      if (plan.goal.kind === 'stored' && made.pending === 0) throw nothingStored(plan, stream);
      return made;
    },
    remove: () => removeAll(api, [...consumers.reverse(), ...created]),
  };
}

function storedIn(found: ApiReply | undefined): StoredSequences {
  const { first_seq: first = 0, last_seq: last = 0 } = found?.state ?? {};
  return { first, last };
}

/** A stream of less room than wanted is filled with less. */
function fillOf(plan: BenchPlan, need: StreamNeed, maxBytes: number): number {
  if (SCENARIOS[plan.scenario].stream === 'write') return 0;
  return Math.min(need.messages, Math.floor(maxBytes / need.messageBytes));
}

async function createConsumer(
  api: BenchJetStream,
  plan: BenchPlan,
  { stream, pass }: { readonly stream: string; readonly pass: number },
): Promise<PassConsumer> {
  const name = consumerName(plan, pass);
  const body = { stream_name: stream, config: consumerConfig(plan, name) };
  const path = `CONSUMER.CREATE.${stream}.${name}${filterOf(plan) === undefined ? '' : `.${plan.subject}`}`;
  const made = await api.demand(path, body, `creating the consumer ${name}`);
  return { name, pending: made.num_pending ?? 0 };
}

/** Readers need a stream that is there; a writer makes it. */
async function existing(
  api: BenchJetStream,
  plan: BenchPlan,
  stream: string,
): Promise<ApiReply | undefined> {
  const path = `STREAM.INFO.${stream}`;
  if (SCENARIOS[plan.scenario].stream !== 'write')
    return api.demand(path, {}, `reading the stream ${stream}`);
  const reply = await api.ask(path);
  if (reply.error === undefined) return reply;
  if (reply.error.code === 404) return undefined;
  throw apiError(reply.error, `reading the stream ${stream}`);
}

interface Room {
  /** Bytes that the account may still store. */
  readonly roomBytes: number;
  readonly need: StreamNeed;
}

/** @throws {NatsxError} rejected — there is not room enough */
async function roomFor(
  api: BenchJetStream,
  plan: BenchPlan,
  found: StreamConfig | undefined,
): Promise<Room> {
  const account = await api.demand('INFO', {}, 'reading the JetStream account');
  const storage = found?.storage ?? plan.storage;
  const replicas = found?.num_replicas ?? plan.replicas;
  const roomBytes = freeBytes(account, { storage, replicas, isNew: found === undefined });
  const need = streamNeed(plan, replicas, roomBytes);
  checkRoom(need, roomBytes, storage);
  return { roomBytes, need };
}

/** What was asked for may be made although its answer never came: an own name can be removed without a look. */
async function createOwn(
  api: BenchJetStream,
  plan: BenchPlan,
  request: Room & { readonly name: string },
): Promise<number> {
  try {
    return await createOwnStream(api, plan, request);
  } catch (error) {
    const isUnknown = !(error instanceof NatsxError) || UNKNOWN_ENDS.has(error.kind);
    if (isUnknown && plan.stream === undefined)
      await removeAll(api, [`STREAM.DELETE.${request.name}`]);
    throw error;
  }
}

const UNKNOWN_ENDS: ReadonlySet<ErrorKind> = new Set(['timeout', 'connection', 'internal']);

function nothingStored(plan: BenchPlan, stream: string): NatsxError {
  const filter = filterOf(plan);
  return new NatsxError(
    'not-found',
    `the stream ${stream} holds no message${filter === undefined ? '' : ` on ${filter}`}: there is nothing to consume`,
    {
      hint: 'name no stream to get one that is filled first, or wait for new messages with --msgs',
    },
  );
}

/** A server that restarts gets this long, so that nothing stays behind in it. */
const REVIVE_MS = 5_000;
const REVIVE_PAUSE_MS = 200;

async function removeAll(
  api: BenchJetStream,
  paths: readonly string[],
): Promise<readonly string[]> {
  const left: string[] = [];
  const deadline = Date.now() + REVIVE_MS;
  for (const path of paths) {
    if (!(await isRemoved(api, path, deadline))) left.push(path.split('.').slice(2).join(' > '));
  }
  return left.map((name) => `${name} could not be removed.`);
}

/** Asks again, over a new connection, where the server is on its way out or back. */
async function isRemoved(api: BenchJetStream, path: string, deadline: number): Promise<boolean> {
  for (;;) {
    try {
      await api.revive();
      const { error } = await api.ask(path);
      if (error === undefined || error.code === 404) return true;
      // 503: JetStream, or its leader, is not back yet.
      if (error.code !== 503) return false;
    } catch (error) {
      if (error instanceof NatsxError && error.kind === 'auth') return false;
    }
    if (Date.now() >= deadline) return false;
    await sleep(REVIVE_PAUSE_MS);
  }
}

/** Part of each message's reply subject and of each acknowledgement: short where it stands in an own stream. */
function consumerName(plan: BenchPlan, pass: number): string {
  return plan.stream === undefined ? `p${pass}` : `natsx_bench_${plan.runId}_${pass}`;
}

/**
 * A batch for each client may wait for its acknowledgement: the server keeps and stores what waits, and slows down
 * when that is much. Clients that acknowledge whole batches need room for the next one.
 */
function ackPending(plan: BenchPlan): number {
  const batches = plan.batch * plan.subscribers * (plan.ack === 'all' ? 2 : 1);
  return Math.max(500, batches);
}

/** A subject that was named together with a stream says which of its messages are read. */
function filterOf(plan: BenchPlan): string | undefined {
  return plan.stream === undefined || plan.ownSubject ? undefined : plan.subject;
}

function consumerConfig(plan: BenchPlan, name: string): object {
  const filter = filterOf(plan);
  return {
    name,
    durable_name: name,
    description: 'made by natsx bench; safe to delete',
    deliver_policy: 'all',
    ack_policy: plan.ack,
    ...(filter === undefined ? {} : { filter_subject: filter }),
    ...(plan.ack === 'none' ? {} : { max_ack_pending: ackPending(plan) }),
    max_waiting: Math.max(512, plan.subscribers * 8),
    inactive_threshold: INACTIVE_NS,
    replay_policy: 'instant',
  };
}
