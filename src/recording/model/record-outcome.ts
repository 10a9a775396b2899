import { NatsxError } from '../../core/errors.js';
import type { SequenceRange } from './sequence-account.js';
import { wayOut } from './way-out.js';

/** The result of a recording. */
export interface RecordOutcome {
  readonly end: 'reached' | 'count' | 'duration' | 'stopped';
  readonly stream: string | undefined;
  readonly messages: number;
  readonly firstSeq: number | undefined;
  readonly lastSeq: number | undefined;
  /** Gaps of the stream: its messages were deleted or have expired. */
  readonly holes: number;
  /** Messages of the stream that were skipped; none, unless something is badly wrong. */
  readonly missing: readonly SequenceRange[];
  /** Whether it is proven that nothing was skipped. */
  readonly proven: boolean;
  /** Why the stream's own gaps could not be read. */
  readonly unproven?: string | undefined;
  /** How often reading had to restart. */
  readonly heals: number;
  readonly bytesWritten: number;
  readonly durationMs: number;
  /** How many messages were requested, if a number was given. */
  readonly wanted?: number | undefined;
  /** Whether --resume can continue it: not on stdout. */
  readonly resumable: boolean;
  /** Why it ended early, if it failed. */
  readonly failure: NatsxError | undefined;
}

/** The failure to report at the end, if any, with what was recorded before it. */
export function recordFailure(outcome: RecordOutcome): NatsxError | undefined {
  const { failure, messages, lastSeq, missing } = outcome;
  if (failure !== undefined) {
    const counted = messages === 0 ? '' : `; ${recordedBefore(outcome)}`;
    const before = `${failure.message}${counted}`;
    return new NatsxError(failure.kind, before, {
      hint: outcome.resumable ? wayOut(failure) : failure.hint,
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
    `the recording has ${missing.length} gaps where the stream has messages, the first from sequence ${first.from} to ${first.to}`,
    { hint: 'record it again', details: { holes: missing.length, first_from: first.from } },
  );
}

function recordedBefore({ messages, lastSeq }: RecordOutcome): string {
  const upTo = lastSeq === undefined ? '' : `, up to sequence ${lastSeq}`;
  return `${messages === 1 ? '1 message was' : `${messages} messages were`} recorded before${upTo}`;
}

/** The end was reached with fewer messages than requested. */
function tooFew({ end, messages, wanted, resumable }: RecordOutcome): NatsxError | undefined {
  if (wanted === undefined || messages >= wanted || end === 'stopped') return undefined;
  const why = end === 'duration' ? 'the time was up' : 'the end of the range was reached';
  return new NatsxError('timeout', `only ${messages} of ${wanted} messages were recorded: ${why}`, {
    hint:
      messages === 0
        ? 'check the subject and the range; nothing was written'
        : resumable
          ? 'the recorded messages are in the file: continue with --resume when there are more'
          : undefined,
    details: { messages, wanted },
  });
}
