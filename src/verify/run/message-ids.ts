const DIGITS = 10;
const ZERO = 48;

/** Headers with a message id for each number of a publisher, written into one block. */
export class MessageIds {
  readonly #block: Uint8Array;
  readonly #lastDigitAt: number;

  constructor(runId: string, publisher: number) {
    const before = `NATS/1.0\r\nNats-Msg-Id: ${runId}-${publisher}-`;
    this.#block = Buffer.from(`${before}${'0'.repeat(DIGITS)}\r\n\r\n`);
    this.#lastDigitAt = before.length + DIGITS - 1;
  }

  /** A headers block, valid until the next call. */
  headers(number: number): Uint8Array {
    let rest = number;
    for (let place = 0; place < DIGITS; place++) {
      const tens = Math.floor(rest / 10);
      this.#block[this.#lastDigitAt - place] = ZERO + rest - tens * 10;
      rest = tens;
    }
    return this.#block;
  }
}
