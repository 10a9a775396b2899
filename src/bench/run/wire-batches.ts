import { randomBytes } from 'node:crypto';

import { encodeHeadersBlock } from '../../core/message/headers-block.js';
import { NatsxError } from '../../core/errors.js';
import { apiFailure, type ApiError } from '../../streams/model/api-failure.js';
import { BATCH_COMMIT, BATCH_ID, BATCH_SEQUENCE } from '../../streams/model/batch-headers.js';
import { parseBatchAnswer } from '../../streams/model/batch-answer.js';
import { FastBatch, type BatchEnd } from '../../streams/run/publish/fast-batch.js';
import type { Lane } from '../../wire/lane.js';
import type { MessageView } from '../../wire/message-view.js';
import { ReplyInbox } from '../../wire/reply-inbox.js';
import type { BenchPlan } from '../model/plan.js';
import { payloadSource } from '../model/payload-source.js';
import { headersBlockOf, subjectOf } from './frame-block.js';
import type { Batches, BatchOutcome } from './link.js';
import type { WireLinkOptions } from './wire-calls.js';

/** Different bodies that messages rotate through. */
const PREPARED_BODIES = 256;
/** A stream takes this many atomic batches at a time. */
const MOST_ATOMIC = 50;

interface WireBatchesRequest extends WireLinkOptions {
  readonly lane: Lane;
  readonly onSettled: (outcome: BatchOutcome) => void;
}

/** Batches over one connection, by the mode of the plan. */
export function openWireBatches(request: WireBatchesRequest): Batches {
  return request.plan.mode === 'atomic' ? new AtomicBatches(request) : new FastBatches(request);
}

/** The messages of one client, over and over. */
class Messages {
  readonly #plan: BenchPlan;
  readonly #bodies: readonly Uint8Array[];
  #next = 0;

  constructor({ plan, streamNumber }: WireLinkOptions) {
    const { size, payload: fixed, seed } = plan;
    const nextBody = payloadSource({ size, fixed, seed, streamNumber });
    this.#plan = plan;
    this.#bodies = Array.from({ length: PREPARED_BODIES }, () => nextBody());
  }

  next(): { readonly subject: string; readonly payload: Uint8Array } {
    const index = this.#next++;
    const payload = this.#bodies[index % this.#bodies.length] ?? new Uint8Array(0);
    return { subject: subjectOf(this.#plan, index), payload };
  }
}

/** One fast batch for each pass. */
class FastBatches implements Batches {
  readonly #request: WireBatchesRequest;
  readonly #messages: Messages;
  readonly #headersBlock: Uint8Array | undefined;
  #batch: FastBatch | undefined;
  #settled = 0;
  /** Messages after the settled ones that did not reach the stream, or were refused. */
  #missing = new Set<number>();
  #failed = new Set<number>();

  constructor(request: WireBatchesRequest) {
    this.#request = request;
    this.#messages = new Messages(request);
    this.#headersBlock = headersBlockOf(request.plan);
  }

  get room(): number {
    return this.#batch?.room ?? this.#request.plan.batch;
  }

  readonly isOpen = false;

  send(): number {
    this.#batch ??= this.#begin();
    const { subject, payload } = this.#messages.next();
    const headersBlock = this.#headersBlock;
    this.#batch.publish(
      headersBlock === undefined ? { subject, payload } : { subject, payload, headersBlock },
    );
    return payload.length;
  }

  finish(): void {
    if (this.#batch !== undefined && this.#batch.end === undefined) this.#batch.commit();
  }

  remind(): void {
    this.#batch?.ping();
  }

  reset(): void {
    this.#batch?.close();
    this.#batch = undefined;
    this.#settled = 0;
    this.#missing = new Set();
    this.#failed = new Set();
  }

  #begin(): FastBatch {
    const { lane, inboxPrefix, plan } = this.#request;
    return new FastBatch(lane, {
      inboxPrefix,
      gaps: 'ok',
      every: plan.batch,
      ahead: Math.max(1, Math.round(plan.window / plan.batch)),
      events: {
        acknowledged: (place) => this.#settle(place),
        gap: (from, to) => {
          for (let place = from; place < to; place++) this.#missing.add(place);
        },
        failed: (place, error) => this.#fail(place, error),
        ended: (end) => this.#ended(end),
      },
    });
  }

  #fail(place: number, error: ApiError): void {
    this.#failed.add(place);
    this.#request.onFailure(apiFailure(error, 'publishing a message of a fast batch'));
  }

  #settle(place: number): void {
    const count = Math.min(place, this.#batch?.sent ?? 0) - this.#settled;
    if (count <= 0) return;
    const until = this.#settled + count;
    const outcome = { stored: count, lost: 0, failed: 0 };
    for (const set of [this.#failed, this.#missing]) {
      for (const one of set) {
        if (one > until) continue;
        set.delete(one);
        if (one <= this.#settled) continue;
        outcome.stored -= 1;
        if (set === this.#failed) {
          outcome.failed += 1;
          this.#missing.delete(one);
        } else outcome.lost += 1;
      }
    }
    this.#settled = until;
    this.#request.onSettled(outcome);
  }

  /** A batch that did not end with its commit stores nothing more. */
  #ended(end: BatchEnd): void {
    const rest = (this.#batch?.sent ?? 0) - this.#settled;
    if (end.type === 'committed') return;
    this.#request.onFailure(endError(end, this.#request.plan.subject));
    this.#settled += rest;
    if (rest > 0) this.#request.onSettled({ stored: 0, lost: 0, failed: rest });
  }
}

function endError(end: Exclude<BatchEnd, { type: 'committed' }>, subject: string): NatsxError {
  switch (end.type) {
    case 'refused':
      return apiFailure(end.error, 'publishing a fast batch');
    case 'no-responders':
      return new NatsxError('not-found', `no stream stores ${subject}`);
    case 'foreign':
      return new NatsxError('rejected', `the reply on ${subject} did not come from a stream`);
  }
}

/** A batch that waits for the answer to its commit, or is being filled. */
interface OpenBatch {
  readonly slot: Slot;
  size: number;
}

/** The headers of all places of a batch; a batch id may be used again after its commit. */
interface Slot {
  id: string;
  readonly blocks: Uint8Array[];
}

/** Atomic batches, several of them under way at a time. */
class AtomicBatches implements Batches {
  readonly #request: WireBatchesRequest;
  readonly #messages: Messages;
  readonly #inbox: ReplyInbox;
  readonly #free: Slot[] = [];
  /** By the number in the reply subject of the commit. */
  readonly #committing = new Map<number, OpenBatch>();
  readonly #most: number;
  #filling: OpenBatch | undefined;
  #commits = 0;

  constructor(request: WireBatchesRequest) {
    const { plan, lane, inboxPrefix } = request;
    this.#request = request;
    this.#messages = new Messages(request);
    this.#inbox = new ReplyInbox(lane, inboxPrefix, (number, view) => this.#answered(number, view));
    const share = Math.max(1, Math.floor(MOST_ATOMIC / plan.publishers));
    this.#most = Math.max(1, Math.min(share, Math.round(plan.window / plan.batch)));
  }

  get room(): number {
    const { batch } = this.#request.plan;
    const left = this.#most - this.#committing.size;
    return left * batch - (this.#filling?.size ?? 0);
  }

  get isOpen(): boolean {
    return this.#filling !== undefined;
  }

  send(isLast: boolean): number {
    const { lane, plan } = this.#request;
    const filling = (this.#filling ??= { slot: this.#free.pop() ?? newSlot(), size: 0 });
    const { subject, payload } = this.#messages.next();
    filling.size += 1;
    const { slot, size } = filling;
    if (!isLast && size < plan.batch) {
      const headersBlock = (slot.blocks[size] ??= blockOf(plan, slot.id, size, false));
      lane.publish({ subject, payload, headersBlock });
      return payload.length;
    }
    const number = this.#commits++;
    const headersBlock = blockOf(plan, slot.id, size, true);
    lane.publish({ subject, payload, headersBlock, reply: this.#inbox.subjectBytes(number) });
    this.#committing.set(number, filling);
    this.#filling = undefined;
    return payload.length;
  }

  finish(): void {
    // Its last message has committed it.
  }

  remind(): void {
    // An answer that is lost does not come again.
  }

  reset(): void {
    this.#committing.clear();
    this.#filling = undefined;
  }

  #answered(number: number, view: MessageView): void {
    const batch = this.#committing.get(number);
    if (batch === undefined) return;
    this.#committing.delete(number);
    const { size, slot } = batch;
    const failure = this.#failureIn(view);
    if (failure === undefined) {
      this.#free.push(slot);
      this.#request.onSettled({ stored: size, lost: 0, failed: 0 });
      return;
    }
    this.#request.onFailure(failure);
    this.#request.onSettled({ stored: 0, lost: 0, failed: size });
  }

  #failureIn(view: MessageView): NatsxError | undefined {
    const { subject } = this.#request.plan;
    if (view.isNoResponders) return new NatsxError('not-found', `no stream stores ${subject}`);
    const answer = parseBatchAnswer(view.payload.toString());
    if (answer.type === 'committed') return undefined;
    if (answer.type === 'refused') return apiFailure(answer.error, 'publishing an atomic batch');
    return new NatsxError('rejected', `the reply on ${subject} did not come from a stream`);
  }
}

function newSlot(): Slot {
  return { id: randomBytes(12).toString('base64url'), blocks: [] };
}

function blockOf(plan: BenchPlan, id: string, place: number, commits: boolean): Uint8Array {
  const own = plan.headers.map(([name, value]) => [name, [value]] as const);
  return encodeHeadersBlock(
    new Map<string, readonly string[]>([
      ...own,
      [BATCH_ID, [id]],
      [BATCH_SEQUENCE, [`${place}`]],
      ...(commits ? [[BATCH_COMMIT, ['1']] as const] : []),
    ]),
  );
}
