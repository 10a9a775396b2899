import { encodeHeadersBlock } from '../domain/headers-block.js';
import { NatsxError } from '../domain/errors.js';
import type { MessageHeaders, OutgoingMessage } from '../domain/message.js';
import { quoted } from '../domain/printable.js';
import type { PublishFrame } from '../wire/frame-buffer.js';
import type { ServerInfo } from '../wire/server-info.js';

/** Turns messages into frames; headers that are the same object are encoded once. */
export class FrameMaker {
  #headers: MessageHeaders | undefined;
  #block: Uint8Array | undefined;

  /**
   * @param reply instead of the message's own
   * @throws {NatsxError} rejected — the message has headers and the server knows none
   */
  frame(
    message: OutgoingMessage,
    server: ServerInfo | undefined,
    reply: string | undefined = message.reply,
  ): PublishFrame {
    const { subject, headers, payload } = message;
    if (headers === undefined) {
      return reply === undefined ? { subject, payload } : { subject, reply, payload };
    }
    if (server?.headers === false) throw headersUnknown(subject);
    if (headers !== this.#headers) {
      this.#block = encodeHeadersBlock(headers);
      this.#headers = headers;
    }
    return { subject, reply, payload, headersBlock: this.#block };
  }
}

function headersUnknown(subject: string): NatsxError {
  return new NatsxError(
    'rejected',
    `the message for ${quoted(subject)} has headers, and this server knows no headers`,
    { hint: 'send it without -H, or to a server of version 2.2 or later' },
  );
}
