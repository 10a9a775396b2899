import { NatsxError } from '../../core/errors.js';
import type { SequenceRange } from './sequence-account.js';
import { wayOut } from './way-out.js';

/** What a recording came to. */
export interface RecordOutcome {
  readonly end: 'reached' | 'count' | 'duration' | 'stopped';
  readonly stream: string | undefined;
  readonly messages: number;
  readonly firstSeq: number | undefined;
  readonly lastSeq: number | undefined;
  /** Places where the stream has no messages, because they were deleted or had expired. */
  readonly holes: number;
  /** What was skipped: none, or something is badly wrong. */
  readonly missing: readonly SequenceRange[];
  /** Whether it was shown that nothing was skipped. */
  readonly proven: boolean;
  /** Why the stream could not be asked about what was stepped over. */
  readonly unproven?: string | undefined;
  /** How often reading had to begin again. */
  readonly heals: number;
  readonly bytesWritten: number;
  readonly durationMs: number;
  /** How many messages were asked for, if a number was. */
  readonly wanted?: number | undefined;
  /** Why it ended early, if it failed. */
  readonly failure: NatsxError | undefined;
}

/** The failure to report at the end, if any, with what was recorded before it. */
export function recordFailure(outcome: RecordOutcome): NatsxError | undefined {
  const { failure, messages, lastSeq, missing } = outcome;
  if (failure !== undefined) {
    const counted = messages === 0 ? '' : `; ${recordedBefore(outcome, failure)}`;
    const before = `${failure.message}${counted}`;
    return new NatsxError(failure.kind, before, {
      hint: wayOut(failure),
      cause: failure.cause,
      details: {
        ...failure.details,
        messages,
        ...(lastSeq !== undefined && { last_seq: lastSeq }),
      },
    });
  }
  const [first] = missing;
  if (first === undefined) return tooFew(outcome);
  return new NatsxError(
    'unhealthy',
    `the recording has ${missing.length} holes where the stream has messages, the first from sequence ${first.from} to ${first.to}`,
    { hint: 'record it anew', details: { holes: missing.length, first_from: first.from } },
  );
}

/** Of subjects in a file that could not be written to its end, how many of those that came are in it is not known. */
function recordedBefore(
  { messages, lastSeq, stream }: RecordOutcome,
  { details }: NatsxError,
): string {
  if (details?.['file'] !== undefined && stream === undefined)
    return 'what was written before it is in the file';
  const upTo = lastSeq === undefined ? '' : `, up to sequence ${lastSeq}`;
  return `${messages === 1 ? '1 message was' : `${messages} messages were`} recorded before it${upTo}`;
}

/** The end came before there were as many messages as were asked for. */
function tooFew({ end, messages, wanted }: RecordOutcome): NatsxError | undefined {
  if (wanted === undefined || messages >= wanted || end === 'stopped') return undefined;
  const why = end === 'duration' ? 'the time was over' : 'the end of the range was reached';
  return new NatsxError('timeout', `only ${messages} of ${wanted} messages were recorded: ${why}`, {
    hint:
      messages === 0
        ? 'check the subject and the range; nothing was written'
        : 'what was recorded is in the file: go on with --resume when there is more',
    details: { messages, wanted },
  });
}
