import { decodeHeadersBlock } from '../../../core/message/headers-block.js';
import { pullStatus, type PullStatus } from '../../model/pull-status.js';
import { encodePublish } from '../../../wire/frame-buffer.js';
import type { MessageView } from '../../../wire/message-view.js';
import type { Session } from '../../../wire/session.js';

/** How many messages and bytes may be on their way to a reader. */
export interface PullLimits {
  readonly messages: number;
  readonly bytes: number;
}

export interface PullLoopOptions {
  /** Where to ask. */
  readonly subject: string;
  /** Where the messages are to go; used by nothing else. */
  readonly inbox: string;
  /** The most messages that one request asks for. */
  readonly batch: number;
  /** The most bytes that one request asks for; without a bound when absent. */
  readonly maxBytes?: number | undefined;
  /** How long a request stands: long enough that asking again costs nothing. */
  readonly expiresMs: number;
  readonly heartbeatMs: number;
  /** So long nothing may come, not even a heartbeat, while there is a request. */
  readonly silenceMs: number;
  /** How many messages may be on their way at this moment, those that were asked for included. */
  readonly room: () => number;
  /** A message; the hot path. */
  readonly message: (view: MessageView) => void;
  /** The server has nothing new; with the number of the last delivery, where it tells it. */
  readonly idle?: (lastConsumerSeq: number | undefined) => void;
  /** A request has ended before its time, or nobody has taken it. It is not made again before a moment has passed. */
  readonly refused: (status: Extract<PullStatus, { type: 'unheard' | 'refused' }>) => void;
  /** Nothing has come for too long: what was asked for counts as forgotten. */
  readonly silent: () => void;
}

const TICK_MS = 250;
/** A server that is a little late is not silent. */
const FEWEST_SILENT_TICKS = 2;

/**
 * Asks a consumer for messages, as many as there is room for, so that the server never waits for the next request. What
 * a request that is lost, refused or forgotten means is its owner's business; unless that stops the loop, it asks again.
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

  /** Asks for more, if there is room for it. */
  ask(): void {
    if (!this.#asking || !this.#session.connected) return;
    const { room, batch } = this.#options;
    const outstanding = this.#outstanding;
    const wanted = Math.min(batch, room() - outstanding);
    if (this.#nextIsLarge) {
      // One message of whatever size, when nothing else is on its way.
      if (wanted > 0 && outstanding === 0) this.#request(1, undefined);
      return;
    }
    // Few large requests rather than many small ones, but none is withheld while nothing else is on its way.
    if (wanted > 0 && (outstanding === 0 || wanted >= batch / 2)) {
      this.#request(wanted, this.#options.maxBytes);
    }
  }

  /** The requests of a lost connection are lost with it. */
  reconnected(): void {
    this.#outstanding = 0;
    this.#silentTicks = 0;
    this.ask();
  }

  /** Asks no more. What the server has sent by then is still delivered until the session was flushed. */
  drain(): void {
    if (!this.#asking) return;
    this.#asking = false;
    clearInterval(this.#timer);
    this.#subscription.drain();
  }

  /** Asks no more and delivers nothing more. */
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
      // Asking at once would be a loop where nobody is there to answer with anything else; the tick asks.
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

  /** Without headers, the end of a request looks like a sign of life. */
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

  /** In a burst all requests are alike. */
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
