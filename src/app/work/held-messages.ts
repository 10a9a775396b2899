import { verdictBody, type Verdict } from '../../domain/stream/verdict.js';
import type { Session } from '../../wire/session.js';

/** A message that was delivered and about which nothing has been said yet. */
export interface Held {
  readonly seq: number;
  /** Where to answer: the newest delivery counts. */
  reply: string;
}

const IN_PROGRESS = Buffer.from('+WPI');
const ACK = Buffer.from(verdictBody({ type: 'ack' }));

/**
 * The messages that a worker has in its hands. While they are there the server is told that they are being worked on;
 * verdicts that cannot be sent for want of a connection are sent with the next one.
 */
export class HeldMessages {
  readonly #session: Session;
  readonly #held = new Map<number, Held>();
  readonly #timer: NodeJS.Timeout;
  #owed: { readonly subject: string; readonly payload: Uint8Array }[] = [];
  #acked = 0;
  #naked = 0;

  /** @param keepMs how often to say that work goes on */
  constructor(session: Session, keepMs: number) {
    this.#session = session;
    this.#timer = setInterval(() => this.#keep(), keepMs);
  }

  get size(): number {
    return this.#held.size;
  }

  /** Verdicts so far; `unsent` of them wait for a connection. */
  get counts(): { readonly acked: number; readonly naked: number; readonly unsent: number } {
    return { acked: this.#acked, naked: this.#naked, unsent: this.#owed.length };
  }

  /** Whether there are verdicts that wait for a connection. */
  get owes(): boolean {
    return this.#owed.length > 0;
  }

  /** @returns whether this message is being worked on already: it was only delivered once more */
  renew(seq: number, reply: string): boolean {
    const present = this.#held.get(seq);
    if (present !== undefined) present.reply = reply;
    return present !== undefined;
  }

  add(seq: number, reply: string): Held {
    const held = { seq, reply };
    this.#held.set(seq, held);
    return held;
  }

  settle(held: Held, verdict: Verdict): void {
    if (!this.#held.delete(held.seq) || verdict.type === 'leave') return;
    if (verdict.type === 'ack') this.#acked += 1;
    else this.#naked += 1;
    this.tell(held.reply, verdict);
  }

  /** Says something about a message that was never held. */
  tell(reply: string, verdict: Exclude<Verdict, { readonly type: 'leave' }>): void {
    const payload = verdict.type === 'ack' ? ACK : Buffer.from(verdictBody(verdict));
    const frame = { subject: reply, payload };
    if (this.#session.connected) this.#session.publish(frame);
    else this.#owed.push(frame);
  }

  /** What could not be sent before. */
  reconnected(): void {
    const owed = this.#owed;
    this.#owed = [];
    for (const frame of owed) this.#session.publish(frame);
  }

  /** Gives back at once all that is still held. */
  giveBack(): void {
    for (const held of [...this.#held.values()]) this.settle(held, { type: 'nak', delayMs: 0 });
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #keep(): void {
    if (!this.#session.connected) return;
    for (const { reply } of this.#held.values()) {
      this.#session.publish({ subject: reply, payload: IN_PROGRESS });
    }
  }
}
