import { NatsxError } from '../../core/errors.js';
import type { StreamInfo } from './stream-info.js';

/** Where reading a stream starts. Times are RFC 3339. */
export type ReadStart =
  | { readonly from: 'first' }
  | { readonly from: 'seq'; readonly seq: number }
  | { readonly from: 'time'; readonly time: string }
  /** The newest message, then new ones. */
  | { readonly from: 'last' }
  /** The newest message of each subject, then new ones. */
  | { readonly from: 'last-per-subject' }
  | { readonly from: 'new' };

/** Where reading a stream ends: at the first of the given ends; never if none is given. */
export interface ReadEnd {
  /** After the message that is the last when reading starts. */
  readonly atEnd: boolean;
  /** After this sequence. */
  readonly seq?: number | undefined;
  /** After this time, in milliseconds since the epoch by the server's clock. */
  readonly timeMs?: number | undefined;
}

/**
 * A notice if reading ends before the requested end.
 *
 * @param nowMs the server's clock
 */
export function earlierEnd(range: ReadRange, info: StreamInfo, nowMs: number): string | undefined {
  const { atEnd, seq, timeMs } = range.end;
  const { last_seq: newest } = info.state;
  if (!atEnd) return undefined;
  const wanted = seq ?? 0;
  if (wanted <= newest && (timeMs ?? 0) <= nowMs) return undefined;
  const asked =
    wanted > newest ? `sequence ${wanted} does not exist yet` : 'that time is in the future';
  return `${asked}: reading ends after ${newest}, currently the last; --follow waits for the rest`;
}

/** What to read from a stream. */
export interface ReadRange {
  readonly start: ReadStart;
  readonly end: ReadEnd;
}

/** A range, resolved for the stream as it is now. */
export interface KnownRange {
  /** The last wanted sequence; Infinity without an end. */
  readonly lastSeq: number;
  /** The last wanted time, in milliseconds; Infinity without an end. */
  readonly lastMs: number;
  /** Whether reading ends when no message is left. */
  readonly endsWhenCaughtUp: boolean;
}

/**
 * Resolves a range for the stream as it is now.
 *
 * @param nowMs the server's clock
 * @throws {NatsxError} not-found — the range starts after the newest message
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
        hint: '--new waits for new messages',
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

/** The consumer's settings for this start. @param nextSeq the sequence of the next message that is stored */
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
      // Not the server's "new", which would miss messages stored before the consumer is created.
      return fromSeq(nextSeq);
  }
}

function fromSeq(seq: number): Readonly<Record<string, string | number>> {
  return { deliver_policy: 'by_start_sequence', opt_start_seq: Math.max(1, seq) };
}
