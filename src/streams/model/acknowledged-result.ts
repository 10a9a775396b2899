import { NatsxError } from '../../core/errors.js';
import { agree, formatCount, plural } from '../../core/wording.js';
import type { NotKept } from './not-kept.js';
import type { AcknowledgedTotals, StoredRange, Unacknowledged } from './publish-account.js';

/** The result of publishing with acknowledgements. */
export interface AcknowledgedResult extends AcknowledgedTotals {
  readonly durationMs: number;
  readonly range: StoredRange | undefined;
  /** Messages that were acknowledged, but not kept. */
  readonly notKept?: readonly NotKept[] | undefined;
  /** The first messages that were not acknowledged. */
  readonly unacknowledged: readonly Unacknowledged[];
  /** Why it ended early. */
  readonly failure: NatsxError | undefined;
  /** If the messages were published as a batch. */
  readonly batch?: BatchFacts | undefined;
}

/** Messages in a row that did not reach the stream; from 1, both inclusive. */
export interface BatchGap {
  readonly first: number;
  readonly last: number;
}

/** What is known of a batch. */
export interface BatchFacts {
  readonly mode: 'atomic' | 'fast';
  readonly id: string | undefined;
  /** `unknown`: the answer to the commit was lost, and the stream did not tell. */
  readonly outcome: 'committed' | 'abandoned' | 'unknown';
  /** Of a fast batch. */
  readonly gaps: readonly BatchGap[];
}

/** How many messages have no acknowledgement. */
export function unacknowledgedCount(totals: AcknowledgedTotals): number {
  const { refused, lost, inDoubt, unsent } = totals;
  return refused + lost + inDoubt + unsent;
}

/** The failure to report at the end, if any, with the counts of messages. */
export function acknowledgedFailure(result: AcknowledgedResult): NatsxError | undefined {
  const failure = result.failure ?? result.unacknowledged[0]?.error;
  if (failure === undefined) return undefined;
  const { stored, duplicates, recognized, refused, inDoubt, unsent } = result;
  return new NatsxError(failure.kind, `${failure.message}${soFar(result, failure)}`, {
    hint: failure.hint,
    cause: failure.cause,
    details: {
      ...failure.details,
      stored,
      duplicates,
      recognized,
      refused,
      ...(result.batch === undefined ? {} : { lost: result.lost }),
      in_doubt: inDoubt,
      unsent,
    },
  });
}

function soFar(result: AcknowledgedResult, failure: NatsxError): string {
  // Of all or nothing, the error says which.
  if (result.batch?.mode === 'atomic') return '';
  const { stored, duplicates, inDoubt } = result;
  const missing = unacknowledgedCount(result);
  // If nothing or a single message was published, the error says the rest.
  // A message that this user may not publish was not published.
  const isDenied = failure.kind === 'auth' && failure.details?.['operation'] === 'publish';
  if (stored === 0 && missing <= 1) {
    return inDoubt === 0 || isDenied ? '' : '; the message may be stored';
  }
  const parts = [`; ${plural(stored, 'message')} ${agree(stored, 'is', 'are')} stored`];
  if (duplicates > 0)
    parts.push(
      `${formatCount(duplicates)} of them ${agree(duplicates, 'was', 'were')} already there`,
    );
  if (missing > 0)
    parts.push(`${formatCount(missing)} ${agree(missing, 'is', 'are')} not acknowledged`);
  if (inDoubt > 0) parts.push(`of which ${formatCount(inDoubt)} may be stored`);
  return parts.join(', ');
}
