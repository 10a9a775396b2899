import type { NatsxError } from '../errors.js';
import type { OutgoingMessage } from '../message.js';
import type { PublishFate } from './publish-fate.js';

/** Messages by what became of them. */
export interface AcknowledgedTotals {
  /** In a stream, duplicates included. */
  readonly stored: number;
  /** Of these, messages that the stream had before. */
  readonly duplicates: number;
  readonly refused: number;
  /** May be in the stream: no answer came. */
  readonly inDoubt: number;
  /** Not sent, because publishing ended before. */
  readonly unsent: number;
  /** Payload bytes of what is stored. */
  readonly payloadBytes: number;
}

/** Messages in a row without an acknowledgement, which have the same fate for the same kind of reason. */
export interface Unacknowledged {
  /** From 1, in the order of the input. */
  readonly first: number;
  readonly last: number;
  /** Of the first one, as is its error. */
  readonly subject: string;
  readonly fate: Exclude<PublishFate['type'], 'stored'>;
  readonly error: NatsxError;
}

/** Where the messages went, for as long as it was one stream. */
export interface StoredRange {
  readonly stream: string;
  readonly first: number;
  readonly last: number;
}

type Lost = Exclude<PublishFate, { type: 'stored' }>;

/** As many as somebody reads. */
const LISTED = 10;

/** Counts what becomes of messages. */
export class PublishAccount {
  readonly #unacknowledged: Unacknowledged[] = [];
  #stored = 0;
  #duplicates = 0;
  #payloadBytes = 0;
  readonly #others = { refused: 0, 'in-doubt': 0, unsent: 0 };
  #stream: string | undefined;
  #first = Infinity;
  #last = 0;
  #manyStreams = false;

  /** @param index from 0 */
  add(index: number, message: OutgoingMessage, fate: PublishFate): void {
    if (fate.type === 'stored') {
      const { stream, seq, duplicate } = fate.ack;
      this.#stored += 1;
      if (duplicate) this.#duplicates += 1;
      this.#payloadBytes += message.payload.length;
      this.#stream ??= stream;
      if (this.#stream !== stream) this.#manyStreams = true;
      if (seq < this.#first) this.#first = seq;
      if (seq > this.#last) this.#last = seq;
      return;
    }
    this.#others[fate.type] += 1;
    this.#list(index + 1, message.subject, fate);
  }

  get totals(): AcknowledgedTotals {
    return {
      stored: this.#stored,
      duplicates: this.#duplicates,
      refused: this.#others.refused,
      inDoubt: this.#others['in-doubt'],
      unsent: this.#others.unsent,
      payloadBytes: this.#payloadBytes,
    };
  }

  /** The first rows of them; there may be more. */
  get unacknowledged(): readonly Unacknowledged[] {
    return this.#unacknowledged;
  }

  get range(): StoredRange | undefined {
    if (this.#stream === undefined || this.#manyStreams) return undefined;
    return { stream: this.#stream, first: this.#first, last: this.#last };
  }

  #list(number: number, subject: string, fate: Lost): void {
    const before = this.#unacknowledged.at(-1);
    const continues =
      before?.last === number - 1 &&
      before.fate === fate.type &&
      before.error.kind === fate.error.kind;
    if (continues) {
      this.#unacknowledged[this.#unacknowledged.length - 1] = { ...before, last: number };
    } else if (this.#unacknowledged.length < LISTED) {
      const { type, error } = fate;
      this.#unacknowledged.push({ first: number, last: number, subject, fate: type, error });
    }
  }
}
