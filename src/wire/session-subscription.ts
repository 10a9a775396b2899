import type { Lane } from './lane.js';
import type { LaneSubscription, MessageHandler } from './lane-subscription.js';

/** Interest in one subject that outlives a connection: it is renewed on each new one. */
export class SessionSubscription {
  readonly subject: string;
  readonly queue: string | undefined;
  readonly #onMessage: MessageHandler;
  readonly #ended: (subscription: SessionSubscription) => void;
  #current: LaneSubscription | undefined;
  /** Delivered by connections before the current one. */
  #receivedBefore = 0;
  #max = Infinity;

  constructor(
    interest: { readonly subject: string; readonly queue: string | undefined },
    onMessage: MessageHandler,
    ended: (subscription: SessionSubscription) => void,
  ) {
    this.subject = interest.subject;
    this.queue = interest.queue;
    this.#onMessage = onMessage;
    this.#ended = ended;
  }

  /** Messages delivered so far, over all connections. */
  get received(): number {
    return this.#receivedBefore + (this.#current?.received ?? 0);
  }

  /** For the session: subscribes on a new connection, for the messages still to be delivered. */
  attach(lane: Lane): void {
    this.detach();
    if (this.#receivedBefore >= this.#max) {
      this.#ended(this);
      return;
    }
    this.#current = lane.subscribe(this.subject, { queue: this.queue }, this.#onMessage);
    if (this.#max !== Infinity) this.#current.unsubscribe(this.#max - this.#receivedBefore);
  }

  /** For the session: the connection has ended. */
  detach(): void {
    this.#receivedBefore = this.received;
    this.#current = undefined;
  }

  /** Ends the interest: at once, or when `max` messages have been delivered, those before the call included. */
  unsubscribe(max?: number): void {
    this.#max = max ?? 0;
    this.#current?.unsubscribe(Math.max(0, this.#max - this.#receivedBefore));
    if (this.received >= this.#max) this.#ended(this);
  }

  /** Ends the interest, and still delivers what the server has sent by then. */
  drain(): void {
    this.#current?.drain();
  }
}
