import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';

import { usageError } from '../../core/errors.js';
import { STDIO, type RecordingHeader, type RecordingMode } from '../model/recording-header.js';
import type { ReadRange } from '../../streams/model/read-range.js';
import { subscriptionPatterns } from '../../messaging/flags/reading-options.js';
import { endFlags, namesRange, rangeOf, startFlags } from '../../streams/flags/stream-range.js';
import { positiveCountFlag, waitFlag } from '../../terminal/flag-types.js';

/** The flags of `record`. */
export const recordFlags = {
  stream: Flags.string({
    helpValue: '<name>',
    summary: 'the stream to record',
    helpGroup: 'STREAM',
  }),
  subject: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    aliases: ['filter'],
    helpValue: '<subject>',
    summary:
      'subject to record, repeatable; with --stream, only messages of the stream on this subject',
  }),
  follow: Flags.boolean({
    summary: 'keep recording new messages after the end of the stream, up to --to-seq or --to-time',
    helpGroup: 'STREAM',
  }),
  ...startFlags,
  ...endFlags,
  resume: Flags.boolean({ summary: 'continue at the end of the file', exclusive: ['overwrite'] }),
  overwrite: Flags.boolean({ summary: 'overwrite an existing file' }),
  count: positiveCountFlag({ summary: 'stop after N messages' }),
  duration: waitFlag({ summary: 'stop after this long' }),
} as const;

/** The values of these flags. */
export type RecordFlagValues = Partial<InferredFlags<typeof recordFlags>>;

/** What to record. */
export type RecordPlan =
  | {
      readonly from: 'stream';
      readonly stream: string;
      readonly filters: readonly string[];
      readonly range: ReadRange;
    }
  | { readonly from: 'subjects'; readonly subjects: readonly string[] };

/** @throws {NatsxError} usage */
export function recordPlan(flags: RecordFlagValues): RecordPlan {
  const subjects = subscriptionPatterns(flags.subject ?? []);
  if (flags.stream === undefined) {
    if (subjects.length === 0) {
      throw usageError(
        'nothing to record was given',
        "give --stream ORDERS or --subject 'orders.>'",
      );
    }
    if (flags.follow === true || namesRange(flags)) {
      throw usageError(
        'only a stream has past messages',
        'give it with --stream; subjects are recorded from now on',
      );
    }
    return { from: 'subjects', subjects };
  }
  const range = rangeOf(flags, { from: 'first' });
  // A stream is recorded to its current end by default.
  const atEnd = flags.follow !== true;
  return {
    from: 'stream',
    stream: flags.stream,
    filters: subjects,
    range: { ...range, end: { ...range.end, atEnd } },
  };
}

/** What happens to an existing file. @throws {NatsxError} usage — a flag that stdout cannot follow */
export function recordMode(
  file: string,
  { resume, overwrite, json }: RecordFlagValues & { readonly json?: boolean | undefined },
): RecordingMode {
  if (file === STDIO) rejectOnStdout({ resume, overwrite, json });
  if (resume === true) return 'resume';
  return overwrite === true ? 'overwrite' : 'new';
}

function rejectOnStdout(flags: Readonly<Record<string, boolean | undefined>>): void {
  const [name] = Object.entries(flags).find(([, given]) => given === true) ?? [];
  if (name === undefined) return;
  throw usageError(
    `--${name} cannot be used when the recording goes to stdout`,
    'leave it out, or record to a file',
  );
}

/** The first line of the file. */
export function recordingHeader(plan: RecordPlan, writtenBy: string): RecordingHeader {
  const source =
    plan.from === 'stream'
      ? { stream: plan.stream, filters: plan.filters }
      : { subjects: plan.subjects };
  return { source, startedAt: new Date().toISOString(), writtenBy };
}
