import { usageError } from '../../core/errors.js';
import type { RecordingHeader } from '../model/recording-header.js';
import type { ReadRange } from '../../streams/model/read-range.js';
import { subscriptionPatterns } from '../../messaging/flags/reading-options.js';
import { namesRange, rangeOf, type RangeFlagValues } from '../../streams/flags/stream-range.js';

/** The flags of `record`, as parsed. */
export interface RecordFlagValues extends RangeFlagValues {
  readonly stream?: string | undefined;
  readonly subject?: readonly string[] | undefined;
  readonly follow?: boolean | undefined;
  readonly resume?: boolean | undefined;
  readonly overwrite?: boolean | undefined;
}

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

/** The first line of the file. */
export function recordingHeader(plan: RecordPlan, writtenBy: string): RecordingHeader {
  const source =
    plan.from === 'stream'
      ? { stream: plan.stream, filters: plan.filters }
      : { subjects: plan.subjects };
  return { source, startedAt: new Date().toISOString(), writtenBy };
}
