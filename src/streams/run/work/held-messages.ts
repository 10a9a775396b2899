import type { WorkVerdict } from '../../../core/message/verdict.js';
import type { AckWaits } from '../../model/ack-waits.js';
import type { Delivery } from '../../model/delivery.js';
import type { Verdicts } from './verdicts.js';

/** A message that was delivered and is not settled yet. */
export interface Held {
  readonly seq: number;
  readonly bytes: number;
  /** Reply subject of the newest delivery. */
  reply: string;
  /** How long the server waits for an acknowledgement of this delivery. */
  waitMs: number;
  /** When the server was last notified that it is in progress, on the clock of `performance.now()`. */
  knownMs: number;
}

const LEAST_KEEP_MS = 20;

/** The messages that a worker is processing; sends "in progress" for them to the server. */
export class HeldMessages {
  readonly #verdicts: Verdicts;
  readonly #waits: AckWaits;
  readonly #held = new Map<number, Held>();
  readonly #timer: NodeJS.Timeout;
  #bytes = 0;

  constructor(verdicts: Verdicts, waits: AckWaits) {
    this.#verdicts = verdicts;
    this.#waits = waits;
    this.#timer = setInterval(() => this.#keep(), Math.max(LEAST_KEEP_MS, waits.shortestMs / 3));
  }

  get size(): number {
    return this.#held.size;
  }

  /** Payload bytes of held messages. */
  get bytes(): number {
    return this.#bytes;
  }

  /** @returns whether this message is already being processed, and was only redelivered */
  renew({ seq, delivered }: Delivery, reply: string): boolean {
    const present = this.#held.get(seq);
    if (present === undefined) return false;
    present.reply = reply;
    present.waitMs = this.#waits.of(delivered);
    present.knownMs = performance.now();
    return true;
  }

  add({ seq, delivered }: Delivery, reply: string, bytes: number): Held {
    const waitMs = this.#waits.of(delivered);
    const held = { seq, reply, bytes, waitMs, knownMs: performance.now() };
    this.#held.set(seq, held);
    this.#bytes += bytes;
    return held;
  }

  /** Settles a message; the server is notified with the next `send` of the verdicts. */
  settle(held: Held, verdict: WorkVerdict): void {
    if (!this.#held.delete(held.seq)) return;
    this.#bytes -= held.bytes;
    if (verdict.type === 'leave') return;
    this.#verdicts.add(held.reply, verdict, performance.now() - held.knownMs > held.waitMs);
  }

  /** Returns all held messages to the server immediately. */
  giveBack(): void {
    for (const held of [...this.#held.values()]) this.settle(held, { type: 'nak', delayMs: 0 });
    this.#verdicts.send();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #keep(): void {
    if (this.#held.size === 0) return;
    const sent = this.#verdicts.inProgress([...this.#held.values()].map(({ reply }) => reply));
    if (!sent) return;
    const nowMs = performance.now();
    for (const held of this.#held.values()) {
      // "In progress" that arrives too late does not prevent the redelivery.
      if (nowMs - held.knownMs <= held.waitMs) held.knownMs = nowMs;
    }
  }
}
