import type { PublishAck } from '../../model/publish-ack.js';
import type { PublishFate } from '../../model/publish-fate.js';
import type { ReplyNumber, Sending } from './reply-numbers.js';

/** Times are on the clock of `performance.now()`; 0 stands for never. */
export interface Outstanding<M = unknown> extends ReplyNumber, Sending {
  readonly number: number;
  readonly message: M;
  readonly subject: string;
  /** Of its payload, as long as it is held for another attempt. */
  readonly heldBytes: number;
  /** A stream recognizes it when it is sent again. */
  readonly hasId: boolean;
  reply: number;
  follows: PublishAck | undefined;
  /** `due` is to be sent, `waiting` has been and waits for its answer. */
  state: 'due' | 'waiting';
  attempts: number;
  firstSentMs: number;
  sentAtMs: number;
  /** When the first attempt was made of which nobody knows whether it was stored. */
  doubtSinceMs: number;
  fate: PublishFate | undefined;
}

/** What a message says of itself. */
export type MessageTraits = Pick<Outstanding, 'subject' | 'heldBytes' | 'hasId'>;

/**
 * Messages from the oldest without an answer to the newest; never more than `size`. Those that are settled leave in the
 * order in which they came.
 */
export class AckRing<M> {
  readonly #size: number;
  readonly #slots: (Outstanding<M> | undefined)[];
  readonly #left: (one: Outstanding<M>, fate: PublishFate) => void;
  #floor = 0;
  #next = 0;
  #bytes = 0;

  /** @param left gets each message, in order, when it and all before it are settled */
  constructor(size: number, left: (one: Outstanding<M>, fate: PublishFate) => void) {
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

  /** The oldest one; it has no fate yet. */
  get head(): Outstanding<M> | undefined {
    return this.isEmpty ? undefined : this.#slots[this.#floor % this.#size];
  }

  /** The number of the next message. */
  get next(): number {
    return this.#next;
  }

  add(message: M, traits: MessageTraits, { reply, follows }: ReplyNumber): Outstanding<M> {
    const { subject, heldBytes, hasId } = traits;
    const one: Outstanding<M> = {
      number: this.#next,
      message,
      subject,
      heldBytes,
      hasId,
      reply,
      follows,
      state: 'due',
      attempts: 0,
      firstSentMs: 0,
      sentAtMs: 0,
      doubtSinceMs: 0,
      fate: undefined,
    };
    this.#slots[this.#next++ % this.#size] = one;
    this.#bytes += heldBytes;
    return one;
  }

  /** The one that is to be answered to this number, unless it is settled. */
  find(reply: number): Outstanding<M> | undefined {
    const one = this.#slots[reply % this.#size];
    return one?.reply === reply && one.fate === undefined ? one : undefined;
  }

  /** The newest message whose number leaves this rest; undefined when there was none yet. */
  numberOf(rest: number, modulus: number): number | undefined {
    const newest = this.#next - 1;
    const number = newest - ((((newest - rest) % modulus) + modulus) % modulus);
    return number < 0 ? undefined : number;
  }

  settle(one: Outstanding<M>, fate: PublishFate): void {
    if (one.fate !== undefined) return;
    one.fate = fate;
    for (let head = this.head; head?.fate !== undefined; head = this.head) {
      this.#slots[this.#floor++ % this.#size] = undefined;
      this.#bytes -= head.heldBytes;
      this.#left(head, head.fate);
    }
  }

  /** Places of messages that are stored, while an older one has no fate yet. */
  acksBehindHead(): readonly PublishAck[] {
    const acks: PublishAck[] = [];
    for (let number = this.#floor; number < this.#next; number++) {
      const fate = this.#slots[number % this.#size]?.fate;
      if (fate?.type === 'stored') acks.push(fate.ack);
    }
    return acks;
  }

  /** Those without a fate, from the oldest on; settling them meanwhile is fine. */
  *open(): Generator<Outstanding<M>> {
    for (let number = this.#floor; number < this.#next; number++) {
      const one = this.#slots[number % this.#size];
      if (number >= this.#floor && one !== undefined && one.fate === undefined) yield one;
    }
  }
}
