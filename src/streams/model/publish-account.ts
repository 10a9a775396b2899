import type { NatsxError } from '../../core/errors.js';
import type { OutgoingMessage } from '../../core/message/message.js';
import type { Sequence } from './sequence.js';
import type { PublishAck } from './publish-ack.js';
import type { PublishFate } from './publish-fate.js';
import { StoredSubjects } from './stored-subjects.js';

/** Numbers of messages by their fate. */
export interface AcknowledgedTotals {
  /** In a stream, including duplicates. */
  readonly stored: number;
  /** Of these, messages that the stream already had. */
  readonly duplicates: number;
  /** Of these, messages that were sent again because their acknowledgement was lost, and detected as duplicates. */
  readonly recognized: number;
  readonly refused: number;
  /** Did not reach the stream: gaps of a fast batch. */
  readonly lost: number;
  /** May be in the stream: no answer arrived. */
  readonly inDoubt: number;
  /** Not sent, because publishing ended before. */
  readonly unsent: number;
  /** Payload bytes of stored messages. */
  readonly payloadBytes: number;
}

/** Consecutive messages without an acknowledgement, with the same fate and kind of error. */
export interface Unacknowledged {
  /** From 1, in the order of the input. */
  readonly first: number;
  readonly last: number;
  /** Of the first message, like the error. */
  readonly subject: string;
  readonly fate: Exclude<PublishFate['type'], 'stored'>;
  readonly error: NatsxError;
}

/** Where the messages are stored, if it is one stream: the range of new ones, or of duplicates if none is new. */
export interface StoredRange {
  readonly stream: string;
  readonly domain?: string | undefined;
  /** The value of the counter in the last answer, if the stream has counters. */
  readonly val?: string | undefined;
  /** Undefined for a fast batch: only its last sequence is known. */
  readonly first: Sequence | undefined;
  readonly last: Sequence;
}

type Stored = Extract<PublishFate, { type: 'stored' }>;
type Lost = Exclude<PublishFate, { type: 'stored' }>;

/** More rows would not be read. */
const LISTED = 10;

function noRange(): { first: Sequence; last: Sequence } {
  return { first: Infinity, last: 0 };
}

/** Counts messages by their fate. */
export class PublishAccount {
  readonly #unacknowledged: Unacknowledged[] = [];
  #stored = 0;
  #duplicates = 0;
  #recognized = 0;
  #payloadBytes = 0;
  readonly #others = { refused: 0, lost: 0, 'in-doubt': 0, unsent: 0 };
  readonly #fresh = noRange();
  readonly #repeats = noRange();
  #lastAck: PublishAck | undefined;
  #manyStreams = false;
  /** New messages by stream and subject. */
  readonly stored = new StoredSubjects();

  /** @param index from 0 */
  add(index: number, message: OutgoingMessage, fate: PublishFate): void {
    if (fate.type === 'stored') {
      this.#store(message, fate);
      return;
    }
    this.#others[fate.type] += 1;
    this.#list(index + 1, message.subject, fate);
  }

  get totals(): AcknowledgedTotals {
    return {
      stored: this.#stored,
      duplicates: this.#duplicates,
      recognized: this.#recognized,
      refused: this.#others.refused,
      lost: this.#others.lost,
      inDoubt: this.#others['in-doubt'],
      unsent: this.#others.unsent,
      payloadBytes: this.#payloadBytes,
    };
  }

  /** The first rows; there may be more. */
  get unacknowledged(): readonly Unacknowledged[] {
    return this.#unacknowledged;
  }

  /** Replaces an error with one that has the reason. */
  explain(error: NatsxError, explained: NatsxError): void {
    this.#unacknowledged.forEach((row, index) => {
      if (row.error === error) this.#unacknowledged[index] = { ...row, error: explained };
    });
  }

  get range(): StoredRange | undefined {
    if (this.#lastAck === undefined || this.#manyStreams) return undefined;
    const { stream, domain, val } = this.#lastAck;
    const { first, last } = this.#fresh.last > 0 ? this.#fresh : this.#repeats;
    return { stream, domain, val, first, last };
  }

  #store(message: OutgoingMessage, { ack, resent = false }: Stored): void {
    this.#stored += 1;
    this.#payloadBytes += message.payload.length;
    const isDuplicate = ack.duplicate && !resent;
    if (isDuplicate) this.#duplicates += 1;
    else if (ack.duplicate) this.#recognized += 1;
    if (this.#lastAck !== undefined && this.#lastAck.stream !== ack.stream)
      this.#manyStreams = true;
    this.#lastAck = ack;
    if (!ack.duplicate) this.stored.add(ack.stream, message.subject, message.payload.length);
    const range = isDuplicate ? this.#repeats : this.#fresh;
    if (ack.seq < range.first) range.first = ack.seq;
    if (ack.seq > range.last) range.last = ack.seq;
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
