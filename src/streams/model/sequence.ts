import { NatsxError, usageError } from '../../core/errors.js';
import type { StreamInfo } from './stream-info.js';
import { quoted } from '../../core/printable.js';

/** A place in a stream. The server counts with 64 bits; what a number does not hold exactly is a bigint. */
export type Sequence = number | bigint;

const LARGEST = Number.MAX_SAFE_INTEGER;

/** A sequence from its digits, exactly. */
export function sequenceOf(digits: string): Sequence {
  const seq = Number(digits);
  return Number.isSafeInteger(seq) ? seq : BigInt(digits);
}

/**
 * Reads the sequence of a message: digits, 1 or more.
 *
 * @param least 0 where "before the first message" means something
 * @throws usage — also for one that could only be rounded, which would be another message
 */
export function parseSequence(text: string, least = 1): number {
  if (!/^\d+$/.test(text)) {
    throw usageError(
      `invalid sequence ${quoted(text)}: it is not a whole number`,
      'write the sequence in digits, such as 42',
    );
  }
  const seq = sequenceOf(text);
  if (typeof seq === 'bigint') {
    throw usageError(
      `the sequence ${text} is too large: natsx counts exactly up to ${LARGEST}`,
      'the nats CLI takes it',
    );
  }
  if (seq < least)
    throw usageError(`the sequence ${text} is too small`, `sequences start at ${least}`);
  return seq;
}

/** Whether natsx can count in the stream: each of its sequences, and the next one, is a number. */
export function hasExactSequences({ last_seq: last }: { readonly last_seq: unknown }): boolean {
  return Number.isSafeInteger(last) && last !== LARGEST;
}

/** @throws {NatsxError} rejected — the sequence is too large to count on from it */
export function countable(seq: Sequence): number {
  if (typeof seq === 'number' && Number.isSafeInteger(seq)) return seq;
  throw new NatsxError(
    'rejected',
    `the sequence ${seq} is too large: natsx counts exactly up to ${LARGEST}`,
  );
}

/** Why a stream is not read, where {@link hasExactSequences} says no. */
export const INEXACT_SEQUENCES = `its sequences are too large: natsx counts exactly up to ${LARGEST}`;

/** @throws {NatsxError} rejected — the sequences of the stream are too large to count with */
export function checkExactSequences({ config, state }: StreamInfo): void {
  if (hasExactSequences(state)) return;
  throw new NatsxError(
    'rejected',
    `the stream "${config.name}" cannot be used here: ${INEXACT_SEQUENCES}`,
    { hint: 'use the nats CLI for this stream, or copy it into a new one with a source' },
  );
}
