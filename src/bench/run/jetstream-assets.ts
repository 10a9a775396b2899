import { setTimeout as sleep } from 'node:timers/promises';
import { NatsxError } from '../../core/errors.js';
import type { ErrorKind } from '../../core/errors.js';
import type { BenchPlan } from '../model/plan.js';
import { SCENARIOS } from '../model/scenario.js';
import type { StoredSequences } from './worker-setup.js';
import { checkExistingStream } from './existing-stream.js';
import type { ExistingUse } from './existing-stream.js';
import { API_CODE, apiCodeOf } from '../../streams/model/api-failure.js';
import { apiStatusOf } from './jetstream-api.js';
import type { AccountInfo } from '../../streams/model/account-info.js';
import type { StreamConfig, StreamInfo } from '../../streams/model/stream-info.js';
import type { BenchJetStream } from './jetstream-api.js';
import { checkRoom, createTemporaryStream, freeBytes, streamNeed } from './temporary-stream.js';
import type { StreamNeed } from './temporary-stream.js';
import { withNearestNames } from '../../streams/run/api/jetstream-names.js';

/** What a run needs in JetStream, and how to remove it again. */
export interface JetStreamAssets {
  readonly stream: string;
  /** Number of messages to fill a temporary stream with. */
  readonly fill: number;
  /** Whether reading removes messages from an existing stream. */
  readonly removesRead: boolean;
  /** Sequences that were in the stream at the start. */
  readonly stored: StoredSequences;
  /** Names and creates the consumer of one pass. */
  readonly consumerFor: (pass: number) => Promise<PassConsumer>;
  /** Removes what was created. Never rejects; returns a note for each thing that is left. */
  readonly remove: () => Promise<readonly string[]>;
}

export interface PassConsumer {
  readonly name: string;
  /** Messages that it has yet to deliver. */
  readonly pending: number;
}

/** After this time the server removes a consumer that a killed run left behind. */
const INACTIVE_NS = 30e9;
/** Messages whose acknowledgements a fault has cost should not be awaited for half a minute. */
const FAULTY_ACK_WAIT_NS = 1e9;

/**
 * Creates the run's temporary stream, or uses the one that the plan names.
 * @throws {NatsxError} not-found — no JetStream, no such stream; rejected — the messages would not fit, or --use-existing is missing;
 *   usage — it does not store the subject
 */
export async function prepareJetStream(
  api: BenchJetStream,
  request: ExistingUse,
): Promise<JetStreamAssets> {
  const { plan } = request;
  const created: string[] = [];
  const stream = plan.stream ?? `NATSX_BENCH_${plan.runId}`;
  const found = plan.stream === undefined ? undefined : await existing(api, plan, stream);
  if (found !== undefined) checkExistingStream(stream, found, request);
  const room = await roomFor(api, plan, found?.config);
  const removesRead = (found?.config.retention ?? 'limits') !== 'limits';
  let fill = 0;
  if (found === undefined) {
    const maxBytes = await createTemporary(api, plan, { name: stream, ...room });
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
      // A work queue allows one consumer at a time.
      if (removesRead) await removeAll(api, consumers.splice(0));
      const consumer = await createConsumer(api, plan, { stream, pass });
      consumers.push(`CONSUMER.DELETE.${stream}.${consumer.name}`);
      if (plan.goal.kind === 'stored' && consumer.pending === 0) throw nothingStored(plan, stream);
      return consumer;
    },
    remove: () => removeAll(api, [...consumers.reverse(), ...created]),
  };
}

function storedIn(found: StreamInfo | undefined): StoredSequences {
  const { first_seq: first = 0, last_seq: last = 0 } = found?.state ?? {};
  return { first, last };
}

/** A stream with less room than planned is filled with fewer messages. */
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
  const created = await api.request<{ readonly num_pending?: number }>(
    path,
    `creating the consumer "${name}" of "${stream}"`,
    body,
  );
  return { name, pending: created.num_pending ?? 0 };
}

/** The stream that the plan names; a writer creates it if it does not exist. */
async function existing(
  api: BenchJetStream,
  plan: BenchPlan,
  stream: string,
): Promise<StreamInfo | undefined> {
  const read = () =>
    api.request<StreamInfo>(`STREAM.INFO.${stream}`, `reading the stream "${stream}"`);
  if (SCENARIOS[plan.scenario].stream !== 'write') {
    return withNearestNames(api, { stream }, read);
  }
  try {
    return await read();
  } catch (error) {
    if (apiCodeOf(error) === API_CODE.streamNotFound) return undefined;
    throw error;
  }
}

interface Room {
  /** Bytes that the account may still store. */
  readonly roomBytes: number;
  readonly need: StreamNeed;
}

/** @throws {NatsxError} rejected — there is not enough room */
async function roomFor(
  api: BenchJetStream,
  plan: BenchPlan,
  found: StreamConfig | undefined,
): Promise<Room> {
  const account = await api.request<AccountInfo>('INFO', 'reading the JetStream account');
  const storage = found?.storage ?? plan.storage;
  const replicas = found?.num_replicas ?? plan.replicas;
  const roomBytes = freeBytes(account, { storage, replicas, isNew: found === undefined });
  const need = streamNeed(plan, replicas, roomBytes);
  checkRoom(need, roomBytes, storage);
  return { roomBytes, need };
}

/** Without an answer the stream may exist all the same: a temporary one is removed to be sure. */
async function createTemporary(
  api: BenchJetStream,
  plan: BenchPlan,
  request: Room & { readonly name: string },
): Promise<number> {
  try {
    return await createTemporaryStream(api, plan, request);
  } catch (error) {
    const mayExist = !(error instanceof NatsxError) || UNANSWERED.has(error.kind);
    if (mayExist && plan.stream === undefined)
      await removeAll(api, [`STREAM.DELETE.${request.name}`]);
    throw error;
  }
}

const UNANSWERED: ReadonlySet<ErrorKind> = new Set(['timeout', 'connection', 'internal']);

function nothingStored(plan: BenchPlan, stream: string): NatsxError {
  const filter = filterOf(plan);
  return new NatsxError(
    'not-found',
    `the stream ${stream} holds no message${filter === undefined ? '' : ` on ${filter}`}: there is nothing to consume`,
    {
      hint: 'leave out --stream to read a temporary one that is filled first, or wait for new messages with --msgs',
    },
  );
}

/** How long to wait for a server that restarts, so that nothing is left on it. */
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

/** Retries over a new connection while the server stops or restarts. */
async function isRemoved(api: BenchJetStream, path: string, deadline: number): Promise<boolean> {
  for (;;) {
    try {
      await api.revive();
      await api.request(path, 'removing what the run created');
      return true;
    } catch (error) {
      const status = apiStatusOf(error);
      if (status === 404) return true;
      // 503: JetStream, or its leader, is not available yet.
      if (status !== undefined && status !== 503) return false;
      if (error instanceof NatsxError && error.kind === 'auth') return false;
    }
    if (Date.now() >= deadline) return false;
    await sleep(REVIVE_PAUSE_MS);
  }
}

/** Part of each reply subject and of each acknowledgement, so it is short in a temporary stream. */
function consumerName(plan: BenchPlan, pass: number): string {
  return plan.stream === undefined ? `p${pass}` : `natsx_bench_${plan.runId}_${pass}`;
}

/**
 * One batch per client may be unacknowledged: the server tracks and stores these messages, and many of them slow it
 * down. Clients that acknowledge whole batches need room for the next one.
 */
function ackPending(plan: BenchPlan): number {
  const batches = plan.batch * plan.subscribers * (plan.ack === 'all' ? 2 : 1);
  return Math.max(500, batches);
}

/** A subject given together with --stream selects the messages to read. */
function filterOf(plan: BenchPlan): string | undefined {
  return plan.stream === undefined || plan.ownSubject ? undefined : plan.subject;
}

function consumerConfig(plan: BenchPlan, name: string): object {
  const filter = filterOf(plan);
  return {
    name,
    durable_name: name,
    description: 'created by natsx bench; safe to delete',
    deliver_policy: 'all',
    ack_policy: plan.ack,
    ...(filter === undefined ? {} : { filter_subject: filter }),
    ...(plan.ack === 'none' ? {} : { max_ack_pending: ackPending(plan) }),
    ...(plan.ack === 'none' || plan.faults === undefined ? {} : { ack_wait: FAULTY_ACK_WAIT_NS }),
    max_waiting: Math.max(512, plan.subscribers * 8),
    inactive_threshold: INACTIVE_NS,
    replay_policy: 'instant',
  };
}
