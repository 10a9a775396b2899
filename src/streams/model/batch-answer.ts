import { isJsonObject, parseExactJson } from '../../core/message/exact-json.js';
import type { ApiError } from './api-failure.js';
import { sequenceOf, type Sequence } from './sequence.js';

/** What a stream answers to a committed batch. */
export interface BatchAck {
  readonly stream: string;
  readonly domain: string | undefined;
  /** The sequence of the last message that was stored. */
  readonly seq: Sequence;
  /** The place in the batch up to which it was processed: places in gaps count too. */
  readonly count: number;
}

/** An answer of a stream to a message of a batch (ADR-50). Places in the batch are from 1. */
export type BatchAnswer =
  /** The message was received; it is not stored before the commit. */
  | { readonly type: 'received' }
  /** Stored up to `place`, gaps aside; the next such answer follows after `every` messages. */
  | { readonly type: 'flow'; readonly place: number; readonly every: number }
  /** The messages from `from` up to `to`, exclusive, did not arrive. */
  | { readonly type: 'gap'; readonly from: number; readonly to: number }
  /** One message was not stored. */
  | { readonly type: 'failed'; readonly place: number; readonly error: ApiError }
  | { readonly type: 'committed'; readonly ack: BatchAck }
  /** The batch, or the message that was answered, was refused. */
  | { readonly type: 'refused'; readonly error: ApiError }
  /** It did not come from a stream. */
  | { readonly type: 'foreign' };

/** Reads an answer to a message of a batch. */
export function parseBatchAnswer(text: string): BatchAnswer {
  if (text === '') return { type: 'received' };
  const answer = objectIn(text);
  switch (answer['type']) {
    case 'ack':
      return { type: 'flow', place: numberIn(answer, 'seq'), every: numberIn(answer, 'msgs') };
    case 'gap':
      return { type: 'gap', from: numberIn(answer, 'last_seq'), to: numberIn(answer, 'seq') };
    case 'err':
      return { type: 'failed', place: numberIn(answer, 'seq'), error: errorIn(answer) };
    default:
      return untyped(answer);
  }
}

function untyped(answer: Readonly<Record<string, unknown>>): BatchAnswer {
  if (answer['error'] !== undefined) return { type: 'refused', error: errorIn(answer) };
  const { stream, domain, seq, batch } = answer;
  // A server that does not know batches acknowledges each message for itself.
  if (typeof stream !== 'string' || typeof batch !== 'string') return { type: 'foreign' };
  if (typeof seq !== 'number' && typeof seq !== 'bigint') return { type: 'foreign' };
  const count = numberIn(answer, 'count');
  const ack = { stream, domain: typeof domain === 'string' ? domain : undefined, count };
  return { type: 'committed', ack: { ...ack, seq: sequenceOf(seq.toString()) } };
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value = parseExactJson(text);
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}

function numberIn(answer: Readonly<Record<string, unknown>>, key: string): number {
  const value = answer[key];
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : 0;
}

function errorIn({ error }: Readonly<Record<string, unknown>>): ApiError {
  return isJsonObject(error) ? (error as unknown as ApiError) : { code: 0 };
}
