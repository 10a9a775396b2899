import { randomBytes } from 'node:crypto';

import { putDigits, type PublishFrame } from '../../../wire/frame-buffer.js';
import type { MessageView } from '../../../wire/message-view.js';
import type { InboxOwner } from '../../../wire/reply-inbox.js';
import type { ApiError } from '../../model/api-failure.js';
import { parseBatchAnswer, type BatchAck } from '../../model/batch-answer.js';

/** What a batch needs of a connection; a lane and a session both have it. */
export interface BatchOwner extends InboxOwner {
  publish(frame: PublishFrame): boolean;
}

/** How a batch ended. */
export type BatchEnd =
  | { readonly type: 'committed'; readonly ack: BatchAck }
  /** Nothing more is stored. `place`: the message that was answered. */
  | { readonly type: 'refused'; readonly error: ApiError; readonly place: number }
  | { readonly type: 'no-responders' }
  | { readonly type: 'foreign' };

/** Gets what a stream says about a batch. Places are from 1. */
export interface BatchEvents {
  /** All messages up to this place are stored, except those that were reported as missing. */
  readonly acknowledged: (place: number) => void;
  /** The messages from `from` up to `to`, exclusive, did not reach the stream. */
  readonly gap: (from: number, to: number) => void;
  /** One message was not stored. */
  readonly failed: (place: number, error: ApiError) => void;
  readonly ended: (end: BatchEnd) => void;
}

export interface FastBatchOptions {
  readonly inboxPrefix: string;
  /** Whether the batch goes on after a gap, or ends before it. */
  readonly gaps: 'ok' | 'fail';
  /** After how many messages the stream should acknowledge; it may choose fewer. */
  readonly every: number;
  /** How many acknowledgements may be outstanding. */
  readonly ahead: number;
  readonly events: BatchEvents;
}

/** The last token of the reply subjects, from which a stream recognizes a batch. */
const SUFFIX = '.$FI';
const DIGITS = 10;
const OP = { start: 0, append: 1, commit: 2, end: 3, ping: 4 } as const;
/** The stream does not know the batch: it has ended, or the leader was lost with it. */
const UNKNOWN_BATCH = 10208;
const NOTHING = new Uint8Array(0);

/**
 * One batch of fast ingest (ADR-50, server 2.14): each message carries its place in its reply subject, and the stream
 * acknowledges every few hundred messages. Lost messages are reported and not sent again.
 */
export class FastBatch {
  /** Messages that were sent. */
  sent = 0;
  /** Everything up to here is settled: stored, or reported as missing. */
  acknowledged = 0;
  end: BatchEnd | undefined;
  /** Whether the stream has answered as one that knows the batch. */
  hasBegun = false;
  readonly #owner: BatchOwner;
  readonly #options: FastBatchOptions;
  readonly #reply: Buffer;
  readonly #placeAt: number;
  readonly #subscription: { unsubscribe(): void };
  #every: number;
  #subject = '';

  constructor(owner: BatchOwner, options: FastBatchOptions) {
    const id = randomBytes(12).toString('base64url');
    const inbox = `${options.inboxPrefix}.${id}`;
    const head = `${inbox}.${options.every}.${options.gaps}.`;
    this.#owner = owner;
    this.#options = options;
    this.#every = options.every;
    this.#placeAt = Buffer.byteLength(head);
    this.#reply = Buffer.from(`${head}${'0'.repeat(DIGITS)}.0${SUFFIX}`);
    this.#subscription = owner.subscribe(`${inbox}.>`, {}, this.#answered);
  }

  /** How many more messages may be sent now. */
  get room(): number {
    if (this.end !== undefined) return 0;
    return this.acknowledged + this.#every * this.#options.ahead - this.sent;
  }

  /** Sends a message. @returns whether the socket takes more now @throws as `Lane.publish` */
  publish(frame: Omit<PublishFrame, 'reply'>): boolean {
    const place = this.sent + 1;
    const reply = this.#replyTo(place, place === 1 ? OP.start : OP.append);
    const hasRoom = this.#owner.publish({ ...frame, reply });
    this.sent = place;
    this.#subject = frame.subject;
    return hasRoom;
  }

  /** Ends the batch; it must have a message. May be repeated if no answer arrives. */
  commit(): void {
    this.#control(this.sent + 1, OP.end);
  }

  /** Asks for the last acknowledgement again, which also keeps the batch open. */
  ping(): void {
    if (this.sent > 0) this.#control(this.sent, OP.ping);
  }

  close(): void {
    this.#subscription.unsubscribe();
  }

  #control(place: number, op: number): void {
    const reply = this.#replyTo(place, op);
    this.#owner.publish({ subject: this.#subject, reply, payload: NOTHING });
  }

  #replyTo(place: number, op: number): Uint8Array {
    putDigits(this.#reply, this.#placeAt, DIGITS, place);
    this.#reply[this.#placeAt + DIGITS + 1] = 48 + op;
    return this.#reply;
  }

  readonly #answered = (view: MessageView): void => {
    if (this.end !== undefined) return;
    if (view.isNoResponders) {
      this.#finish({ type: 'no-responders' });
      return;
    }
    const { events } = this.#options;
    const answer = parseBatchAnswer(view.payload.toString());
    switch (answer.type) {
      case 'flow':
        this.hasBegun = true;
        this.#every = Math.max(1, answer.every);
        this.#acknowledge(answer.place);
        break;
      case 'gap':
        events.gap(answer.from, answer.to);
        break;
      case 'failed':
        events.failed(answer.place, answer.error);
        break;
      case 'committed':
        this.#acknowledge(answer.ack.count);
        this.#finish(answer);
        break;
      case 'refused':
        this.#refused(answer.error, placeIn(view, this.#placeAt));
        break;
      case 'foreign':
        this.#finish({ type: 'foreign' });
        break;
      case 'received':
        break;
    }
  };

  /** The first message of a batch creates it, and a batch that ended does not come back. */
  #refused(error: ApiError, place: number): void {
    if (place === 1 || error.err_code === UNKNOWN_BATCH) {
      this.#finish({ type: 'refused', error, place });
    } else this.#options.events.failed(place, error);
  }

  #acknowledge(place: number): void {
    if (place < this.acknowledged) return;
    this.acknowledged = place;
    this.#options.events.acknowledged(place);
  }

  #finish(end: BatchEnd): void {
    this.end = end;
    this.#options.events.ended(end);
  }
}

/** The place in the batch, in the reply subject that was answered. */
function placeIn(view: MessageView, placeAt: number): number {
  let place = 0;
  for (let at = 0; at < DIGITS; at++) {
    place = place * 10 + (view.buffer[view.subjectStart + placeAt + at] ?? 48) - 48;
  }
  return place;
}
