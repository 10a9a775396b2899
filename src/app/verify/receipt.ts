import type { MessageView } from '../../wire/message-view.js';

/** What the answer to a publish says. */
export type Receipt =
  | { readonly kind: 'stored'; readonly duplicate: boolean }
  /** Nobody listens, so nobody has it. */
  | { readonly kind: 'unheard' }
  /** The stream cannot answer for now. */
  | { readonly kind: 'unavailable'; readonly reason: string }
  /** The stream does not want it. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Not the answer of the stream. */
  | { readonly kind: 'strange' };

interface ReceiptJson {
  readonly stream?: string;
  readonly duplicate?: boolean;
  readonly error?: { readonly code?: number; readonly description?: string };
}

const STORED = Buffer.from('{"stream":"');
/** Written only for a repeat, and with a blank before its value. */
const DUPLICATE = Buffer.from('"duplicate"');
const NOT_DUPLICATE: Receipt = { kind: 'stored', duplicate: false };
const STRANGE: Receipt = { kind: 'strange' };

/** Reads an acknowledgement of JetStream; the hot path parses no JSON. */
export function readReceipt(view: MessageView, stream: string): Receipt {
  if (view.isNoResponders) return { kind: 'unheard' };
  const { payload } = view;
  const plain = payload.subarray(0, STORED.length).equals(STORED);
  if (plain && payload.toString('utf8', STORED.length, STORED.length + stream.length) === stream) {
    return payload.includes(DUPLICATE) ? { kind: 'stored', duplicate: true } : NOT_DUPLICATE;
  }
  return readJson(payload, stream);
}

function readJson(payload: Buffer, stream: string): Receipt {
  let json: ReceiptJson;
  try {
    json = JSON.parse(payload.toString()) as ReceiptJson;
  } catch {
    return STRANGE;
  }
  if (json.error !== undefined) {
    const { code = 0, description = `error ${code}` } = json.error;
    return { kind: code === 503 ? 'unavailable' : 'refused', reason: description };
  }
  return json.stream === stream ? { kind: 'stored', duplicate: json.duplicate === true } : STRANGE;
}

/** Whether the text of an answer says that a stream has the message. */
export function isStored(payload: Uint8Array): boolean {
  try {
    const json = JSON.parse(Buffer.from(payload).toString()) as ReceiptJson;
    return json.error === undefined && json.stream !== undefined;
  } catch {
    return false;
  }
}
