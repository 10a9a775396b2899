import { encodePublish } from '../wire/frame-buffer.js';

/** How many messages and bytes may be on their way to a reader. */
export interface PullLimits {
  readonly messages: number;
  readonly bytes: number;
}

/** Long enough that asking again costs nothing, short enough that a forgotten request ends soon. */
const EXPIRES_MS = 30_000;

/**
 * Requests for messages, made so that the server never waits for the next one: a new request goes out when half of the
 * last one has arrived.
 */
export class PullWindow {
  readonly #limits: PullLimits;
  readonly #frame: Uint8Array;
  readonly #singleFrame: Uint8Array;
  #outstanding = 0;

  /** @param nextSubject where to ask; @param inbox where the messages are to go */
  constructor(nextSubject: string, inbox: string, limits: PullLimits, heartbeatMs: number) {
    this.#limits = limits;
    const frame = (body: object): Uint8Array =>
      encodePublish({
        subject: nextSubject,
        reply: inbox,
        payload: Buffer.from(
          JSON.stringify({
            ...body,
            expires: EXPIRES_MS * 1_000_000,
            idle_heartbeat: heartbeatMs * 1_000_000,
          }),
        ),
      });
    this.#frame = frame({ batch: limits.messages, max_bytes: limits.bytes });
    this.#singleFrame = frame({ batch: 1 });
  }

  /** Messages asked for that have not come. */
  get outstanding(): number {
    return this.#outstanding;
  }

  arrived(): void {
    this.#outstanding -= 1;
  }

  /** A request ended without these. */
  ended(undelivered: number): void {
    this.#outstanding = Math.max(0, this.#outstanding - undelivered);
  }

  /** The next request to be sent, if it is time for one. */
  next(): Uint8Array | undefined {
    if (this.#outstanding > this.#limits.messages / 2) return undefined;
    this.#outstanding += this.#limits.messages;
    return this.#frame;
  }

  /** A request for one message of whatever size. */
  single(): Uint8Array {
    this.#outstanding += 1;
    return this.#singleFrame;
  }
}
