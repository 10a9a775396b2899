import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

import { MESSAGE_FORMAT_FIELDS } from '../../core/message/message-format.js';
import { parseWorkTime, type WorkTime } from '../../core/values/work-time.js';
import { countFlag, durationFlag } from '../../terminal/flag-types.js';

const limits = 'LIMITS';
const messages = 'MESSAGES';
const form = 'OUTPUT OF MESSAGES';

/** Subjects as arguments, as many as are given. */
export const subjectArgs = {
  subject: Args.string({
    description: "subject or pattern, in quotes: 'orders.*' or 'orders.>'",
    multiple: true,
    ignoreStdin: true,
  }),
};

/** When reading ends by itself. */
const limitFlags = {
  count: countFlag({
    summary: 'stop after so many messages; fewer are a failure',
    helpGroup: limits,
  }),
  wait: durationFlag({ summary: 'stop when nothing has come for so long', helpGroup: limits }),
  duration: durationFlag({ summary: 'stop after so long', helpGroup: limits }),
} as const;

/** Which messages are wanted, and what happens when they come too quickly. */
const selectionFlags = {
  ignore: Flags.string({
    char: 'I',
    aliases: ['ignore-subject'],
    multiple: true,
    multipleNonGreedy: true,
    helpValue: '<subject>',
    summary: 'leave out what matches this pattern; may be repeated',
    helpGroup: messages,
  }),
  filter: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    helpValue: '<test>',
    summary: "only what passes, as 'header:Region=eu' or 'json:.total>100'; all must pass",
    description:
      'Fields: header:NAME, json:.PATH, subject, payload, size. Operators: = (or ==), !=, <, <=, >, >=, ~ (regular expression, or =~), !~; a field alone tests that it is there. The value may stand in quotes. Numbers compare as numbers, whole ones exactly, all else as text.',
    helpGroup: messages,
  }),
  slow: Flags.option({
    options: ['drop', 'wait'] as const,
    default: 'drop' as const,
    helpValue: '<drop|wait>',
    summary: 'when the output is not read quickly enough: drop and count, or stop reading',
    helpGroup: messages,
  })(),
} as const;

/** How messages are printed. */
const formFlags = {
  raw: Flags.boolean({ char: 'r', summary: 'payloads only, byte for byte', helpGroup: form }),
  delimiter: Flags.string({
    helpValue: '<text>',
    summary: String.raw`after each message with --raw and --json [default: \n]; \0 is NUL, '' nothing`,
    helpGroup: form,
  }),
  format: Flags.string({
    helpValue: '<template>',
    summary: String.raw`fields and text, as '{time} {subject} {payload}\n'`,
    description: `Fields: ${MESSAGE_FORMAT_FIELDS.map((field) => `{${field}}`).join(' ')}. Nothing is added at the end.`,
    helpGroup: form,
  }),
  'headers-only': Flags.boolean({ summary: 'no payloads', helpGroup: form }),
  'subjects-only': Flags.boolean({ summary: 'subjects alone', helpGroup: form }),
  pretty: Flags.boolean({ summary: 'indent payloads that are JSON', helpGroup: form }),
  timestamps: Flags.option({
    options: ['absolute', 'relative', 'delta'] as const,
    helpValue: '<kind>',
    summary: 'time of arrival: absolute, relative to the start, or delta to the message before',
    helpGroup: form,
  })(),
  'output-dir': Flags.string({
    aliases: ['dump'],
    helpValue: '<folder>',
    summary: 'a file for each message: JSON, or the payload alone with --raw',
    helpGroup: form,
  }),
  timestamp: Flags.boolean({ char: 't', hidden: true }),
  'delta-time': Flags.boolean({ char: 'd', hidden: true }),
} as const;

/** All that reading commands share. */
export const readingFlags = { ...limitFlags, ...selectionFlags, ...formFlags } as const;

/** How long a table of subjects may get. */
export const reportTopFlag = Flags.integer({
  aliases: ['report-top'],
  min: 1,
  default: 20,
  helpValue: '<number>',
  summary: 'how many subjects the table of --report shows, the busiest first',
  helpGroup: form,
});

/** How long something takes; fixed, or between two durations. */
export const workTimeFlag = Flags.custom<WorkTime>({
  helpValue: '<duration>',
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => parseWorkTime(text),
});
