import type { MessageHeaders, ReceivedMessage } from './message.js';
import type { StreamPlace } from './stream-place.js';

/**
 * A message seen where it lies, without a copy. It is valid only while the function that received it runs; what is
 * needed later is copied with {@link toMessage}.
 */
export interface MessageInPlace {
  readonly buffer: Buffer;
  /** The payload is `buffer[payloadStart, payloadEnd)`. */
  readonly payloadStart: number;
  readonly payloadEnd: number;
  readonly payloadSize: number;
  readonly subject: string;
  readonly reply: string | undefined;
  readonly headers: MessageHeaders | undefined;
  /** True for the server's answer to a request without a responder. */
  readonly isNoResponders: boolean;
  /** Its place, when it was read from a stream. */
  readonly place?: StreamPlace | undefined;
  /** A message of its own. `receivedAtMs`: milliseconds since the epoch. */
  toMessage(receivedAtMs: number): ReceivedMessage;
}

/** A message that was kept, seen as one in place. */
export class KeptMessage implements MessageInPlace {
  readonly #message: ReceivedMessage;
  readonly buffer: Buffer;
  readonly payloadStart = 0;
  readonly isNoResponders: boolean;

  constructor(message: ReceivedMessage, isNoResponders = false) {
    const { payload } = message;
    this.#message = message;
    this.buffer = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    this.isNoResponders = isNoResponders;
  }

  get payloadEnd(): number {
    return this.buffer.length;
  }

  get payloadSize(): number {
    return this.buffer.length;
  }

  get subject(): string {
    return this.#message.subject;
  }

  get reply(): string | undefined {
    return this.#message.reply;
  }

  get headers(): MessageHeaders | undefined {
    return this.#message.headers;
  }

  /** The message that was kept, with the time at which it arrived. */
  toMessage(): ReceivedMessage {
    return this.#message;
  }
}
