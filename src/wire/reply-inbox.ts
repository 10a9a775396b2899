import { randomBytes } from 'node:crypto';
import { encodePublish, putDigits, type NumberedFrame, type PublishFrame } from './frame-buffer.js';
import type { MessageHandler, SubscribeOptions } from './lane-subscription.js';
import type { MessageView } from './message-view.js';

const DIGITS = 8;
/** The numbers of requests repeat after this many: far more than can be outstanding. */
export const REPLY_NUMBERS = 10 ** DIGITS;

/** What an inbox needs of a connection; a lane and a session both have it. */
export interface InboxOwner {
  subscribe(
    subject: string,
    options: SubscribeOptions,
    onMessage: MessageHandler,
  ): { unsubscribe(): void };
}

/**
 * One subscription for the replies to all requests of a connection. A number in the last token of the
 * reply subject identifies the request; its width is fixed so that it can be written into a prepared frame.
 */
export class ReplyInbox {
  /** Everything before the number, dot included. */
  readonly prefix: string;
  readonly #subscription: { unsubscribe(): void };
  /** A reply subject, whose number is replaced. */
  readonly #bytes: Buffer;

  /** `onReply` gets the number of the request; the view is valid until it returns. */
  constructor(
    owner: InboxOwner,
    inboxPrefix: string,
    onReply: (number: number, reply: MessageView) => void,
  ) {
    this.prefix = `${inboxPrefix}.${randomBytes(9).toString('base64url')}.`;
    this.#bytes = Buffer.from(this.subject(0));
    const skipped = this.#bytes.length - DIGITS;
    this.#subscription = owner.subscribe(`${this.prefix}*`, {}, (view) => {
      onReply(numberAt(view, view.subjectStart + skipped), view);
    });
  }

  /** The reply subject of request `number`, an integer from 0; only its last eight digits are kept. */
  subject(number: number): string {
    return this.prefix + String(number % REPLY_NUMBERS).padStart(DIGITS, '0');
  }

  /** As {@link subject}, encoded; valid until the next call. */
  subjectBytes(number: number): Uint8Array {
    putDigits(this.#bytes, this.#bytes.length - DIGITS, DIGITS, number);
    return this.#bytes;
  }

  /** Encodes a request once, for many to be sent with `publishNumbered`. */
  prepare(request: Omit<PublishFrame, 'reply'>): NumberedFrame {
    const bytes = encodePublish({ ...request, reply: this.subject(0) });
    const verb = request.headersBlock === undefined ? 'PUB' : 'HPUB';
    const before = `${verb} ${request.subject} ${this.prefix}`;
    return { bytes, offset: Buffer.byteLength(before), digits: DIGITS };
  }

  close(): void {
    this.#subscription.unsubscribe();
  }
}

function numberAt(view: MessageView, start: number): number {
  let number = 0;
  for (let at = start; at < view.subjectEnd; at++) {
    number = number * 10 + (view.buffer[at] ?? 0) - 48;
  }
  return number;
}
