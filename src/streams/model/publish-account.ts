import type { NatsxError } from '../../core/errors.js';
import type { OutgoingMessage } from '../../core/message/message.js';
import type { Sequence } from './sequence.js';
import type { PublishAck } from './publish-ack.js';
import type { PublishFate } from './publish-fate.js';
import { StoredSubjects } from './stored-subjects.js';

/** Messages by what became of them. */
export interface AcknowledgedTotals {
  /** In a stream, duplicates included; the difference is what is new there. */
  readonly stored: number;
  /** Of these, messages that the stream had before. */
  readonly duplicates: number;
  /** Of these, messages that were sent again because their acknowledgement was lost, and that the stream had by then. */
  readonly recognized: number;
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

/** Where the messages went, for as long as it was one stream: the new ones, or the duplicates when none is new. */
export interface StoredRange {
  readonly stream: string;
  readonly domain?: string | undefined;
  /** What the counter was at in the last answer, where the stream counts. */
  readonly val?: string | undefined;
  readonly first: Sequence;
  readonly last: Sequence;
}

type Stored = Extract<PublishFate, { type: 'stored' }>;
type Lost = Exclude<PublishFate, { type: 'stored' }>;

/** As many as somebody reads. */
const LISTED = 10;

function noRange(): { first: Sequence; last: Sequence } {
  return { first: Infinity, last: 0 };
}

/** Counts what becomes of messages. */
export class PublishAccount {
  readonly #unacknowledged: Unacknowledged[] = [];
  #stored = 0;
  #duplicates = 0;
  #recognized = 0;
  #payloadBytes = 0;
  readonly #others = { refused: 0, 'in-doubt': 0, unsent: 0 };
  readonly #fresh = noRange();
  readonly #repeats = noRange();
  #lastAck: PublishAck | undefined;
  #manyStreams = false;
  /** What is new in streams. */
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
      inDoubt: this.#others['in-doubt'],
      unsent: this.#others.unsent,
      payloadBytes: this.#payloadBytes,
    };
  }

  /** The first rows of them; there may be more. */
  get unacknowledged(): readonly Unacknowledged[] {
    return this.#unacknowledged;
  }

  /** More is known of an error now. */
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
