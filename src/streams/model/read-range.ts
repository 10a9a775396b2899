import { NatsxError } from '../../core/errors.js';
import type { StreamInfo } from './stream-info.js';

/** Where reading a stream begins. Times are RFC 3339. */
export type ReadStart =
  | { readonly from: 'first' }
  | { readonly from: 'seq'; readonly seq: number }
  | { readonly from: 'time'; readonly time: string }
  /** The newest message alone, then what comes. */
  | { readonly from: 'last' }
  /** The newest message of each subject, then what comes. */
  | { readonly from: 'last-per-subject' }
  | { readonly from: 'new' };

/** Where reading a stream ends; each that is given ends it, none goes on for ever. */
export interface ReadEnd {
  /** At the message that is the last one when reading begins. */
  readonly atEnd: boolean;
  /** After this sequence. */
  readonly seq?: number | undefined;
  /** After this time, in milliseconds since the epoch by the server's clock. */
  readonly timeMs?: number | undefined;
}

/**
 * Where reading really ends when that is before the end that was asked for, in words.
 *
 * @param nowMs the server's clock
 */
export function earlierEnd(range: ReadRange, info: StreamInfo, nowMs: number): string | undefined {
  const { atEnd, seq, timeMs } = range.end;
  const { last_seq: newest } = info.state;
  if (!atEnd) return undefined;
  const wanted = seq ?? 0;
  if (wanted <= newest && (timeMs ?? 0) <= nowMs) return undefined;
  const asked = wanted > newest ? `sequence ${wanted} is not there yet` : 'that time lies ahead';
  return `${asked}: reading ends with ${newest}, the last one now; --follow waits for the rest`;
}

/** What is to be read of a stream. */
export interface ReadRange {
  readonly start: ReadStart;
  readonly end: ReadEnd;
}

/** A range when the stream is known. */
export interface KnownRange {
  /** The last sequence to hand on; Infinity without an end. */
  readonly lastSeq: number;
  /** The last time to hand on, in milliseconds; Infinity without an end. */
  readonly lastMs: number;
  /** Whether reading ends when nothing is left to be read. */
  readonly endsWhenCaughtUp: boolean;
}

/**
 * Holds a range against the stream as it is now.
 *
 * @param nowMs the server's clock
 * @throws {NatsxError} not-found — the range begins after the newest message
 */
export function knownRange(range: ReadRange, info: StreamInfo, nowMs: number): KnownRange {
  const { start, end } = range;
  const { last_seq: newest, first_seq: oldest, messages } = info.state;
  if (start.from === 'seq' && start.seq > newest + 1) {
    const has =
      messages === 0
        ? `the stream is empty, and its last sequence was ${newest}`
        : `the stream has the sequences ${oldest} to ${newest}`;
    throw new NatsxError(
      'not-found',
      `"${info.config.name}" has no message ${start.seq} yet: ${has}`,
      {
        hint: '--new waits for what comes',
        details: { stream: info.config.name, first_seq: oldest, last_seq: newest, messages },
      },
    );
  }
  return {
    lastSeq: Math.min(end.seq ?? Infinity, end.atEnd ? newest : Infinity),
    lastMs: end.timeMs ?? Infinity,
    endsWhenCaughtUp:
      end.atEnd ||
      (end.timeMs !== undefined && end.timeMs < nowMs) ||
      (end.seq !== undefined && end.seq <= newest),
  };
}

/** The consumer's settings that make it begin there. `nextSeq`: where the stream goes on after its newest message. */
export function deliverFrom(
  start: ReadStart,
  nextSeq: number,
): Readonly<Record<string, string | number>> {
  switch (start.from) {
    case 'first':
      return { deliver_policy: 'all' };
    case 'seq':
      return start.seq <= 1 ? { deliver_policy: 'all' } : fromSeq(start.seq);
    case 'time':
      return { deliver_policy: 'by_start_time', opt_start_time: start.time };
    case 'last':
      return { deliver_policy: 'last' };
    case 'last-per-subject':
      return { deliver_policy: 'last_per_subject' };
    case 'new':
      // Not the server's "new": what arrives between now and the making of the consumer belongs to it as well.
      return fromSeq(nextSeq);
  }
}

function fromSeq(seq: number): Readonly<Record<string, string | number>> {
  return { deliver_policy: 'by_start_sequence', opt_start_seq: Math.max(1, seq) };
}
