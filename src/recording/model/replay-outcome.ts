import { NatsxError } from '../../core/errors.js';
import type { Sequence } from '../../streams/model/sequence.js';
import { wayOut } from './way-out.js';
import { agree } from '../../core/wording.js';

/** Messages that were stored in one stream, by this replay. */
export interface StreamShare {
  readonly stream: string;
  readonly messages: number;
  readonly firstSeq: Sequence;
  readonly lastSeq: Sequence;
}

/** The result of a replay. */
export interface ReplayOutcome {
  readonly end: 'whole' | 'stopped' | 'failed';
  /** Messages that were published and have arrived, without earlier replays. */
  readonly messages: number;
  /** Messages that the earlier replay had published, if this one continues it. */
  readonly before: number;
  /** Messages that were sent and may or may not have arrived. */
  readonly unconfirmed: number;
  /** Messages that the stream already had, by their id. */
  readonly duplicates: number;
  /** Messages whose acknowledgement was lost, and that were found in their stream; they are also counted above. */
  readonly found: number;
  /** Messages outside of the requested range. */
  readonly leftOut: number;
  /** Messages that matched no mapping and kept their subjects; undefined if unknown. */
  readonly unmapped?: number | undefined;
  /** Where the messages were stored; empty without acknowledgements. */
  readonly streams: readonly StreamShare[];
  /** Everything up to this line of the file was published. */
  readonly line: number;
  /** Whether another replay can continue this one: not from stdin. */
  readonly resumable: boolean;
  readonly durationMs: number;
  readonly failure: NatsxError | undefined;
}

/** The failure to report at the end, if any, with what was published before it. */
export function replayFailure(outcome: ReplayOutcome): NatsxError | undefined {
  const { failure, messages, before, unconfirmed, line } = outcome;
  if (failure === undefined) return undefined;
  const total = messages + before;
  return new NatsxError(failure.kind, `${failure.message.replace(/\.$/, '')}${soFar(outcome)}`, {
    hint: outcome.resumable ? wayOut(failure) : failure.hint,
    cause: failure.cause,
    details: { ...failure.details, published: total, unconfirmed, published_to_line: line },
  });
}

/** What was published before the failure; empty if nothing was. */
function soFar({ messages, before, unconfirmed, line }: ReplayOutcome): string {
  const total = messages + before;
  const parts: string[] = [];
  if (total > 0) {
    const were = agree(total, 'message was', 'messages were');
    parts.push(`${total} ${were} published before, up to line ${line}`);
  }
  if (unconfirmed > 0) {
    const what = total > 0 ? 'more' : agree(unconfirmed, 'message', 'messages');
    parts.push(`${unconfirmed} ${what} may or may not have arrived`);
  }
  return parts.length === 0 ? '' : `; ${parts.join(', ')}`;
}

/** Messages of one subject, and the subject that they are published to. */
export interface ReplayedSubject {
  readonly from: string;
  readonly to: string;
  readonly messages: number;
}

/** What a replay would publish. */
export interface ReplayPreview {
  /** Messages in the range. */
  readonly messages: number;
  /** Messages outside of the range. */
  readonly leftOut: number;
  /** Messages in the range that match no mapping, if there are mappings. */
  readonly unmapped: number;
  /** Some of their subjects. */
  readonly unmappedSubjects: readonly string[];
  /** Mappings that match no message, as given. */
  readonly unusedMappings: readonly string[];
  readonly subjects: readonly ReplayedSubject[];
  /** Messages of subjects beyond the listed ones. */
  readonly otherSubjects: number;
  /** What would end the replay after these messages: a line that cannot be read. */
  readonly failure: NatsxError | undefined;
}
