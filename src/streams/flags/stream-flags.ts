import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';

import { usageError } from '../../core/errors.js';
import type { ReplayPace } from '../../core/values/pace.js';
import type { ReadRange } from '../model/read-range.js';
import { paceChoice } from './pace-flags.js';
import { endFlags, namesRange, rangeOf, startFlags } from './stream-range.js';

const helpGroup = 'STREAM';

/** The flags of `sub` for reading a stream. */
export const streamFlags = {
  stream: Flags.string({
    helpValue: '<name>',
    summary:
      'read this stream; without it, the other flags of this group find the stream of SUBJECT',
    helpGroup,
  }),
  'from-start': Flags.boolean({
    aliases: ['all'],
    summary: 'start at the first message',
    helpGroup,
  }),
  ...startFlags,
  last: Flags.boolean({ summary: 'start at the newest message', helpGroup }),
  'last-per-subject': Flags.boolean({
    summary: 'start at the newest message of each subject',
    helpGroup,
  }),
  new: Flags.boolean({ summary: 'only messages stored from now on', helpGroup }),
  'until-end': Flags.boolean({
    aliases: ['terminate-at-end'],
    char: 'T',
    summary: 'stop after the message that is currently the last',
    helpGroup,
  }),
  ...endFlags,
  follow: Flags.boolean({
    summary: 'wait for new messages at the end of the stream, up to --to-seq or --to-time',
    helpGroup,
  }),
  replay: Flags.option({
    options: ['instant', 'original'] as const,
    default: 'instant' as const,
    helpValue: '<instant|original>',
    summary: 'as fast as possible, or at the intervals at which the messages were stored',
    helpGroup,
  })(),
  speed: Flags.string({
    helpValue: '<10x>',
    summary: 'speed relative to the times at which the messages were stored',
    helpGroup,
  }),
} as const;

/** These flags, as parsed. */
export type StreamFlagValues = Partial<InferredFlags<typeof streamFlags>>;

/** What is to be read of a stream. */
export interface StreamPlan {
  readonly stream: string | undefined;
  readonly range: ReadRange;
  readonly pace: ReplayPace;
}

/** Flags for live messages only. */
export interface LiveFlagValues {
  readonly 'match-replies'?: boolean | undefined;
  readonly inbox?: boolean | undefined;
  readonly queue?: string | undefined;
}

/** The plan, when a stream is meant. @throws {NatsxError} usage */
export function streamPlan(flags: StreamFlagValues & LiveFlagValues): StreamPlan | undefined {
  const isPaced = flags.replay === 'original' || flags.speed !== undefined;
  if (flags.stream === undefined && !namesRange(flags)) {
    if (flags.follow === true) {
      throw usageError('--follow needs a stream', 'add --stream, or omit --follow');
    }
    if (!isPaced) return undefined;
    throw usageError('--replay and --speed need a stream', 'add --stream or --from-start');
  }
  const live = (['match-replies', 'inbox', 'queue'] as const).find(
    (name) => flags[name] !== undefined && flags[name] !== false,
  );
  if (live !== undefined) {
    throw usageError(`--${live} cannot be used with a stream`, 'omit it');
  }
  // As in the official CLI, a stream without a start is followed from now on. With an end, it is read from its start.
  const hasEnd =
    flags['until-end'] === true || flags['to-seq'] !== undefined || flags['to-time'] !== undefined;
  const range = rangeOf(flags, { from: hasEnd ? 'first' : 'new' });
  const pace = paceChoice({ original: flags.replay === 'original', speed: flags.speed });
  return { stream: flags.stream, range, pace };
}
