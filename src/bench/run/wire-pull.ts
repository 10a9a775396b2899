import { randomBytes } from 'node:crypto';
import { NatsxError } from '../../core/errors.js';
import type { PullAckPolicy } from '../model/scenario.js';
import type { Lane } from '../../wire/lane.js';
import type { LaneSubscription } from '../../wire/lane-subscription.js';
import type { MessageView } from '../../wire/message-view.js';
import type { PullRequest } from './link.js';

export interface WirePullOptions extends PullRequest {
  readonly inboxPrefix: string;
  readonly jsApiPrefix: string;
  readonly handler: (view: MessageView) => void;
  readonly onFailure: (error: NatsxError) => void;
}

/** Open pull requests, so that the server never waits for the next one. */
const PULLS_AHEAD = 3;
/** Limit of a pull request: a server disconnects a client that leaves 64 MiB unread. */
const PULL_BYTES = 8 * 1024 * 1024;
/** After this time the server ends a pull request that it cannot fill; a new one is sent then. */
const EXPIRES_NS = 2_000_000_000;
const ACK_FRAME_BYTES = 96;
const PUB = Buffer.from('PUB ');
/** An empty body is the shortest acknowledgement. */
const ACK_TAIL = Buffer.from(' 0\r\n\r\n');

/** Pull requests and acknowledgements of one client of a consumer. */
export class WirePull {
  readonly #lane: Lane;
  readonly #options: WirePullOptions;
  readonly #subscription: LaneSubscription;
  readonly #request: Uint8Array;
  readonly #subject: string;
  readonly #inbox: string;
  readonly #acks: AckBuffer;
  /** Messages requested that have not arrived yet. */
  #granted = 0;
  /** Messages that may still be requested. */
  #left: number;
  #stopped = false;
  #pushing = false;
  #seen = 0;

  constructor(lane: Lane, options: WirePullOptions) {
    this.#lane = lane;
    this.#options = options;
    this.#acks = new AckBuffer(options.ack, options.batch);
    this.#left = options.limit;
    this.#inbox = `${options.inboxPrefix}.${randomBytes(9).toString('base64url')}`;
    this.#subject = `${options.jsApiPrefix}.CONSUMER.MSG.NEXT.${options.stream}.${options.consumer}`;
    this.#request = pullOf(options.batch);
    this.#subscription = lane.subscribe(this.#inbox, {}, this.#take);
    for (let pull = 0; pull < PULLS_AHEAD; pull++) this.#ask();
    lane.sendBatch();
  }

  stop(): void {
    this.#stopped = true;
    this.#finishRead();
    this.#subscription.unsubscribe();
  }

  readonly #take = (view: MessageView): void => {
    if (!this.#pushing) {
      this.#pushing = true;
      queueMicrotask(this.#finishRead);
    }
    if (view.replyStart === view.replyEnd) {
      this.#status(view);
      return;
    }
    if (this.#seen >= this.#options.limit) return;
    this.#options.handler(view);
    this.#acks.add(view, ++this.#seen);
    if (--this.#granted <= (PULLS_AHEAD - 1) * this.#options.batch) this.#ask();
  };

  /** Acknowledgements and pull requests of one read are written together. */
  readonly #finishRead = (): void => {
    this.#pushing = false;
    const acks = this.#acks.take();
    if (acks.length > 0) this.#lane.write(acks);
    this.#lane.sendBatch();
  };

  #ask(large?: 1): void {
    const batch = Math.min(large ?? this.#options.batch, this.#left);
    if (batch <= 0 || this.#stopped || this.#lane.isClosed) return;
    this.#granted += batch;
    this.#left -= batch;
    const payload = this.#payload(batch, large);
    this.#lane.publish({ subject: this.#subject, reply: this.#inbox, payload });
  }

  #payload(batch: number, large: 1 | undefined): Uint8Array {
    if (large !== undefined) return pullOf(batch, 0);
    return batch === this.#options.batch ? this.#request : pullOf(batch);
  }

  /** A message without a reply subject is a status of a pull request. */
  #status(view: MessageView): void {
    const code = view.status?.code;
    if (code === undefined || code === 100) return;
    const text = view.status?.description ?? '';
    // A pull request with a byte limit ended normally.
    if (/batch completed/i.test(text)) return;
    const unfilled = /Nats-Pending-Messages: (\d+)/i.exec(view.headersBlock.toString())?.[1];
    const back = Number(unfilled ?? this.#options.batch);
    this.#granted -= back;
    this.#left += back;
    if (code === 408 || code === 404) {
      this.#ask();
      return;
    }
    if (/exceeds maxbytes/i.test(text)) {
      // If it delivered nothing, the next message is larger than the limit: request that one alone.
      this.#ask(back >= this.#options.batch ? 1 : undefined);
      return;
    }
    const kind = code === 503 ? 'not-found' : 'rejected';
    this.#options.onFailure(
      new NatsxError(
        kind,
        `the server ended a pull request of ${this.#options.consumer}: ${code} ${text}`,
      ),
    );
  }
}

function pullOf(batch: number, bytes = PULL_BYTES): Uint8Array {
  return Buffer.from(JSON.stringify({ batch, max_bytes: bytes, expires: EXPIRES_NS }));
}

/** Encoded acknowledgements; reply subjects are copied from the socket's buffer. */
class AckBuffer {
  readonly #policy: PullAckPolicy;
  readonly #batch: number;
  #bytes = Buffer.allocUnsafe(0);
  #length = 0;

  constructor(policy: PullAckPolicy, batch: number) {
    this.#policy = policy;
    this.#batch = batch;
  }

  /** With `all`, the last message of each batch is acknowledged, which covers the ones before. */
  add(view: MessageView, count: number): void {
    if (this.#policy === 'none') return;
    if (this.#policy === 'all' && count % this.#batch !== 0) return;
    const replyBytes = view.replyEnd - view.replyStart;
    this.#reserve(replyBytes + PUB.length + ACK_TAIL.length);
    this.#bytes.set(PUB, this.#length);
    view.buffer.copy(this.#bytes, this.#length + PUB.length, view.replyStart, view.replyEnd);
    this.#length += PUB.length + replyBytes;
    this.#bytes.set(ACK_TAIL, this.#length);
    this.#length += ACK_TAIL.length;
  }

  /** Returns the buffered frames with their memory, since the socket may still be writing it. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = Buffer.allocUnsafe(0);
    this.#length = 0;
    return taken;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(
      Math.max(256 * ACK_FRAME_BYTES, 2 * this.#bytes.length + more),
    );
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
