/** What became of messages that were sent over a connection that may break. */
export interface PublishTotals {
  /** Messages handed to a connection. */
  readonly sent: number;
  /** Payload bytes of them. */
  readonly payloadBytes: number;
  /** Messages that the server has certainly taken. */
  readonly confirmed: number;
  /** Messages that it has certainly not taken. */
  readonly refused: number;
  /** Messages in flight when a connection broke: they may or may not have arrived. */
  readonly unconfirmed: number;
}

/**
 * Keeps account of messages in the order in which they are sent. The server handles a connection's bytes in order,
 * so that an answered PING confirms everything before it; core NATS has no other acknowledgement.
 */
export class PublishLedger {
  #sent = 0;
  #payloadBytes = 0;
  #confirmed = 0;
  #refused = 0;
  #unconfirmed = 0;
  #settled = 0;
  #refusedOnTheWay = 0;

  get totals(): PublishTotals {
    return {
      sent: this.#sent,
      payloadBytes: this.#payloadBytes,
      confirmed: this.#confirmed,
      refused: this.#refused,
      unconfirmed: this.#unconfirmed,
    };
  }

  /** Messages sent so far; what {@link confirm} takes as its mark. */
  get sent(): number {
    return this.#sent;
  }

  /** How many messages, from the first on, are confirmed, refused or written off. */
  get settled(): number {
    return this.#settled;
  }

  /** Whether messages are on their way. */
  get isOpen(): boolean {
    return this.#settled < this.#sent;
  }

  add(payloadBytes: number): void {
    this.#sent += 1;
    this.#payloadBytes += payloadBytes;
  }

  /** The server has handled the first `mark` messages, but for those written off before. */
  confirm(mark: number): void {
    if (mark <= this.#settled) return;
    this.#confirmed += this.#settle(mark);
  }

  /** The server has refused one of the messages that are on their way; it says so before it answers the PING behind it. */
  refuse(): void {
    this.#refusedOnTheWay += 1;
  }

  /** The connection broke: nobody knows what became of the messages that were on their way. */
  writeOff(): void {
    this.#unconfirmed += this.#settle(this.#sent);
    this.#refusedOnTheWay = 0;
  }

  /** @returns how many messages it settles, without those that were refused */
  #settle(mark: number): number {
    const messages = mark - this.#settled;
    const refused = Math.min(messages, this.#refusedOnTheWay);
    this.#settled = mark;
    this.#refused += refused;
    this.#refusedOnTheWay -= refused;
    return messages - refused;
  }
}
