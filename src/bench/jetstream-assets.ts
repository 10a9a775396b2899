import { setTimeout as sleep } from 'node:timers/promises';
import { NatsxError } from '../domain/errors.js';
import type { BenchPlan } from '../domain/bench/plan.js';
import type { StoredRange } from './host-setup.js';
import { checkForeignStream } from './foreign-stream.js';
import type { ForeignUse } from './foreign-stream.js';
import type { ApiReply, JetStreamApi, StreamConfig } from './jetstream-api.js';
import { createStream, expectedBytes } from './own-stream.js';

/** What a run needs in JetStream, and how to get rid of it again. */
export interface JetStreamAssets {
  readonly stream: string;
  /** Sequences that were in the stream at the start. */
  readonly stored: StoredRange;
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
  api: JetStreamApi,
  request: ForeignUse,
): Promise<JetStreamAssets> {
  const { plan } = request;
  const created: string[] = [];
  const stream = plan.stream ?? `NATSX_BENCH_${plan.runId}`;
  const found = plan.stream === undefined ? undefined : await existing(api, plan, stream);
  if (found !== undefined) checkForeignStream(stream, found, request);
  const roomBytes = await roomFor(api, plan, found?.config);
  if (found === undefined) {
    await createStream(api, plan, { name: stream, roomBytes });
    created.push(`STREAM.DELETE.${stream}`);
  }
  const consumers: string[] = [];
  return {
    stream,
    stored: { first: found?.state?.first_seq ?? 0, last: found?.state?.last_seq ?? 0 },
    consumerFor: async (pass) => {
      const name = consumerName(plan, pass);
      const body = { stream_name: stream, config: consumerConfig(plan, name) };
      const path = `CONSUMER.CREATE.${stream}.${name}${filterOf(plan) === undefined ? '' : `.${plan.subject}`}`;
      const { num_pending: pending = 0 } = await api.demand(
        path,
        body,
        `creating the consumer ${name}`,
      );
      consumers.push(`CONSUMER.DELETE.${stream}.${name}`);
      if (plan.goal.kind === 'stored' && pending === 0) throw nothingStored(plan, stream);
      return { name, pending };
    },
    remove: () => removeAll(api, [...consumers.reverse(), ...created]),
  };
}

/** Readers need a stream that is there; a writer makes it. */
async function existing(
  api: JetStreamApi,
  plan: BenchPlan,
  stream: string,
): Promise<ApiReply | undefined> {
  const path = `STREAM.INFO.${stream}`;
  if (plan.scenario !== 'js-pub') return api.demand(path, {}, `reading the stream ${stream}`);
  const reply = await api.ask(path);
  return reply.error === undefined ? reply : undefined;
}

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

async function removeAll(api: JetStreamApi, paths: readonly string[]): Promise<readonly string[]> {
  const left: string[] = [];
  const deadline = Date.now() + REVIVE_MS;
  for (const path of paths) {
    if (!(await isRemoved(api, path, deadline))) left.push(path.split('.').slice(2).join(' > '));
  }
  return left.map((name) => `${name} could not be removed.`);
}

/** Asks again, over a new connection, where the server is on its way out or back. */
async function isRemoved(api: JetStreamApi, path: string, deadline: number): Promise<boolean> {
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

/** Bytes that the account may still store; Infinity when it is not limited. */
async function roomFor(
  api: JetStreamApi,
  plan: BenchPlan,
  found: StreamConfig | undefined,
): Promise<number> {
  const account = await api.demand('INFO', {}, 'reading the JetStream account');
  const storage = found?.storage ?? plan.storage;
  const room = freeBytes(account, storage);
  const wanted = expectedBytes(plan, found?.num_replicas ?? plan.replicas);
  const writes = found === undefined || plan.scenario === 'js-pub';
  if (writes && Number.isFinite(wanted) && wanted > room) {
    throw new NatsxError(
      'rejected',
      `the run would store ${wanted} bytes, but the account has room for ${room} in ${storage} storage`,
      { hint: 'send fewer or smaller messages (--msgs, --size), or choose another --storage' },
    );
  }
  return room;
}

function freeBytes(account: ApiReply, storage: string): number {
  const inMemory = storage === 'memory';
  const limit = inMemory ? account.limits?.max_memory : account.limits?.max_storage;
  const used = (inMemory ? account.memory : account.storage) ?? 0;
  return limit === undefined || limit < 0 ? Infinity : limit - used;
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
