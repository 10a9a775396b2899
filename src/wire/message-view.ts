import { decodeHeadersBlock, readStatus } from '../core/message/headers-block.js';
import type { HeadersStatus, MessageHeaders, ReceivedMessage } from '../core/message/message.js';
import { subjectTextIn } from '../core/subject/subject-bytes.js';

/**
 * One delivered message, seen in the buffer that it was read into. There is a single view per connection, which
 * points at the next message as soon as the callback returns: keep nothing of it except results of {@link toMessage},
 * {@link payloadCopy} and the string getters.
 */
export class MessageView {
  /** The bytes that hold the message; reused for the next read. */
  buffer: Buffer = Buffer.alloc(0);
  sid = 0;
  subjectStart = 0;
  subjectEnd = 0;
  /** Equal to {@link replyEnd} when there is no reply subject. */
  replyStart = 0;
  replyEnd = 0;
  /** Start of the headers block; equal to {@link payloadStart} when there is none. */
  headersStart = 0;
  payloadStart = 0;
  payloadEnd = 0;

  readonly #subjects = new SubjectCache();

  get subject(): string {
    return this.#subjects.text(this.buffer, this.subjectStart, this.subjectEnd);
  }

  get reply(): string | undefined {
    return this.replyStart === this.replyEnd
      ? undefined
      : subjectTextIn(this.buffer, this.replyStart, this.replyEnd);
  }

  get payloadSize(): number {
    return this.payloadEnd - this.payloadStart;
  }

  /** The payload in place: valid until the callback returns. */
  get payload(): Buffer {
    return this.buffer.subarray(this.payloadStart, this.payloadEnd);
  }

  get hasHeaders(): boolean {
    return this.headersStart !== this.payloadStart;
  }

  /** The headers block in place, version line included; empty when there is none. Valid until the callback returns. */
  get headersBlock(): Buffer {
    return this.buffer.subarray(this.headersStart, this.payloadStart);
  }

  get headers(): MessageHeaders | undefined {
    return this.hasHeaders ? decodeHeadersBlock(this.headersBlock) : undefined;
  }

  /** The status that the server put in the version line (`503`: no responders), if any. */
  get status(): HeadersStatus | undefined {
    return this.hasHeaders ? readStatus(this.headersBlock) : undefined;
  }

  /** True for the empty 503 message with which a server answers a request without responders. */
  get isNoResponders(): boolean {
    return this.payloadStart === this.payloadEnd && this.hasHeaders && this.status?.code === 503;
  }

  /** A copy of the payload, which belongs to the caller. */
  payloadCopy(): Uint8Array {
    return Uint8Array.prototype.slice.call(this.buffer, this.payloadStart, this.payloadEnd);
  }

  /** An independent message, with a copy of the payload. `receivedAtMs`: milliseconds since the epoch. */
  toMessage(receivedAtMs: number): ReceivedMessage {
    return {
      subject: this.subject,
      reply: this.reply,
      headers: this.headers,
      payload: this.payloadCopy(),
      receivedAtMs,
    };
  }
}

const SLOTS = 1024;

/**
 * Turns subject bytes into strings, and returns the same string object for the same bytes. Decoding takes some hundred
 * nanoseconds, comparing bytes only a few; most streams of messages repeat few subjects.
 */
class SubjectCache {
  readonly #slots: (CachedSubject | undefined)[] = new Array<CachedSubject | undefined>(SLOTS);

  /** The text of `bytes[start, end)`. */
  text(bytes: Buffer, start: number, end: number): string {
    const slot = slotOf(bytes, start, end);
    const cached = this.#slots[slot];
    if (cached !== undefined && sameBytes(cached.bytes, bytes, start, end)) return cached.text;
    const text = subjectTextIn(bytes, start, end);
    this.#slots[slot] = { bytes: Buffer.from(bytes.subarray(start, end)), text };
    return text;
  }
}

interface CachedSubject {
  readonly bytes: Buffer;
  readonly text: string;
}

function slotOf(bytes: Buffer, start: number, end: number): number {
  let hash = end - start;
  for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + (bytes[at] ?? 0)) | 0;
  return (hash ^ (hash >>> 15)) & (SLOTS - 1);
}

function sameBytes(cached: Buffer, bytes: Buffer, start: number, end: number): boolean {
  if (cached.length !== end - start) return false;
  for (let at = 0; at < cached.length; at++) {
    if (cached[at] !== bytes[start + at]) return false;
  }
  return true;
}
