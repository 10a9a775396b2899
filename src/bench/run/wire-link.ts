import type { Lane } from '../../wire/lane.js';
import type { MessageView } from '../../wire/message-view.js';
import type { FrameBlock } from './frame-block.js';
import type {
  AnswerHandler,
  Batches,
  BatchOutcome,
  CallKind,
  Calls,
  DeliveryHandler,
  Link,
  PullRequest,
  RespondRequest,
} from './link.js';
import { openWireBatches } from './wire-batches.js';
import { openWireCalls } from './wire-calls.js';
import type { WireLinkOptions } from './wire-calls.js';
import { WirePull } from './wire-pull.js';

/** The default engine: writes frames to one connection. */
export class WireLink implements Link {
  readonly kind = 'wire';
  readonly #lane: Lane;
  readonly #options: WireLinkOptions;
  #pull: WirePull | undefined;

  constructor(lane: Lane, options: WireLinkOptions) {
    this.#lane = lane;
    this.#options = options;
  }

  readonly sendFrames = (block: FrameBlock, from: number, to: number): boolean => {
    const bytes = block.bytes.subarray(block.starts[from], block.starts[to]);
    return this.#lane.write(bytes, to - from);
  };

  readonly writable = (): Promise<void> => this.#lane.drained();

  readonly subscribe = (
    subject: string,
    queue: string | undefined,
    handler: DeliveryHandler,
  ): void => {
    this.#lane.subscribe(subject, { queue }, handler);
  };

  /** The answers of one read are written together at its end, in the same turn. */
  readonly respond = (request: RespondRequest): void => {
    const lane = this.#lane;
    let pushing = false;
    const push = (): void => {
      pushing = false;
      lane.sendBatch();
    };
    const answer = (subject: string, payload: Uint8Array): void => {
      lane.publish({ subject, payload });
      request.onAnswered(payload.length);
    };
    lane.subscribe(request.subject, { queue: request.queue }, (view) => {
      const { reply } = view;
      if (reply === undefined) return;
      if (request.delayMs > 0) {
        const payload = view.payloadCopy();
        setTimeout(() => {
          if (!lane.isClosed) answer(reply, payload);
        }, request.delayMs);
        return;
      }
      answer(reply, view.payload);
      if (pushing) return;
      pushing = true;
      queueMicrotask(push);
    });
  };

  readonly openCalls = (kind: CallKind, onAnswer: AnswerHandler): Calls =>
    openWireCalls({ ...this.#options, lane: this.#lane, kind, onAnswer });

  readonly openBatches = (onSettled: (outcome: BatchOutcome) => void): Batches =>
    openWireBatches({ ...this.#options, lane: this.#lane, onSettled });

  readonly pull = async (
    request: PullRequest,
    handler: (view: MessageView) => void,
  ): Promise<void> => {
    const { inboxPrefix, jsApiPrefix, onFailure } = this.#options;
    this.#pull = new WirePull(this.#lane, {
      ...request,
      inboxPrefix,
      jsApiPrefix,
      handler,
      onFailure,
    });
    await Promise.resolve();
  };

  readonly stopPulling = (): void => this.#pull?.stop();

  readonly push = (): void => this.#lane.sendBatch();

  readonly flush = async (timeoutMs: number): Promise<void> => {
    await this.#lane.flush(timeoutMs);
  };

  readonly close = (): Promise<void> => this.#lane.close();
}
