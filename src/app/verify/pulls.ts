import { randomBytes } from 'node:crypto';

import type { MessageView } from '../../wire/message-view.js';
import type { Session } from '../../wire/session.js';

export interface PullOptions {
  readonly inboxPrefix: string;
  readonly apiPrefix: string;
  readonly stream: string;
  readonly consumer: string;
  readonly onMessage: (view: MessageView) => void;
  /** The server's word on a pull: 409 ended, 503 nobody listens; what is in order is not told. */
  readonly onStatus: (code: number, text: string) => void;
}

const BATCH = 500;
/** Pulls that are asked for ahead, so that the server never waits for the next one. */
const AHEAD = 2;
const EXPIRES_MS = 2_000;
/** A pull that a server forgot in a change of leaders is noticed after this time. */
const SILENT_MS = EXPIRES_MS + 1_000;
const TICK_MS = 250;

/** Keeps asking a consumer for messages, over lost connections and changes of leaders. */
export class Pulls {
  readonly #session: Session;
  readonly #options: PullOptions;
  readonly #inbox: string;
  readonly #subject: string;
  readonly #request: Uint8Array;
  readonly #subscription: { unsubscribe(): void };
  readonly #timer: NodeJS.Timeout;
  #granted = 0;
  #heardMs = performance.now();
  #again = false;
  #stopped = false;

  constructor(session: Session, options: PullOptions) {
    const { inboxPrefix, apiPrefix, stream, consumer } = options;
    this.#session = session;
    this.#options = options;
    this.#inbox = `${inboxPrefix}.${randomBytes(9).toString('base64url')}`;
    this.#subject = `${apiPrefix}.CONSUMER.MSG.NEXT.${stream}.${consumer}`;
    this.#request = Buffer.from(JSON.stringify({ batch: BATCH, expires: EXPIRES_MS * 1e6 }));
    this.#subscription = session.subscribe(this.#inbox, {}, this.#take);
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#ask();
  }

  /** The pulls of a lost connection are lost with it. */
  reconnected(): void {
    this.#granted = 0;
    this.#heardMs = performance.now();
    this.#ask();
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
    this.#subscription.unsubscribe();
  }

  #ask(): void {
    if (this.#stopped || !this.#session.connected) return;
    while (this.#granted <= (AHEAD - 1) * BATCH) {
      this.#session.publish({ subject: this.#subject, reply: this.#inbox, payload: this.#request });
      this.#granted += BATCH;
    }
  }

  readonly #take = (view: MessageView): void => {
    this.#heardMs = performance.now();
    if (view.replyStart === view.replyEnd) {
      this.#status(view);
      return;
    }
    this.#granted -= 1;
    this.#options.onMessage(view);
    this.#ask();
  };

  #status(view: MessageView): void {
    const { status } = view;
    if (status === undefined || status.code === 100) return;
    const unfilled = /Nats-Pending-Messages: (\d+)/i.exec(view.headersBlock.toString())?.[1];
    this.#granted = Math.max(0, this.#granted - Number(unfilled ?? BATCH));
    // Asking at once would be a loop where nobody is there to answer with anything else.
    if (status.code === 408) {
      this.#ask();
      return;
    }
    this.#again = true;
    this.#options.onStatus(status.code, status.description);
  }

  #tick(): void {
    const silent = performance.now() - this.#heardMs > SILENT_MS;
    if (silent) {
      this.#granted = 0;
      this.#heardMs = performance.now();
    }
    if (silent || this.#again) {
      this.#again = false;
      this.#ask();
    }
  }
}
