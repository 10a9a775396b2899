import { crc32 } from '../../core/values/crc32.js';
import { RUN_ID_BYTES } from './run-id.js';

/**
 * The first bytes of each message of a run, little endian:
 * `NXV1` · run id (16, padded with zeros) · kind (1) · 0 (1) · publisher (2) · number (4) · time of sending in µs since
 * the epoch (8) · CRC-32 (4). The checksum covers first the rest of the payload and then the 36 bytes before it, so that
 * a sender computes the constant part only once.
 */
export const ENVELOPE_BYTES = 40;

const MAGIC = [0x4e, 0x58, 0x56, 0x31];
const MARK_BYTES = MAGIC.length + RUN_ID_BYTES;
const KIND_AT = 20;
const PUBLISHER_AT = 22;
const NUMBER_AT = 24;
const TIME_AT = 28;
const CHECKSUM_AT = 36;
const TWO_POW_32 = 2 ** 32;
/** A corrupted message is still recognized if at most this many of its 20 marker bytes are wrong. */
const SPOILT_MARK_BYTES = 4;

/** `probe` checks that messages arrive; `end` marks the end of a publisher, with what it sent. */
export type EnvelopeKind = 'message' | 'end' | 'probe';
const KINDS: readonly EnvelopeKind[] = ['message', 'end', 'probe'];

/** Writes the envelopes of one publisher into one reused payload. */
export class EnvelopeWriter {
  /** The payload; it changes with each {@link write}. */
  readonly payload: Uint8Array;
  readonly #restChecksum: number;

  /** @param filler what follows the envelope; its length sets the payload's */
  constructor(
    runId: string,
    publisher: number,
    filler: Uint8Array,
    kind: EnvelopeKind = 'message',
  ) {
    this.payload = new Uint8Array(ENVELOPE_BYTES + filler.length);
    this.payload.set(markOf(runId));
    this.payload[KIND_AT] = KINDS.indexOf(kind);
    this.payload[PUBLISHER_AT] = publisher & 0xff;
    this.payload[PUBLISHER_AT + 1] = publisher >>> 8;
    this.payload.set(filler, ENVELOPE_BYTES);
    this.#restChecksum = crc32(this.payload, ENVELOPE_BYTES, this.payload.length);
  }

  /** @param sentAtMs milliseconds since the epoch; kept to the microsecond */
  write(number: number, sentAtMs: number): Uint8Array {
    const { payload } = this;
    const timeUs = Math.round(sentAtMs * 1000);
    put32(payload, NUMBER_AT, number);
    put32(payload, TIME_AT, timeUs % TWO_POW_32);
    put32(payload, TIME_AT + 4, Math.floor(timeUs / TWO_POW_32));
    put32(payload, CHECKSUM_AT, crc32(payload, 0, CHECKSUM_AT, this.#restChecksum));
    return payload;
  }
}

/** `whole`: of this run, as it was sent; `corrupted`: of this run, with a wrong checksum; `foreign`: not of this run. */
export type EnvelopeState = 'whole' | 'corrupted' | 'foreign';

/** Reads envelopes in place; the fields are those of the last one, and unreliable if it is corrupted. */
export class EnvelopeReader {
  kind: EnvelopeKind = 'message';
  publisher = 0;
  number = 0;
  sentAtMs = 0;
  readonly #mark: Uint8Array;

  constructor(runId: string) {
    this.#mark = markOf(runId);
  }

  /** Looks at `bytes[start, end)`, the payload of a message. */
  read(bytes: Uint8Array, start: number, end: number): EnvelopeState {
    if (end - start < MARK_BYTES) return 'foreign';
    const wrong = this.#wrongMarkBytes(bytes, start);
    if (wrong > SPOILT_MARK_BYTES) return 'foreign';
    this.#take(bytes, start);
    if (end - start < ENVELOPE_BYTES) return 'corrupted';
    const rest = crc32(bytes, start + ENVELOPE_BYTES, end);
    const sound =
      crc32(bytes, start, start + CHECKSUM_AT, rest) === get32(bytes, start + CHECKSUM_AT);
    if (!sound) return 'corrupted';
    // Another run with a similar id.
    return wrong === 0 ? 'whole' : 'foreign';
  }

  #wrongMarkBytes(bytes: Uint8Array, start: number): number {
    const mark = this.#mark;
    let wrong = 0;
    for (let at = 0; at < MARK_BYTES; at++) if (bytes[start + at] !== mark[at]) wrong += 1;
    return wrong;
  }

  #take(bytes: Uint8Array, start: number): void {
    this.kind = KINDS[bytes[start + KIND_AT] ?? 0] ?? 'message';
    this.publisher =
      (bytes[start + PUBLISHER_AT] ?? 0) | ((bytes[start + PUBLISHER_AT + 1] ?? 0) << 8);
    this.number = get32(bytes, start + NUMBER_AT);
    const low = get32(bytes, start + TIME_AT);
    this.sentAtMs = (get32(bytes, start + TIME_AT + 4) * TWO_POW_32 + low) / 1000;
  }
}

function markOf(runId: string): Uint8Array {
  const mark = new Uint8Array(MARK_BYTES);
  mark.set(MAGIC);
  mark.set(new TextEncoder().encode(runId), MAGIC.length);
  return mark;
}

function put32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}

function get32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24)) >>>
    0
  );
}
