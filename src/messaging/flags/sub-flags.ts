import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { MESSAGE_FORMAT_FIELDS } from '../../core/message/message-format.js';
import { parseWorkTime, type WorkTime } from '../../core/values/work-time.js';
import { countFlag, durationFlag } from '../../terminal/flag-types.js';
import { randomBytes } from 'node:crypto';

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

/** When a subscription ends by itself. */
const limitFlags = {
  count: countFlag({
    summary: 'stop after N messages; receiving fewer is a failure',
    helpGroup: limits,
  }),
  wait: durationFlag({ summary: 'stop after this long without a message', helpGroup: limits }),
  duration: durationFlag({ summary: 'stop after this long', helpGroup: limits }),
} as const;

/** Which messages are wanted, and what happens when they arrive too fast. */
const selectionFlags = {
  ignore: Flags.string({
    char: 'I',
    aliases: ['ignore-subject'],
    multiple: true,
    multipleNonGreedy: true,
    helpValue: '<subject>',
    summary: 'ignore messages on this subject or pattern; repeatable',
    helpGroup: messages,
  }),
  filter: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    helpValue: '<test>',
    summary:
      "print only matching messages, e.g. 'header:Region=eu' or 'json:.total>100'; repeat to require several",
    description:
      'Fields: header:NAME, json:.PATH, subject, payload, size. Operators: = (or ==), !=, <, <=, >, >=, ~ (regular expression, or =~), !~; a field without an operator must exist. The value may be quoted. Numbers compare as numbers (integers exactly), everything else as text.',
    helpGroup: messages,
  }),
  slow: Flags.option({
    options: ['drop', 'wait'] as const,
    default: 'drop' as const,
    helpValue: '<drop|wait>',
    summary: 'when the output is read too slowly: drop and count messages, or stop reading',
    helpGroup: messages,
  })(),
} as const;

/** How messages are printed. */
const formFlags = {
  raw: Flags.boolean({ char: 'r', summary: 'print only payloads, byte for byte', helpGroup: form }),
  delimiter: Flags.string({
    helpValue: '<text>',
    summary: String.raw`what follows each message with --raw and --json [default: \n]; \0 is NUL, '' is nothing`,
    helpGroup: form,
  }),
  format: Flags.string({
    helpValue: '<template>',
    summary: String.raw`print fields, e.g. '{time} {subject} {payload}\n'`,
    description: `Fields: ${MESSAGE_FORMAT_FIELDS.map((field) => `{${field}}`).join(' ')}. No line end is added.`,
    helpGroup: form,
  }),
  'headers-only': Flags.boolean({ summary: 'print no payloads', helpGroup: form }),
  'subjects-only': Flags.boolean({ summary: 'print only subjects', helpGroup: form }),
  pretty: Flags.boolean({ summary: 'indent payloads that are JSON', helpGroup: form }),
  timestamps: Flags.option({
    options: ['absolute', 'relative', 'delta'] as const,
    helpValue: '<kind>',
    summary:
      'print arrival times: absolute, relative to the start, or delta to the previous message',
    helpGroup: form,
  })(),
  'output-dir': Flags.string({
    aliases: ['dump'],
    helpValue: '<folder>',
    summary: 'write each message to a file: JSON, or only the payload with --raw',
    helpGroup: form,
  }),
  timestamp: Flags.boolean({ char: 't', hidden: true }),
  'delta-time': Flags.boolean({ char: 'd', hidden: true }),
} as const;

/** Flags that all reading commands share. */
export const readingFlags = { ...limitFlags, ...selectionFlags, ...formFlags } as const;

/** How many rows a table of subjects may have. */
export const reportTopFlag = Flags.integer({
  aliases: ['report-top'],
  min: 1,
  default: 20,
  helpValue: '<number>',
  summary: 'rows in the table of --report, busiest subjects first',
  helpGroup: form,
});

/** How long something takes: fixed, or random between two durations. */
export const workTimeFlag = Flags.custom<WorkTime>({
  helpValue: '<duration>',
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
  parse: async (text) => parseWorkTime(text),
});

/** A unique subject that cannot be guessed. @param prefix as in the dial options, without the final dot */
export function newInbox(prefix: string): string {
  return `${prefix}.${randomBytes(16).toString('base64url')}`;
}
