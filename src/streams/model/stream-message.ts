import type { MessageHeaders, ReceivedMessage } from '../../core/message/message.js';
import { KeptMessage, type MessageInPlace } from '../../core/message/message-in-place.js';
import type { StreamPlace } from '../../core/message/stream-place.js';

/**
 * A message of a stream, read in place; one object is reused for all messages. It has no reply subject: that of the
 * delivery is only for acknowledgements.
 */
export class StreamMessage implements MessageInPlace {
  place: StreamPlace;
  readonly reply = undefined;
  readonly isNoResponders = false;
  #message: MessageInPlace;

  constructor(message: MessageInPlace, place: StreamPlace) {
    this.#message = message;
    this.place = place;
  }

  /** Switches to another message. */
  show(message: MessageInPlace, place: StreamPlace): void {
    this.#message = message;
    this.place = place;
  }

  /** A copy that lasts. */
  keep(): StreamMessage {
    const { stream, seq, timeMs, restNs } = this.place;
    return new StreamMessage(new KeptMessage(this.toMessage(Date.now())), {
      stream,
      seq,
      timeMs,
      restNs,
    });
  }

  get buffer(): Buffer {
    return this.#message.buffer;
  }

  get payloadStart(): number {
    return this.#message.payloadStart;
  }

  get payloadEnd(): number {
    return this.#message.payloadEnd;
  }

  get payloadSize(): number {
    return this.#message.payloadSize;
  }

  get subject(): string {
    return this.#message.subject;
  }

  get headers(): MessageHeaders | undefined {
    return this.#message.headers;
  }

  toMessage(receivedAtMs: number): ReceivedMessage {
    const { subject, headers } = this;
    const payload = Uint8Array.prototype.slice.call(
      this.buffer,
      this.payloadStart,
      this.payloadEnd,
    );
    return { subject, headers, payload, receivedAtMs };
  }
}
