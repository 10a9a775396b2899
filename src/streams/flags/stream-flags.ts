import * as Flags from '@oclif/core/flags';

import { usageError } from '../../core/errors.js';
import type { ReplayPace } from '../../core/values/pace.js';
import type { ReadRange } from '../model/read-range.js';
import { paceChoice } from './pace-flags.js';
import { endFlags, namesRange, rangeOf, startFlags, type RangeFlagValues } from './stream-range.js';

const helpGroup = 'STREAM';

/** What `sub` can do with a stream. */
export const streamFlags = {
  stream: Flags.string({
    helpValue: '<name>',
    summary: 'read this stream; the flags below also find it by its subject',
    helpGroup,
  }),
  'from-start': Flags.boolean({
    aliases: ['all'],
    summary: 'begin with the first message',
    helpGroup,
  }),
  ...startFlags,
  last: Flags.boolean({ summary: 'begin with the newest message', helpGroup }),
  'last-per-subject': Flags.boolean({
    summary: 'begin with the newest message of each subject',
    helpGroup,
  }),
  new: Flags.boolean({ summary: 'only what is stored from now on', helpGroup }),
  'until-end': Flags.boolean({
    aliases: ['terminate-at-end'],
    char: 'T',
    summary: 'end with the message that is the last one now',
    helpGroup,
  }),
  ...endFlags,
  follow: Flags.boolean({
    summary: 'wait for what comes after the end of the stream, up to --to-seq or --to-time',
    helpGroup,
  }),
  replay: Flags.option({
    options: ['instant', 'original'] as const,
    default: 'instant' as const,
    helpValue: '<instant|original>',
    summary: 'as quickly as it goes, or as far apart as the messages were stored',
    helpGroup,
  })(),
  speed: Flags.string({
    helpValue: '<10x>',
    summary: 'so many times as fast as the messages were stored',
    helpGroup,
  }),
} as const;

/** These flags, as parsed. */
export interface StreamFlagValues extends RangeFlagValues {
  readonly stream?: string | undefined;
  readonly replay: 'instant' | 'original';
  readonly speed?: string | undefined;
}

/** What is to be read of a stream. */
export interface StreamPlan {
  readonly stream: string | undefined;
  readonly range: ReadRange;
  readonly pace: ReplayPace;
}

/** Flags that mean something only for messages that are published now. */
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
      throw usageError(
        '--follow goes with a stream',
        'name it with --stream, or leave --follow out',
      );
    }
    if (!isPaced) return undefined;
    throw usageError('only a stream can be replayed', 'name it with --stream, or add --from-start');
  }
  const live = (['match-replies', 'inbox', 'queue'] as const).find(
    (name) => flags[name] !== undefined && flags[name] !== false,
  );
  if (live !== undefined) {
    throw usageError(`--${live} does not go with a stream`, 'leave it out');
  }
  // As the official CLI has it: a stream without a start is followed from now on. Whoever names an end has a beginning too.
  const hasEnd =
    flags['until-end'] === true || flags['to-seq'] !== undefined || flags['to-time'] !== undefined;
  const range = rangeOf(flags, { from: hasEnd ? 'first' : 'new' });
  const pace = paceChoice({ original: flags.replay === 'original', speed: flags.speed });
  return { stream: flags.stream, range, pace };
}
