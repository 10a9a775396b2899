import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';

import { usageError } from '../../core/errors.js';
import {
  compileSubjectMapping,
  mappingMatchers,
  StrictMapping,
} from '../../core/subject/subject-mapping.js';
import { replayRange } from '../../streams/flags/pace-flags.js';
import { rateFlag } from '../../terminal/flag-types.js';
import { STDIO } from '../model/recording-header.js';

/** The flags of `replay`. */
export const replayFlags = {
  jetstream: Flags.boolean({
    char: 'J',
    summary: 'publish to streams, and wait for their acknowledgements',
  }),
  window: Flags.integer({
    min: 1,
    max: 100_000,
    default: 2_000,
    helpValue: '<number>',
    summary: 'maximum number of unacknowledged messages, with -J',
  }),
  map: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    helpValue: '<from=to>',
    summary:
      "publish to other subjects, e.g. 'orders.>=copy.orders.>'; repeatable, the first match applies",
  }),
  original: Flags.boolean({ summary: 'publish at the original pace' }),
  speed: Flags.string({
    helpValue: '<10x>',
    summary: 'speed relative to the original pace, e.g. 10x',
  }),
  rate: rateFlag({ summary: 'publish at most this many messages per second' }),
  from: Flags.string({
    helpValue: '<sequence|time>',
    summary: 'start at this original sequence or time',
  }),
  to: Flags.string({
    helpValue: '<sequence|time>',
    summary: 'stop after this original sequence or time',
  }),
  'nats-headers': Flags.option({
    options: ['safe', 'keep', 'drop'] as const,
    default: 'safe' as const,
    helpValue: '<safe|keep|drop>',
    summary:
      'which headers that start with Nats- to keep: those that are safe to repeat, all, or none',
  })(),
  resume: Flags.boolean({ summary: 'continue where an earlier replay stopped' }),
  'dry-run': Flags.boolean({
    summary: 'only show the subjects and the number of messages on each',
  }),
  'accept-duplicates': Flags.boolean({
    summary: 'continue even if it is unknown which of the last messages were stored',
    dependsOn: ['resume', 'jetstream'],
  }),
} as const;

/** The values of these flags. */
export type ReplayFlagValues = InferredFlags<typeof replayFlags>;

/**
 * Which messages are published, and where. stdin is read only once, so there each subject must match a mapping.
 *
 * @throws {NatsxError} usage
 */
export function replayChoice(
  file: string,
  { map = [], resume, from, to }: ReplayFlagValues,
  nowMs: number,
) {
  const isStdin = file === STDIO;
  if (isStdin && resume) {
    throw usageError('a replay from stdin cannot be resumed', 'leave --resume out, or give a file');
  }
  const strict = isStdin && map.length > 0 ? new StrictMapping(map) : undefined;
  return {
    range: replayRange({ from, to }, nowMs),
    mapSubject: strict?.map ?? compileSubjectMapping(map),
    mappings: mappingMatchers(map),
    /** Mappings that have matched no message of stdin. */
    unusedMappings: (): readonly string[] => strict?.unused ?? [],
  };
}

/** What a replay that continues another one must have in common with it. */
export function planOf({ jetstream, map = [], from, to, ...flags }: ReplayFlagValues): string {
  return JSON.stringify({ jetstream, map, headers: flags['nats-headers'], from, to });
}
