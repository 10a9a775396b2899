import { NatsxError } from '../../core/errors.js';
import type { AccountInfo, AccountLimits } from '../../streams/model/account-info.js';
import { API_CODE, apiCodeOf, lacksFolder } from '../../streams/model/api-failure.js';
import { BATCH_NEEDS } from '../../streams/model/batch-needs.js';
import { batchModeOf } from '../model/plan.js';
import type { BenchPlan } from '../model/plan.js';
import { SCENARIOS } from '../model/scenario.js';
import { maxSize } from '../model/size-mix.js';
import { headersBlockOf, subscriptionOf } from './frame-block.js';
import type { BenchJetStream } from './jetstream-api.js';

/** What the server stores for a message besides subject, headers and body: lengths, sequence, time stamp, checksum. */
const STORED_OVERHEAD_BYTES = 44;
const MEBIBYTE = 1024 ** 2;
/**
 * A temporary stream for an unknown number of messages discards its oldest ones at the first of these sizes that the
 * server has room for.
 */
const OPEN_ENDED_BYTES = [4096 * MEBIBYTE, 1024 * MEBIBYTE, 256 * MEBIBYTE, 64 * MEBIBYTE] as const;
/** The share of the available room that a run uses if the number of messages is unknown. */
const ROOM_SHARE = 0.9;

/** How a temporary stream is filled if the goal is not a number of messages. */
interface UsualFill {
  readonly messages: number;
  readonly bytes: number;
}

/** Direct gets start again at the end of the stream. */
const GET_FILL: UsualFill = { messages: 10_000, bytes: 64 * MEBIBYTE };
/** Reading ends after a time, or at the end of the stream. */
const TIMED_FILL: UsualFill = { messages: 500_000, bytes: 1024 * MEBIBYTE };

/** What a run stores. */
export interface StreamNeed {
  /** NaN if unknown. */
  readonly messages: number;
  /** In each replica, for each message. */
  readonly messageBytes: number;
  readonly replicas: number;
  /** Whether fewer messages would do as well. */
  readonly flexible: boolean;
}

/**
 * What a plan would store.
 * @param roomBytes what the account may still store, all replicas together
 */
export function streamNeed(plan: BenchPlan, replicas: number, roomBytes: number): StreamNeed {
  const headerBytes = headersBlockOf(plan)?.length ?? 0;
  const subjectBytes = Buffer.byteLength(plan.subject) + (plan.subjects > 1 ? 8 : 0);
  const messageBytes = maxSize(plan.size) + headerBytes + subjectBytes + STORED_OVERHEAD_BYTES;
  const need = { messageBytes, replicas, flexible: false };
  const { goal } = plan;
  const { stream: use } = SCENARIOS[plan.scenario];
  if (use === 'write') {
    return { ...need, messages: goal.kind === 'messages' ? goal.messages * plan.repeat : NaN };
  }
  if (plan.stream !== undefined) return { ...need, messages: 0 };
  if (use === 'consume' && goal.kind === 'messages') {
    return { ...need, messages: goal.messages };
  }
  const usual = use === 'get' ? GET_FILL : TIMED_FILL;
  const bytes = Math.min(usual.bytes, (roomBytes * ROOM_SHARE) / replicas);
  const messages = Math.min(usual.messages, Math.floor(bytes / messageBytes));
  return { ...need, messages: Math.max(1, messages), flexible: true };
}

/**
 * Creates the run's temporary stream.
 * @returns its size limit, in bytes
 * @throws {NatsxError} rejected
 */
export async function createTemporaryStream(
  api: BenchJetStream,
  plan: BenchPlan,
  request: { readonly name: string; readonly need: StreamNeed; readonly roomBytes: number },
): Promise<number> {
  const { name, need, roomBytes } = request;
  let failure: unknown;
  for (const size of sizesOf(need, roomBytes / need.replicas)) {
    const maxBytes = Math.floor(size);
    try {
      await createStream(api, streamConfig(plan, name, maxBytes));
      return maxBytes;
    } catch (error) {
      failure = error;
      if (apiCodeOf(error) !== API_CODE.noStorage) break;
    }
  }
  throw withOverlapHint(failure);
}

/** Creates it, a second time if the server has just removed the folder of the previous run's stream. */
async function createStream(api: BenchJetStream, config: { readonly name: string }): Promise<void> {
  const create = (): Promise<unknown> =>
    api.request(`STREAM.CREATE.${config.name}`, `creating the stream "${config.name}"`, config);
  try {
    await create();
  } catch (error) {
    if (!(error instanceof NatsxError) || !lacksFolder(error.details ?? {})) throw error;
    await create();
  }
}

function withOverlapHint(failure: unknown): unknown {
  if (!(failure instanceof NatsxError) || apiCodeOf(failure) !== API_CODE.subjectsOverlap) {
    return failure;
  }
  const { kind, message, details } = failure;
  const hint =
    'name the stream that stores the subject (--stream NAME --use-existing), or give no subject';
  return new NatsxError(kind, message, { hint, details });
}

/** Size limits to try, the best first. */
function sizesOf(need: StreamNeed, roomBytes: number): readonly number[] {
  const openEnded = OPEN_ENDED_BYTES.map((bytes) => Math.min(bytes, roomBytes * ROOM_SHARE));
  if (!Number.isFinite(need.messages)) return openEnded;
  const wanted = need.messages * need.messageBytes;
  const sizes = [Math.min(2 * wanted + 64 * MEBIBYTE, roomBytes), wanted];
  return need.flexible ? [...sizes, ...openEnded.filter((bytes) => bytes < wanted)] : sizes;
}

function streamConfig(plan: BenchPlan, name: string, maxBytes: number) {
  return {
    name,
    description: 'created by natsx bench; safe to delete',
    subjects: [subscriptionOf(plan)],
    retention: 'limits',
    storage: plan.storage,
    num_replicas: plan.replicas,
    discard: 'old',
    max_bytes: maxBytes,
    allow_direct: true,
    ...batchSetting(plan),
  };
}

function batchSetting(plan: BenchPlan): object {
  const mode = batchModeOf(plan);
  return mode === undefined ? {} : { [BATCH_NEEDS[mode].key]: true };
}

/** The store that a stream needs room in. */
export interface StoreKind {
  readonly storage: string;
  readonly replicas: number;
  /** A new stream needs room that is not reserved; an existing one may use what it has reserved. */
  readonly isNew: boolean;
}

/** Bytes that the account may still store, over all replicas; Infinity if it is not limited. */
export function freeBytes(account: AccountInfo, kind: StoreKind): number {
  const { storage, replicas, isNew } = kind;
  const tier = account.tiers?.[`R${replicas}`] ?? account;
  const inMemory = storage === 'memory';
  const used = (inMemory ? tier.memory : tier.storage) ?? 0;
  const reserved = (inMemory ? tier.reserved_memory : tier.reserved_storage) ?? 0;
  const limit = (inMemory ? tier.limits?.max_memory : tier.limits?.max_storage) ?? -1;
  const free =
    limit < 0 ? Infinity : Math.max(0, limit - (isNew ? Math.max(used, reserved) : used));
  return isNew ? Math.min(free, streamLimit(tier.limits, inMemory) * replicas) : free;
}

/** How many bytes one stream may store in each replica. */
function streamLimit(limits: AccountLimits | undefined, inMemory: boolean): number {
  const most = inMemory ? limits?.memory_max_stream_bytes : limits?.storage_max_stream_bytes;
  return most === undefined || most <= 0 ? Infinity : most;
}

/** @throws {NatsxError} rejected — the run would store more than there is room for */
export function checkRoom(need: StreamNeed, roomBytes: number, storage: string): void {
  const wanted = need.messages * need.messageBytes * need.replicas;
  if (!(wanted > roomBytes)) return;
  throw new NatsxError(
    'rejected',
    `the run would store ${wanted} bytes, but the account has room for ${roomBytes} in ${storage} storage`,
    { hint: 'send fewer or smaller messages (--msgs, --size), or choose another --storage' },
  );
}
