import { decodeHeadersBlock } from '../../../core/message/headers-block.js';
import { pullStatus, type PullStatus } from '../../model/pull-status.js';
import { encodePublish } from '../../../wire/frame-buffer.js';
import type { MessageView } from '../../../wire/message-view.js';
import type { Session } from '../../../wire/session.js';

/** How many messages and bytes may be in transit to a reader. */
export interface PullLimits {
  readonly messages: number;
  readonly bytes: number;
}

export interface PullLoopOptions {
  /** Where to send pull requests. */
  readonly subject: string;
  /** Where the messages are delivered; used for nothing else. */
  readonly inbox: string;
  /** Most messages per request. */
  readonly batch: number;
  /** Most bytes per request [default: no limit]. */
  readonly maxBytes?: number | undefined;
  /** Lifetime of a request: long enough that renewing it costs nothing. */
  readonly expiresMs: number;
  readonly heartbeatMs: number;
  /** After this long without a message or heartbeat, an outstanding request counts as lost. */
  readonly silenceMs: number;
  /** How many messages may be outstanding at this moment, requested ones included. */
  readonly room: () => number;
  /** Gets each message; the hot path. */
  readonly message: (view: MessageView) => void;
  /** The server has nothing new. @param lastConsumerSeq number of the last delivery, if the server sent it */
  readonly idle?: (lastConsumerSeq: number | undefined) => void;
  /** A request ended early, or had no responders. It is sent again after a moment. */
  readonly refused: (status: Extract<PullStatus, { type: 'unheard' | 'refused' }>) => void;
  /** Nothing has arrived for too long: outstanding requests count as lost. */
  readonly silent: () => void;
}

const TICK_MS = 250;
/** A server that is a little late has not stopped responding. */
const FEWEST_SILENT_TICKS = 2;

/**
 * Pulls messages from a consumer, as many as there is room for, so that the server never waits for the next request. The
 * owner decides what a lost or refused request means; unless it stops the loop, the request is sent again.
 */
export class PullLoop {
  readonly #session: Session;
  readonly #options: PullLoopOptions;
  readonly #subscription: { unsubscribe(): void; drain(): void };
  readonly #timer: NodeJS.Timeout;
  #outstanding = 0;
  #activity = 0;
  #activityBefore = 0;
  #silentTicks = 0;
  #requestedMs = 0;
  #nextIsLarge = false;
  #asking = true;
  #closed = false;
  #frame: { readonly messages: number; readonly bytes: Uint8Array } | undefined;

  constructor(session: Session, options: PullLoopOptions) {
    this.#session = session;
    this.#options = options;
    this.#subscription = session.subscribe(options.inbox, {}, this.#take);
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Requests more messages, if there is room. */
  ask(): void {
    if (!this.#asking || !this.#session.connected) return;
    const { room, batch } = this.#options;
    const outstanding = this.#outstanding;
    const wanted = Math.min(batch, room() - outstanding);
    if (this.#nextIsLarge) {
      // One message of any size, when nothing else is outstanding.
      if (wanted > 0 && outstanding === 0) this.#request(1, undefined);
      return;
    }
    // Few large requests rather than many small ones; but if nothing is outstanding, any size is requested.
    if (wanted > 0 && (outstanding === 0 || wanted >= batch / 2)) {
      this.#request(wanted, this.#options.maxBytes);
    }
  }

  /** Requests are lost with their connection. */
  reconnected(): void {
    this.#outstanding = 0;
    this.#silentTicks = 0;
    this.ask();
  }

  /** Requests no more. Messages that the server has already sent are still delivered, until the session is flushed. */
  drain(): void {
    if (!this.#asking) return;
    this.#asking = false;
    clearInterval(this.#timer);
    this.#subscription.drain();
  }

  /** Requests and delivers nothing more. */
  stop(): void {
    this.#closed = true;
    this.#asking = false;
    clearInterval(this.#timer);
    this.#subscription.unsubscribe();
  }

  readonly #take = (view: MessageView): void => {
    if (this.#closed) return;
    this.#activity += 1;
    if (view.replyStart === view.replyEnd) {
      this.#status(view);
      return;
    }
    if (this.#outstanding > 0) this.#outstanding -= 1;
    this.#nextIsLarge = false;
    this.#options.message(view);
    this.ask();
  };

  #status(view: MessageView): void {
    const { status } = view;
    if (status === undefined) return;
    const headers = decodeHeadersBlock(view.headersBlock);
    const meaning = pullStatus({ ...status, value: (name) => headers.get(name)?.[0] });
    switch (meaning.type) {
      case 'heartbeat':
        this.#options.idle?.(meaning.lastConsumerSeq);
        return;
      case 'too-large':
        this.#ended(meaning.undelivered);
        this.#nextIsLarge = true;
        this.ask();
        return;
      case 'ended':
        this.#ended(meaning.undelivered);
        this.ask();
        return;
      // An immediate retry would spin as long as there are no responders; the next tick retries.
      case 'unheard':
        this.#outstanding = 0;
        break;
      case 'refused':
        this.#ended(meaning.undelivered ?? this.#outstanding);
        break;
    }
    if (this.#asking) this.#options.refused(meaning);
  }

  #ended(undelivered: number): void {
    this.#outstanding = Math.max(0, this.#outstanding - undelivered);
  }

  #tick(): void {
    const quiet = this.#activity === this.#activityBefore;
    this.#activityBefore = this.#activity;
    const { silenceMs, silent, room } = this.#options;
    const expectsSigns = this.#outstanding > 0 && this.#session.connected && room() > 0;
    this.#silentTicks = quiet && expectsSigns ? this.#silentTicks + 1 : 0;
    if (this.#silentTicks >= Math.max(FEWEST_SILENT_TICKS, silenceMs / TICK_MS)) {
      this.#silentTicks = 0;
      this.#outstanding = 0;
      silent();
    }
    if (this.#hasExpiredUnseen) this.#outstanding = 0;
    if (this.#outstanding === 0) this.ask();
  }

  /** Without header support, the end of a request looks like a heartbeat. */
  get #hasExpiredUnseen(): boolean {
    if (this.#outstanding === 0 || this.#session.info?.headers === true) return false;
    return performance.now() - this.#requestedMs > this.#options.expiresMs;
  }

  #request(messages: number, maxBytes: number | undefined): void {
    if (this.#outstanding === 0) this.#silentTicks = 0;
    this.#outstanding += messages;
    this.#requestedMs = performance.now();
    this.#session.write(this.#framed(messages, maxBytes), 1);
  }

  /** In a burst, all requests are equal. */
  #framed(messages: number, maxBytes: number | undefined): Uint8Array {
    const whole = maxBytes === this.#options.maxBytes;
    if (whole && this.#frame?.messages === messages) return this.#frame.bytes;
    const bytes = encodeRequest(this.#options, messages, maxBytes);
    if (whole) this.#frame = { messages, bytes };
    return bytes;
  }
}

function encodeRequest(
  { subject, inbox, expiresMs, heartbeatMs }: PullLoopOptions,
  messages: number,
  maxBytes: number | undefined,
): Uint8Array {
  const body = {
    batch: messages,
    ...(maxBytes !== undefined && { max_bytes: maxBytes }),
    expires: Math.round(expiresMs * 1e6),
    idle_heartbeat: Math.round(heartbeatMs * 1e6),
  };
  return encodePublish({ subject, reply: inbox, payload: Buffer.from(JSON.stringify(body)) });
}
