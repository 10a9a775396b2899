import { setTimeout as sleep } from 'node:timers/promises';
import { NatsxError } from '../domain/errors.js';
import type { BenchPlan } from '../domain/bench/plan.js';
import { maxSize } from '../domain/bench/size-mix.js';
import type { StoredRange } from './host-setup.js';
import { openControlLine } from './control-line.js';
import type { ControlLine, ControlOptions } from './control-line.js';

/** What a run needs in JetStream, and how to get rid of it again. */
export interface JetStreamAssets {
  readonly stream: string;
  readonly subject: string;
  /** Sequences that were in the stream at the start. */
  readonly stored: StoredRange;
  readonly notes: readonly string[];
  /** Names and creates the consumer of one pass. */
  readonly consumerFor: (pass: number) => Promise<string>;
  /** Removes what was created. Never rejects; gives a note when something is left. */
  readonly remove: () => Promise<readonly string[]>;
}

export interface AssetRequest {
  readonly plan: BenchPlan;
  readonly jsApiPrefix: string;
  readonly timeoutMs: number;
  /** Whether a stream that is there already may be written into. */
  readonly useExisting: boolean;
}

/** Whatever the API answers; only what is read is named. */
interface ApiReply {
  readonly error?: {
    readonly code: number;
    readonly err_code?: number;
    readonly description?: string;
  };
  readonly state?: {
    readonly messages: number;
    readonly first_seq: number;
    readonly last_seq: number;
  };
  readonly config?: { readonly subjects?: readonly string[]; readonly allow_direct?: boolean };
  readonly limits?: { readonly max_storage: number; readonly max_memory: number };
  readonly storage?: number;
  readonly memory?: number;
}

/** The server stores some bytes beside the body: subject, sequence, time stamp, checksum. */
const STORED_OVERHEAD_BYTES = 64;
/** An own stream without a known number of messages forgets its oldest ones from here on. */
const OPEN_ENDED_BYTES = 4 * 1024 ** 3;
/** A consumer that a killed run left behind goes by itself. */
const INACTIVE_NS = 30e9;

/** JetStream's JSON API, as far as a run needs it; connects anew when its connection was lost. */
export class JetStreamApi {
  readonly #request: AssetRequest;
  readonly #options: ControlOptions;
  #control: ControlLine;
  #own: ControlLine | undefined;

  constructor(options: ControlOptions, control: ControlLine, request: AssetRequest) {
    this.#options = options;
    this.#control = control;
    this.#request = request;
  }

  /** Connects anew if the connection is gone, so that what was created can be removed. */
  async revive(): Promise<void> {
    if (!this.#control.lane.isClosed) return;
    this.#own = await openControlLine(this.#options);
    this.#control = this.#own;
  }

  async close(): Promise<void> {
    await this.#own?.lane.close();
  }

  async ask(path: string, body: unknown = {}): Promise<ApiReply> {
    const { jsApiPrefix, timeoutMs } = this.#request;
    const subject = `${jsApiPrefix}.${path}`;
    const payload = Buffer.from(JSON.stringify(body));
    try {
      const { message } = await this.#control.requests.request({ subject, payload }, timeoutMs);
      return JSON.parse(Buffer.from(message.payload).toString()) as ApiReply;
    } catch (cause) {
      if (cause instanceof NatsxError && cause.kind === 'no-responders') {
        throw new NatsxError('not-found', 'JetStream is not enabled on this server or account', {
          hint: 'start the server with -js, or enable JetStream for the account',
          cause,
        });
      }
      throw cause;
    }
  }

  /** @throws {NatsxError} not-found, rejected */
  async demand(path: string, body: unknown, what: string): Promise<ApiReply> {
    const reply = await this.ask(path, body);
    const { error } = reply;
    if (error === undefined) return reply;
    const kind = error.code === 404 || error.code === 503 ? 'not-found' : 'rejected';
    throw new NatsxError(kind, `${what} failed: ${error.description ?? `code ${error.code}`}`, {
      details: { code: error.code, err_code: error.err_code ?? 0 },
    });
  }
}

/**
 * Creates the run's own stream, or takes the one that the plan names.
 * @throws {NatsxError} not-found — no JetStream, no such stream; rejected — it would not fit, or the stream exists
 */
export async function prepareJetStream(
  api: JetStreamApi,
  request: AssetRequest,
): Promise<JetStreamAssets> {
  const { plan } = request;
  const created: string[] = [];
  const notes: string[] = [];
  const room = await roomFor(api, plan);
  const stream = plan.stream ?? ownStream(plan);
  const exists = (await api.ask(`STREAM.INFO.${stream}`)).error === undefined;
  if (plan.stream === undefined || (plan.scenario === 'js-pub' && !exists)) {
    await api.demand(
      `STREAM.CREATE.${stream}`,
      streamConfig(plan, stream, room),
      `creating the stream ${stream}`,
    );
    created.push(`STREAM.DELETE.${stream}`);
  } else if (plan.scenario === 'js-pub' && !request.useExisting) {
    throw new NatsxError(
      'rejected',
      `the stream ${stream} exists already: a benchmark would write into it`,
      {
        hint: 'name no stream to get an own one that is removed afterwards, or add --use-existing',
      },
    );
  }
  const consumers: string[] = [];
  return {
    stream,
    subject: plan.subject,
    stored: await storedRange(api, stream),
    notes,
    consumerFor: async (pass) => {
      const name = consumerName(plan, pass);
      const config = consumerConfig(plan, name);
      await api.demand(
        `CONSUMER.CREATE.${stream}.${name}`,
        { stream_name: stream, config },
        `creating the consumer ${name}`,
      );
      consumers.push(`CONSUMER.DELETE.${stream}.${name}`);
      return name;
    },
    remove: () => removeAll(api, [...consumers.reverse(), ...created]),
  };
}

async function removeAll(api: JetStreamApi, paths: readonly string[]): Promise<readonly string[]> {
  const left: string[] = [];
  await untilRevived(api);
  for (const path of paths) {
    const reply = await api.ask(path).catch(() => undefined);
    const name = path.split('.').slice(2).join(' > ');
    if (reply === undefined || (reply.error !== undefined && reply.error.code !== 404))
      left.push(name);
  }
  return left.map((name) => `${name} could not be removed.`);
}

/** A server that restarts gets this long, so that nothing stays behind in it. */
const REVIVE_MS = 3_000;
const REVIVE_PAUSE_MS = 200;

async function untilRevived(api: JetStreamApi): Promise<void> {
  const deadline = Date.now() + REVIVE_MS;
  while (Date.now() < deadline) {
    try {
      await api.revive();
      return;
    } catch {
      await sleep(REVIVE_PAUSE_MS);
    }
  }
}

function ownStream(plan: BenchPlan): string {
  return `NATSX_BENCH_${plan.runId}`;
}

async function storedRange(api: JetStreamApi, stream: string): Promise<StoredRange> {
  const { state } = await api.demand(`STREAM.INFO.${stream}`, {}, `reading the stream ${stream}`);
  return { first: state?.first_seq ?? 0, last: state?.last_seq ?? 0 };
}

/** Bytes that the account may still store; Infinity when it is not limited. */
async function roomFor(api: JetStreamApi, plan: BenchPlan): Promise<number> {
  const account = await api.demand('INFO', {}, 'reading the JetStream account');
  const inMemory = plan.storage === 'memory';
  const limit = inMemory ? account.limits?.max_memory : account.limits?.max_storage;
  const used = (inMemory ? account.memory : account.storage) ?? 0;
  const room = limit === undefined || limit < 0 ? Infinity : limit - used;
  const wanted = expectedBytes(plan);
  if (plan.stream === undefined && Number.isFinite(wanted) && wanted > room) {
    throw new NatsxError(
      'rejected',
      `the run would store ${wanted} bytes, but the account has room for ${room} in ${plan.storage} storage`,
      { hint: 'send fewer or smaller messages (--msgs, --size), or choose another --storage' },
    );
  }
  return room;
}

function expectedBytes(plan: BenchPlan): number {
  if (plan.goal.kind !== 'messages') return NaN;
  const passes = plan.scenario === 'js-pub' ? plan.repeat : 1;
  return plan.goal.messages * passes * plan.replicas * (maxSize(plan.size) + STORED_OVERHEAD_BYTES);
}

function streamConfig(plan: BenchPlan, name: string, room: number): object {
  const wanted = expectedBytes(plan);
  const enough = Number.isFinite(wanted) ? 2 * wanted + 64 * 1024 ** 2 : OPEN_ENDED_BYTES;
  return {
    name,
    description: 'made by natsx bench; safe to delete',
    subjects: [plan.subjects === 1 ? plan.subject : `${plan.subject}.*`],
    retention: 'limits',
    storage: plan.storage,
    num_replicas: plan.replicas,
    discard: 'old',
    max_bytes: Math.floor(Math.min(enough, room * 0.9)),
    allow_direct: true,
  };
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

function consumerConfig(plan: BenchPlan, name: string): object {
  return {
    name,
    durable_name: name,
    description: 'made by natsx bench; safe to delete',
    deliver_policy: 'all',
    ack_policy: plan.ack,
    ...(plan.ack === 'none' ? {} : { max_ack_pending: ackPending(plan) }),
    max_waiting: Math.max(512, plan.subscribers * 8),
    inactive_threshold: INACTIVE_NS,
    replay_policy: 'instant',
  };
}
