import { REPLY_NUMBERS } from '../../../wire/reply-inbox.js';
import type { PublishAck } from '../../model/publish-ack.js';
import type { PublishFate } from '../../model/publish-fate.js';

/** A message without an acknowledgement. Times are on the clock of `performance.now()`; 0 means never. */
export interface Outstanding<M = unknown> {
  /** From 0, in the order of publishing. Its last digits are the number in the reply subject. */
  readonly number: number;
  readonly message: M;
  readonly subject: string;
  /** Payload bytes that are held for another attempt. */
  readonly heldBytes: number;
  /** Whether the stream can detect a duplicate when it is sent again. */
  readonly hasId: boolean;
  /** `due`: to be sent; `waiting`: sent, without an answer yet. */
  state: 'due' | 'waiting';
  firstSentMs: number;
  sentAtMs: number;
  /** Time of the first attempt of which it is unknown whether the message was stored. */
  doubtSinceMs: number;
  fate: PublishFate | undefined;
}

/** What the publisher needs to know about a message. */
export type MessageTraits = Pick<Outstanding, 'subject' | 'heldBytes' | 'hasId'>;

/**
 * Messages from the oldest unacknowledged to the newest, at most `size`. Settled messages leave in the order in which
 * they were added.
 */
export class AckRing<M> {
  readonly #size: number;
  readonly #slots: (Outstanding<M> | undefined)[];
  readonly #left: (entry: Outstanding<M>, fate: PublishFate) => void;
  #floor = 0;
  #next = 0;
  #bytes = 0;

  /** @param left gets each message, in order, when it and all messages before it are settled */
  constructor(size: number, left: (entry: Outstanding<M>, fate: PublishFate) => void) {
    this.#size = size;
    this.#slots = new Array<Outstanding<M> | undefined>(size).fill(undefined);
    this.#left = left;
  }

  get isFull(): boolean {
    return this.#next - this.#floor >= this.#size;
  }

  get isEmpty(): boolean {
    return this.#next === this.#floor;
  }

  get length(): number {
    return this.#next - this.#floor;
  }

  /** Payload bytes that are held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The oldest message; it has no fate yet. */
  get head(): Outstanding<M> | undefined {
    return this.isEmpty ? undefined : this.#slots[this.#floor % this.#size];
  }

  add(message: M, { subject, heldBytes, hasId }: MessageTraits): Outstanding<M> {
    const entry: Outstanding<M> = {
      number: this.#next,
      message,
      subject,
      heldBytes,
      hasId,
      state: 'due',
      firstSentMs: 0,
      sentAtMs: 0,
      doubtSinceMs: 0,
      fate: undefined,
    };
    this.#slots[this.#next++ % this.#size] = entry;
    this.#bytes += heldBytes;
    return entry;
  }

  /** The number of the newest message with this number in its reply subject; undefined when there was none. */
  numberOf(reply: number): number | undefined {
    if (!(reply >= 0 && reply < REPLY_NUMBERS)) return undefined;
    const newest = this.#next - 1;
    if (newest < REPLY_NUMBERS) return reply <= newest ? reply : undefined;
    return newest - ((newest - reply) % REPLY_NUMBERS);
  }

  /** The message with this number, unless it is settled. */
  get(number: number): Outstanding<M> | undefined {
    const entry = this.#slots[number % this.#size];
    return entry?.number === number && entry.fate === undefined ? entry : undefined;
  }

  settle(entry: Outstanding<M>, fate: PublishFate): void {
    if (entry.fate !== undefined) return;
    entry.fate = fate;
    for (let head = this.head; head?.fate !== undefined; head = this.head) {
      this.#slots[this.#floor++ % this.#size] = undefined;
      this.#bytes -= head.heldBytes;
      this.#left(head, head.fate);
    }
  }

  /** Acknowledgements of messages that are newer than the oldest without a fate. */
  acksBehindHead(): readonly PublishAck[] {
    const acks: PublishAck[] = [];
    for (let number = this.#floor; number < this.#next; number++) {
      const fate = this.#slots[number % this.#size]?.fate;
      if (fate?.type === 'stored') acks.push(fate.ack);
    }
    return acks;
  }

  /** Messages without a fate, the oldest first; they may be settled in the loop. */
  *open(): Generator<Outstanding<M>> {
    for (let number = this.#floor; number < this.#next; number++) {
      const entry = this.#slots[number % this.#size];
      if (number >= this.#floor && entry !== undefined && entry.fate === undefined) yield entry;
    }
  }
}
