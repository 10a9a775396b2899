import type { BenchPlan } from '../model/plan.js';
import { SCENARIOS } from '../model/scenario.js';
import { maxSize } from '../model/size-mix.js';
import { API_CODE, lacksFolder } from '../../streams/model/api-failure.js';
import { apiError } from './jetstream-api.js';
import type { ApiReply, BenchJetStream } from './jetstream-api.js';
import { headersBlockOf, subscriptionOf } from './frame-block.js';

/** What the server stores beside subject, headers and body: lengths, sequence, time stamp, checksum. */
const STORED_OVERHEAD_BYTES = 44;
const MEBIBYTE = 1024 ** 2;
/**
 * An own stream without a known number of messages forgets its oldest ones from here on. A server that has not so much
 * room is asked for less.
 */
const OPEN_ENDED_BYTES = [4096 * MEBIBYTE, 1024 * MEBIBYTE, 256 * MEBIBYTE, 64 * MEBIBYTE] as const;
/** Of the room that there is, so much is taken where nobody said how much is needed. */
const ROOM_SHARE = 0.9;
type Refusal = ApiReply['error'];

/** What an own stream is filled with where no number of messages is the goal. */
interface UsualFill {
  readonly messages: number;
  readonly bytes: number;
}

/** Direct gets go round and round. */
const GET_FILL: UsualFill = { messages: 10_000, bytes: 64 * MEBIBYTE };
/** Time ends the reading, or the end of the stream. */
const TIMED_FILL: UsualFill = { messages: 500_000, bytes: 1024 * MEBIBYTE };

/** What a run stores. */
export interface StreamNeed {
  /** NaN when nobody knows. */
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
 * Creates the run's own stream.
 * @returns what it keeps at most, in bytes
 * @throws {NatsxError} rejected
 */
export async function createOwnStream(
  api: BenchJetStream,
  plan: BenchPlan,
  request: { readonly name: string; readonly need: StreamNeed; readonly roomBytes: number },
): Promise<number> {
  const { name, need, roomBytes } = request;
  let refusal: Refusal;
  for (const size of sizesOf(need, roomBytes / need.replicas)) {
    const maxBytes = Math.floor(size);
    refusal = await refusalOf(api, name, streamConfig(plan, name, maxBytes));
    if (refusal === undefined) return maxBytes;
    if (refusal.err_code !== API_CODE.noStorage) break;
  }
  throw apiError(refusal ?? { code: 500 }, `creating the stream ${name}`);
}

/** A run after the other removes and makes streams in quick succession. */
async function refusalOf(api: BenchJetStream, name: string, config: object): Promise<Refusal> {
  const path = `STREAM.CREATE.${name}`;
  const { error } = await api.ask(path, config);
  return error !== undefined && lacksFolder(error) ? (await api.ask(path, config)).error : error;
}

/** Limits to try, the best first. */
function sizesOf(need: StreamNeed, roomBytes: number): readonly number[] {
  const openEnded = OPEN_ENDED_BYTES.map((bytes) => Math.min(bytes, roomBytes * ROOM_SHARE));
  if (!Number.isFinite(need.messages)) return openEnded;
  const wanted = need.messages * need.messageBytes;
  const sizes = [Math.min(2 * wanted + 64 * MEBIBYTE, roomBytes), wanted];
  return need.flexible ? [...sizes, ...openEnded.filter((bytes) => bytes < wanted)] : sizes;
}

function streamConfig(plan: BenchPlan, name: string, maxBytes: number): object {
  return {
    name,
    description: 'made by natsx bench; safe to delete',
    subjects: [subscriptionOf(plan)],
    retention: 'limits',
    storage: plan.storage,
    num_replicas: plan.replicas,
    discard: 'old',
    max_bytes: maxBytes,
    allow_direct: true,
  };
}
