import { NatsxError } from '../errors.js';
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
  /** Why it ended early, if it failed. */
  readonly failure: NatsxError | undefined;
}

/** The failure to report at the end, if any, with what was recorded before it. */
export function recordFailure(outcome: RecordOutcome): NatsxError | undefined {
  const { failure, messages, lastSeq, missing } = outcome;
  if (failure !== undefined) {
    const upTo = lastSeq === undefined ? '' : `, up to sequence ${lastSeq}`;
    const before = `${failure.message}; ${messages === 1 ? '1 message was' : `${messages} messages were`} recorded before it${upTo}`;
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
  if (first === undefined) return undefined;
  return new NatsxError(
    'unhealthy',
    `the recording has ${missing.length} holes where the stream has messages, the first from sequence ${first.from} to ${first.to}`,
    { hint: 'record it anew', details: { holes: missing.length, first_from: first.from } },
  );
}
