import type { InferredFlags } from '@oclif/core/interfaces';

import { parseDelimiter } from '../../core/values/delimiter.js';
import { usageError } from '../../core/errors.js';
import { compileMessageFilters } from '../../core/message/message-filter.js';
import type { MessageInPlace } from '../../core/message/message-in-place.js';
import { quoted } from '../../core/printable.js';
import type { ReadingLimits } from '../../core/message/reading.js';
import { parseSubscriptionPattern } from '../../core/subject/subject.js';
import { compileAnySubjectMatcher, patternsOverlap } from '../../core/subject/subject-match.js';
import type { Timestamps } from '../../core/message/reading.js';
import type { readingFlags } from './sub-flags.js';

/** The values of these flags. */
export type ReadingFlagValues = Partial<InferredFlags<typeof readingFlags>> &
  Pick<InferredFlags<typeof readingFlags>, 'slow'> & { readonly json?: boolean };

/** How messages are printed. */
export type MessageForm =
  | {
      readonly kind: 'text';
      readonly show: 'all' | 'headers' | 'subject';
      readonly pretty: boolean;
      readonly timestamps: Timestamps;
    }
  | { readonly kind: 'raw'; readonly delimiter: Uint8Array }
  | { readonly kind: 'json'; readonly delimiter: Uint8Array }
  | { readonly kind: 'format'; readonly template: string };

/** The flags of reading, checked and compiled. */
export interface ReadingOptions {
  readonly limits: ReadingLimits;
  readonly accepts: ((message: MessageInPlace) => boolean) | undefined;
  readonly slow: 'drop' | 'wait';
  readonly form: MessageForm;
  readonly outputDir: string | undefined;
}

/** @throws {NatsxError} usage */
export function readingOptions(flags: ReadingFlagValues): ReadingOptions {
  if (flags.count === 0) {
    throw usageError('--count 0 would read nothing', 'leave it out to read until Ctrl-C');
  }
  const toStdout = flags['output-dir'] === '-';
  return {
    limits: { count: flags.count, idleMs: flags.wait, durationMs: flags.duration },
    accepts: acceptance(flags),
    slow: flags.slow,
    form: toStdout ? { kind: 'json', delimiter: Uint8Array.of(0) } : messageForm(flags),
    outputDir: toStdout ? undefined : flags['output-dir'],
  };
}

/**
 * Checks the patterns to subscribe to.
 *
 * @throws {NatsxError} usage — with the likely cause if the shell has consumed the wildcard
 */
export function subscriptionPatterns(subjects: readonly string[]): readonly string[] {
  const twice = subjects.find((subject, index) => subjects.indexOf(subject) !== index);
  if (twice !== undefined) {
    throw usageError(`the subject ${quoted(twice)} was given twice`, 'give it once');
  }
  return subjects.map((subject) => {
    if (subject.length > 1 && subject.endsWith('.') && !subject.endsWith('..')) {
      throw usageError(
        `invalid subject pattern ${quoted(subject)}: it ends with a dot`,
        `quote the >, or the shell treats it as a redirection: '${subject}>'`,
      );
    }
    return parseSubscriptionPattern(subject);
  });
}

/** Pairs of patterns that may match the same subject: such a message arrives once per pattern. */
export function overlaps(patterns: readonly string[]): readonly (readonly [string, string])[] {
  return patterns.flatMap((first, index) =>
    patterns
      .slice(index + 1)
      .filter((second) => patternsOverlap(first, second))
      .map((second) => [first, second] as const),
  );
}

function messageForm(flags: ReadingFlagValues): MessageForm {
  const chosen = FORMS.filter((name) => flags[name] !== undefined && flags[name] !== false);
  const [first, second] = chosen;
  if (first !== undefined && second !== undefined) {
    throw usageError(`--${first} and --${second} exclude each other`, 'give only one of them');
  }
  const isDelimited = first === 'raw' || first === 'json';
  if (flags.delimiter !== undefined && !isDelimited) {
    throw usageError(
      '--delimiter needs --raw or --json',
      '--format already defines its own line ending',
    );
  }
  const delimiter = parseDelimiter(flags.delimiter ?? String.raw`\n`);
  if (first === 'raw' || first === 'json') return { kind: first, delimiter };
  if (flags.format !== undefined) return { kind: 'format', template: flags.format };
  const show = first === 'headers-only' ? 'headers' : first === 'subjects-only' ? 'subject' : 'all';
  return { kind: 'text', show, pretty: flags.pretty ?? false, timestamps: timestampsOf(flags) };
}

const FORMS = ['raw', 'json', 'format', 'headers-only', 'subjects-only'] as const;

/** The official CLI's `-d` counts from the start. */
function timestampsOf(flags: ReadingFlagValues): Timestamps {
  if (flags.timestamps !== undefined) return flags.timestamps;
  if (flags['delta-time'] === true) return 'relative';
  return flags.timestamp === true ? 'absolute' : 'none';
}

function acceptance(flags: ReadingFlagValues): ((message: MessageInPlace) => boolean) | undefined {
  const { ignore = [], filter = [] } = flags;
  if (ignore.length === 0 && filter.length === 0) return undefined;
  const ignored = compileAnySubjectMatcher(ignore.map(parseSubscriptionPattern));
  if (filter.length === 0) return (message) => !ignored(message.subject);
  const passes = compileMessageFilters(filter);
  return (message) => !ignored(message.subject) && passes(message.toMessage(Date.now()));
}
