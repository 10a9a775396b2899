import { encodeHeadersBlock } from '../../core/message/headers-block.js';
import { NatsxError } from '../../core/errors.js';
import { IdentifiedHeaders } from '../../core/message/identified-headers.js';
import { MESSAGE_ID } from '../../core/message/publish-headers.js';
import type { MessageHeaders, OutgoingMessage } from '../../core/message/message.js';
import { quoted } from '../../core/printable.js';
import type { PublishFrame, ReplySubject } from '../../wire/frame-buffer.js';
import type { ServerInfo } from '../../wire/server-info.js';

/** Turns messages into frames; equal header objects are encoded once. */
export class FrameMaker {
  #headers: MessageHeaders | undefined;
  #block: Uint8Array | undefined;
  readonly #identified = new IdentifiedBlock();

  /**
   * The frame is valid until the next call.
   *
   * @param reply instead of the message's own
   * @throws {NatsxError} rejected — the message has headers and the server does not support them
   */
  frame(
    message: OutgoingMessage,
    server: ServerInfo | undefined,
    reply: ReplySubject | undefined = message.reply,
  ): PublishFrame {
    const { subject, headers, payload } = message;
    if (headers === undefined) {
      return reply === undefined ? { subject, payload } : { subject, reply, payload };
    }
    if (server?.headers === false) throw headersUnknown(subject);
    if (headers instanceof IdentifiedHeaders) {
      return { subject, reply, payload, headersBlock: this.#identified.block(headers) };
    }
    if (headers !== this.#headers) {
      this.#block = encodeHeadersBlock(headers);
      this.#headers = headers;
    }
    return { subject, reply, payload, headersBlock: this.#block };
  }
}

const BLOCK_END = '\r\n\r\n';
/** Of UTF-8, per UTF-16 code unit. */
const MOST_BYTES = 3;

/** A headers block in which only the message id is replaced. */
class IdentifiedBlock {
  #common: MessageHeaders | undefined;
  #bytes: Buffer = Buffer.alloc(0);
  /** Where the id begins; 0 before the first one. */
  #idAt = 0;

  /** Valid until the next call. */
  block({ common, id }: IdentifiedHeaders): Uint8Array {
    const size = this.#idAt + MOST_BYTES * id.length + BLOCK_END.length;
    if (this.#idAt === 0 || common !== this.#common || size > this.#bytes.length) {
      this.#begin(common, id);
    }
    let end = this.#idAt + this.#bytes.write(id, this.#idAt);
    end += this.#bytes.write(BLOCK_END, end, 'latin1');
    return this.#bytes.subarray(0, end);
  }

  #begin(common: MessageHeaders | undefined, id: string): void {
    const head = Buffer.from(encodeHeadersBlock(common ?? new Map())).toString();
    const start = `${head.slice(0, -2)}${MESSAGE_ID}: `;
    this.#common = common;
    this.#idAt = Buffer.byteLength(start);
    this.#bytes = Buffer.alloc(this.#idAt + 2 * MOST_BYTES * id.length + BLOCK_END.length);
    this.#bytes.write(start);
  }
}

function headersUnknown(subject: string): NatsxError {
  return new NatsxError(
    'rejected',
    `the message for ${quoted(subject)} has headers, but this server does not support headers`,
    { hint: 'send it without -H, or to a server of version 2.2 or later' },
  );
}
