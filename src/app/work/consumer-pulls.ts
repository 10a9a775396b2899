import { randomBytes } from 'node:crypto';

import { NatsxError } from '../../domain/errors.js';
import type { MessageView } from '../../wire/message-view.js';
import type { Session } from '../../wire/session.js';

export interface ConsumerPullOptions {
  readonly inboxPrefix: string;
  /** Where to ask. */
  readonly subject: string;
  /** `CONSUMER of STREAM`, for errors. */
  readonly name: string;
  /** The most messages that one request asks for. */
  readonly batch: number;
  readonly expiresMs: number;
  readonly heartbeatMs: number;
  /** How many messages may be on their way at this moment, those that were asked for included. */
  readonly room: () => number;
  readonly message: (view: MessageView) => void;
  /** The consumer is gone, or does not allow such requests. */
  readonly failed: (error: NatsxError) => void;
  /** Whether the consumer is there; asked when nobody answers. @throws when that is not known */
  readonly exists: () => Promise<boolean>;
}

const TICK_MS = 250;
/** So many heartbeats may be missed. */
const MISSED = 2.5;

/**
 * Asks a consumer for as many messages as there is room for, and again after lost connections and changes of leaders.
 * A request that was forgotten on the way is noticed by its missing heartbeats.
 */
export class ConsumerPulls {
  readonly #session: Session;
  readonly #options: ConsumerPullOptions;
  readonly #inbox: string;
  readonly #subscription: { drain(): void };
  readonly #timer: NodeJS.Timeout;
  #granted = 0;
  #heardMs = performance.now();
  #stopped = false;
  #looking = false;

  constructor(session: Session, options: ConsumerPullOptions) {
    this.#session = session;
    this.#options = options;
    this.#inbox = `${options.inboxPrefix}.${randomBytes(9).toString('base64url')}`;
    this.#subscription = session.subscribe(this.#inbox, {}, this.#take);
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.ask();
  }

  /** The requests of a lost connection are lost with it. */
  reconnected(): void {
    this.#granted = 0;
    this.#heardMs = performance.now();
    this.ask();
  }

  /** Asks for more, if there is room for it. */
  ask(): void {
    if (this.#stopped || !this.#session.connected) return;
    const { room, batch, subject, expiresMs, heartbeatMs } = this.#options;
    const wanted = Math.min(batch, room() - this.#granted);
    // Few large requests rather than many small ones, but none is withheld while nothing else is on its way.
    if (wanted <= 0 || (this.#granted > 0 && wanted < batch / 2)) return;
    const body = {
      batch: wanted,
      expires: Math.round(expiresMs * 1e6),
      idle_heartbeat: Math.round(heartbeatMs * 1e6),
    };
    if (this.#granted === 0) this.#heardMs = performance.now();
    this.#granted += wanted;
    const payload = Buffer.from(JSON.stringify(body));
    this.#session.publish({ subject, reply: this.#inbox, payload });
  }

  /** Asks no more. What the server has sent by then is still delivered until the session was flushed. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    clearInterval(this.#timer);
    this.#subscription.drain();
  }

  readonly #take = (view: MessageView): void => {
    this.#heardMs = performance.now();
    if (view.replyStart === view.replyEnd) {
      this.#status(view);
      return;
    }
    this.#granted = Math.max(0, this.#granted - 1);
    this.#options.message(view);
    this.ask();
  };

  #status(view: MessageView): void {
    const { status } = view;
    if (status === undefined || status.code === 100) return;
    const { code, description } = status;
    const unfilled = /Nats-Pending-Messages: (\d+)/i.exec(view.headersBlock.toString())?.[1];
    this.#granted = unfilled === undefined ? 0 : Math.max(0, this.#granted - Number(unfilled));
    const failure = code === 409 ? fatal(description, this.#options.name) : undefined;
    if (failure !== undefined) this.#options.failed(failure);
    // Asking at once would be a loop where nobody is there to answer with anything else; the tick asks.
    else if (code === 408) this.ask();
    else if (code === 503) void this.#look();
  }

  /** Nobody answers while a leader is elected, and for ever when the consumer was removed unseen. */
  async #look(): Promise<void> {
    if (this.#looking || this.#stopped) return;
    this.#looking = true;
    const exists = await this.#options.exists().catch(() => true);
    this.#looking = false;
    if (!exists) this.#options.failed(removed(this.#options.name));
  }

  #tick(): void {
    const silent = performance.now() - this.#heardMs > this.#options.heartbeatMs * MISSED;
    if (silent && this.#granted > 0) this.#granted = 0;
    if (this.#granted === 0) this.ask();
  }
}

/** What asking again cannot change. */
function fatal(description: string, name: string): NatsxError | undefined {
  if (/consumer deleted/i.test(description)) {
    return removed(name);
  }
  if (/push based|exceeded maxrequest(batch|expires|maxbytes)/i.test(description)) {
    return new NatsxError('rejected', `the consumer ${name} refuses to be asked: ${description}`, {
      hint: 'natsx consumer info shows its limits; --batch asks for fewer messages at once',
    });
  }
  return undefined;
}

function removed(name: string): NatsxError {
  return new NatsxError('not-found', `the consumer ${name} was removed meanwhile`, {
    hint: 'with --create it is made again',
  });
}
