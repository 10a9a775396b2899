/** The fate of messages sent over a connection that may break. */
export interface PublishTotals {
  /** Messages handed to a connection. */
  readonly sent: number;
  /** Payload bytes of them. */
  readonly payloadBytes: number;
  /** Messages that the server has certainly received. */
  readonly confirmed: number;
  /** Messages that the server has certainly refused. */
  readonly refused: number;
  /** Messages in flight when a connection broke: they may or may not have arrived. */
  readonly unconfirmed: number;
}

/**
 * Counts messages in the order in which they are sent. The server handles the bytes of a connection in order, so an
 * answered PING confirms everything before it; core NATS has no other acknowledgement.
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

  /** How many messages, counted from the first, are confirmed, refused or written off. */
  get settled(): number {
    return this.#settled;
  }

  /** Whether messages are in flight. */
  get isOpen(): boolean {
    return this.#settled < this.#sent;
  }

  add(payloadBytes: number): void {
    this.#sent += 1;
    this.#payloadBytes += payloadBytes;
  }

  /** The server has handled the first `mark` messages, except those written off before. */
  confirm(mark: number): void {
    if (mark <= this.#settled) return;
    this.#confirmed += this.#settle(mark);
  }

  /** The server has refused one of the messages in flight; it reports this before it answers the PING sent after it. */
  refuse(): void {
    this.#refusedOnTheWay += 1;
  }

  /** The connection broke: the fate of the messages in flight is unknown. */
  writeOff(): void {
    this.#unconfirmed += this.#settle(this.#sent);
    this.#refusedOnTheWay = 0;
  }

  /** @returns how many messages were settled, without those that were refused */
  #settle(mark: number): number {
    const messages = mark - this.#settled;
    const refused = Math.min(messages, this.#refusedOnTheWay);
    this.#settled = mark;
    this.#refused += refused;
    this.#refusedOnTheWay -= refused;
    return messages - refused;
  }
}
