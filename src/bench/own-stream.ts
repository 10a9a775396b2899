import type { BenchPlan } from '../domain/bench/plan.js';
import { maxSize } from '../domain/bench/size-mix.js';
import { apiError } from './jetstream-api.js';
import type { ApiReply, JetStreamApi } from './jetstream-api.js';
import { subscriptionOf } from './frame-block.js';

/** The server stores some bytes beside the body: subject, sequence, time stamp, checksum. */
const STORED_OVERHEAD_BYTES = 64;
const MEBIBYTE = 1024 ** 2;
/**
 * An own stream without a known number of messages forgets its oldest ones from here on. A server that has not so much
 * room is asked for less.
 */
const OPEN_ENDED_BYTES = [4096 * MEBIBYTE, 1024 * MEBIBYTE, 256 * MEBIBYTE, 64 * MEBIBYTE] as const;
/** The server's code for a stream that its storage has no room for. */
const NO_ROOM = 10_047;

/** What a plan would store, in bytes; NaN when nobody knows. */
export function expectedBytes(plan: BenchPlan, replicas: number): number {
  if (plan.goal.kind !== 'messages') return NaN;
  const passes = plan.scenario === 'js-pub' ? plan.repeat : 1;
  return plan.goal.messages * passes * replicas * (maxSize(plan.size) + STORED_OVERHEAD_BYTES);
}

/**
 * Creates the run's own stream.
 * @param roomBytes what the account may still store
 * @throws {NatsxError} rejected
 */
export async function createStream(
  api: JetStreamApi,
  plan: BenchPlan,
  request: { readonly name: string; readonly roomBytes: number },
): Promise<void> {
  const { name, roomBytes } = request;
  const wanted = expectedBytes(plan, plan.replicas);
  const sizes = Number.isFinite(wanted) ? [2 * wanted + 64 * MEBIBYTE] : OPEN_ENDED_BYTES;
  let refusal: ApiReply['error'];
  for (const size of sizes) {
    const maxBytes = Math.floor(Math.min(size, roomBytes * 0.9));
    refusal = (await api.ask(`STREAM.CREATE.${name}`, streamConfig(plan, name, maxBytes))).error;
    if (refusal?.err_code !== NO_ROOM) break;
  }
  if (refusal !== undefined) throw apiError(refusal, `creating the stream ${name}`);
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
