import type { MessageView } from './message-view.js';

/** Called for each message, synchronously; the view is valid until it returns. */
export type MessageHandler = (message: MessageView) => void;

export interface SubscribeOptions {
  /** Name of the queue group, whose members share the messages. */
  readonly queue?: string | undefined;
}

/** What a subscription needs of its connection. */
export interface SubscriptionOwner {
  unsubscribe(subscription: LaneSubscription): void;
  drain(subscription: LaneSubscription): void;
}

/** Interest in one subject on one connection. */
export class LaneSubscription {
  readonly sid: number;
  readonly subject: string;
  readonly queue: string | undefined;
  readonly onMessage: MessageHandler;
  readonly #owner: SubscriptionOwner;
  #received = 0;
  #max = Infinity;

  constructor(
    owner: SubscriptionOwner,
    sid: number,
    interest: { readonly subject: string; readonly queue: string | undefined },
    onMessage: MessageHandler,
  ) {
    this.#owner = owner;
    this.sid = sid;
    this.subject = interest.subject;
    this.queue = interest.queue;
    this.onMessage = onMessage;
  }

  /** Messages delivered so far. */
  get received(): number {
    return this.#received;
  }

  /** The number of messages after which the subscription ends; Infinity when it has no end. */
  get max(): number {
    return this.#max;
  }

  /** Ends the interest: at once, or when `max` messages have been delivered, those before the call included. */
  unsubscribe(max?: number): void {
    this.#max = max ?? 0;
    this.#owner.unsubscribe(this);
  }

  /** Ends the interest, and still delivers what the server has sent by then: all of it when a flush has returned. */
  drain(): void {
    this.#owner.drain(this);
  }

  /** For the connection: delivers a message; true when it was the last one. */
  deliver(message: MessageView): boolean {
    const last = ++this.#received >= this.#max;
    this.onMessage(message);
    return last;
  }
}
