import type { InferredFlags } from '@oclif/core/interfaces';

import { usageError } from '../../core/errors.js';
import type { ReadEnd, ReadRange, ReadStart } from '../model/read-range.js';
import { timeFlag } from '../../terminal/flag-types.js';
import { sequenceFlag } from './jetstream-args.js';

const helpGroup = 'STREAM';

/** Where reading a stream starts. */
export const startFlags = {
  since: timeFlag({
    summary: 'start this long ago (1h), or at a time (yesterday, 2026-11-22T22:30)',
    helpGroup,
  }),
  'from-seq': sequenceFlag({
    aliases: ['start-sequence'],
    summary: 'start at this sequence',
    helpGroup,
  }),
  'from-time': timeFlag({ summary: 'the same as --since', helpGroup }),
} as const;

/** Where reading a stream ends. */
export const endFlags = {
  'to-seq': sequenceFlag({
    summary: 'stop after this sequence, or at the end of the stream if that is earlier',
    helpGroup,
  }),
  'to-time': timeFlag({
    summary: 'stop after this time, or at the end of the stream if that is earlier',
    helpGroup,
  }),
} as const;

/** Whether an end was given. */
export function hasEnd({ seq, timeMs }: ReadEnd): boolean {
  return seq !== undefined || timeMs !== undefined;
}

/** The flags of a range, as parsed. */
export type RangeFlagValues = Partial<InferredFlags<typeof startFlags & typeof endFlags>> &
  Partial<
    Readonly<
      Record<
        'from-start' | 'last' | 'last-per-subject' | 'new' | 'until-end' | 'follow',
        boolean | undefined
      >
    >
  >;

const STARTS = [
  'from-start',
  'since',
  'from-seq',
  'from-time',
  'last',
  'last-per-subject',
  'new',
] as const;

/** Whether any flag needs a stream. */
export function namesRange(flags: RangeFlagValues): boolean {
  const ends = ['until-end', 'to-seq', 'to-time'] as const;
  return [...STARTS, ...ends].some((name) => isGiven(flags[name]));
}

/** @throws {NatsxError} usage — two starts, or an end before the start */
export function rangeOf(flags: RangeFlagValues, fallback: ReadStart): ReadRange {
  const [first, second] = STARTS.filter((name) => isGiven(flags[name]));
  if (first !== undefined && second !== undefined) {
    throw usageError(`--${first} and --${second} cannot be used together`, 'use one of them');
  }
  if (flags.follow === true && flags['until-end'] === true) {
    throw usageError('--follow and --until-end cannot be used together', 'use one of them');
  }
  const start = startOf(flags) ?? fallback;
  const range = { start, end: endOf(flags, start) };
  const { end } = range;
  if (start.from === 'seq' && end.seq !== undefined && end.seq < start.seq) {
    throw usageError(`--to-seq ${end.seq} is before --from-seq ${start.seq}`, 'swap them');
  }
  if (start.from === 'time' && end.timeMs !== undefined && end.timeMs < Date.parse(start.time)) {
    throw usageError('the end of the range is before its start', 'swap the two times');
  }
  return range;
}

function startOf(flags: RangeFlagValues): ReadStart | undefined {
  const { since } = flags;
  if (flags['from-start'] === true) return { from: 'first' };
  if (since !== undefined) return fromTime(since);
  if (flags['from-seq'] !== undefined) return { from: 'seq', seq: flags['from-seq'] };
  if (flags['from-time'] !== undefined) return fromTime(flags['from-time']);
  if (flags.last === true) return { from: 'last' };
  if (flags['last-per-subject'] === true) return { from: 'last-per-subject' };
  return flags.new === true ? { from: 'new' } : undefined;
}

/** An end in the future is awaited only with --follow or --new. */
function endOf(flags: RangeFlagValues, start: ReadStart): ReadEnd {
  const seq = flags['to-seq'];
  const timeMs = flags['to-time'];
  const waits = flags.follow === true || start.from === 'new';
  const end = { seq, timeMs, atEnd: false };
  return { ...end, atEnd: flags['until-end'] === true || (hasEnd(end) && !waits) };
}

function fromTime(timeMs: number): ReadStart {
  return { from: 'time', time: new Date(timeMs).toISOString() };
}

function isGiven(value: boolean | number | undefined): boolean {
  return value !== undefined && value !== false;
}
