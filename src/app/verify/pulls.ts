import { randomBytes } from 'node:crypto';

import type { MessageView } from '../../wire/message-view.js';
import type { Session } from '../../wire/session.js';

export interface PullOptions {
  readonly inboxPrefix: string;
  readonly apiPrefix: string;
  readonly stream: string;
  readonly consumer: string;
  readonly onMessage: (view: MessageView) => void;
  /** The server's word on a pull: 404 nothing there, 408 over, 409 ended, 503 nobody listens. */
  readonly onStatus: (code: number, text: string) => void;
  /** Ask only for what is there already, and stop after each answer until {@link Pulls.ask} is called. */
  readonly noWait: boolean;
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
    const { inboxPrefix, apiPrefix, stream, consumer, noWait } = options;
    this.#session = session;
    this.#options = options;
    this.#inbox = `${inboxPrefix}.${randomBytes(9).toString('base64url')}`;
    this.#subject = `${apiPrefix}.CONSUMER.MSG.NEXT.${stream}.${consumer}`;
    const mode = noWait ? { no_wait: true } : { expires: EXPIRES_MS * 1e6 };
    this.#request = Buffer.from(JSON.stringify({ batch: BATCH, ...mode }));
    this.#subscription = session.subscribe(this.#inbox, {}, this.#take);
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.ask();
  }

  /** Asks for more where that is due. */
  ask(): void {
    if (this.#stopped || !this.#session.connected) return;
    const enough = this.#options.noWait ? 0 : (AHEAD - 1) * BATCH;
    while (this.#granted <= enough) {
      this.#session.publish({ subject: this.#subject, reply: this.#inbox, payload: this.#request });
      this.#granted += BATCH;
    }
  }

  /** The pulls of a lost connection are lost with it. */
  reconnected(): void {
    this.#granted = 0;
    this.#heardMs = performance.now();
    this.ask();
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
    this.#subscription.unsubscribe();
  }

  readonly #take = (view: MessageView): void => {
    this.#heardMs = performance.now();
    if (view.replyStart === view.replyEnd) {
      this.#status(view);
      return;
    }
    this.#granted -= 1;
    this.#options.onMessage(view);
    if (!this.#options.noWait) this.ask();
  };

  #status(view: MessageView): void {
    const { status } = view;
    if (status === undefined || status.code === 100) return;
    const unfilled = /Nats-Pending-Messages: (\d+)/i.exec(view.headersBlock.toString())?.[1];
    this.#granted = Math.max(0, this.#granted - Number(unfilled ?? BATCH));
    if (this.#options.noWait) this.#granted = 0;
    // Asking at once would be a loop where nobody is there to answer with anything else.
    if (status.code === 408) this.ask();
    else this.#again = true;
    this.#options.onStatus(status.code, status.description);
  }

  #tick(): void {
    const silent = performance.now() - this.#heardMs > SILENT_MS;
    if (silent) {
      this.#granted = 0;
      this.#heardMs = performance.now();
    }
    if (silent || (this.#again && !this.#options.noWait)) {
      this.#again = false;
      this.ask();
    }
  }
}
