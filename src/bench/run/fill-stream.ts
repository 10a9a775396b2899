import { NatsxError } from '../../core/errors.js';
import type { BenchPlan } from '../model/plan.js';
import type { Lane } from '../../wire/lane.js';
import { stampKindOf } from '../model/plan-stamp.js';
import { makeBlocks, stampFrames, stampOrigin } from './frame-block.js';
import type { StreamInfo } from '../../streams/model/stream-info.js';
import type { BenchJetStream } from './jetstream-api.js';

/** Without acknowledgements the server may drop messages that it cannot store in time; it keeps up with this many. */
const CHUNK_MESSAGES = 4_000;
const CHUNK_BYTES = 4 * 1024 * 1024;

export interface FillRequest {
  readonly plan: BenchPlan;
  readonly stream: string;
  readonly messages: number;
  readonly signal: AbortSignal;
}

/** Fills a temporary stream with stamped messages, in chunks: without acknowledgements, but each is waited for. */
export async function fillStream(
  lane: Lane,
  api: BenchJetStream,
  request: FillRequest,
): Promise<void> {
  const { plan, messages, stream, signal } = request;
  const stamp = stampKindOf(plan);
  const blocks = makeBlocks({ plan, publisher: 0, stamped: true });
  if (stamp !== 'none') stampOrigin(blocks, 0, 0);
  let sent = 0;
  let unchecked = { messages: 0, bytes: 0 };
  for (let index = 0; sent < messages; index++) {
    signal.throwIfAborted();
    const block = blocks[index % blocks.length];
    if (block === undefined) return;
    const to = Math.min(block.frames, messages - sent);
    if (stamp !== 'none') stampFrames(block, { from: 0, to, sequence: sent }, stamp, 0);
    const bytes = block.bytes.subarray(0, block.starts[to]);
    // A block must not be stamped again while it is in the socket's queue.
    if (!lane.write(bytes, to)) await lane.drained();
    sent += to;
    unchecked = { messages: unchecked.messages + to, bytes: unchecked.bytes + bytes.length };
    if (sent < messages && unchecked.messages < CHUNK_MESSAGES && unchecked.bytes < CHUNK_BYTES)
      continue;
    await lane.drained();
    await untilStored(api, stream, { sent, signal, idleMs: plan.idleMs });
    unchecked = { messages: 0, bytes: 0 };
  }
}

async function untilStored(
  api: BenchJetStream,
  stream: string,
  wanted: { readonly sent: number; readonly signal: AbortSignal; readonly idleMs: number },
): Promise<void> {
  let before = -1;
  let lastNewMs = Date.now();
  for (;;) {
    wanted.signal.throwIfAborted();
    const { state } = await api.request<StreamInfo>(
      `STREAM.INFO.${stream}`,
      `filling the stream "${stream}"`,
    );
    const stored = state.last_seq;
    if (stored >= wanted.sent) return;
    if (stored !== before) lastNewMs = Date.now();
    else if (Date.now() - lastNewMs > wanted.idleMs) {
      throw new NatsxError(
        'rejected',
        `the stream ${stream} stored ${stored} of ${wanted.sent} messages and accepts no more`,
        { hint: "check the storage limits of the account, and the server's log" },
      );
    } else await new Promise((resolve) => setTimeout(resolve, 20));
    before = stored;
  }
}
