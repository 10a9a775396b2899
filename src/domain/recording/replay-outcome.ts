import { NatsxError } from '../errors.js';

/** What a replay came to. */
export interface ReplayOutcome {
  readonly end: 'whole' | 'stopped' | 'failed';
  /** Messages that were published and have arrived, this time. */
  readonly messages: number;
  /** Messages that an earlier replay had published, which this one went on with. */
  readonly before: number;
  /** Messages that were sent and may or may not have arrived. */
  readonly unconfirmed: number;
  /** Messages that the stream had already, by their id. */
  readonly duplicates: number;
  /** Messages that were sent again though they may have been stored the first time. */
  readonly repeats: number;
  /** Messages outside of the range that was asked for. */
  readonly leftOut: number;
  /** Up to this line of the file everything was published. */
  readonly line: number;
  readonly durationMs: number;
  readonly failure: NatsxError | undefined;
}

/** The failure to report at the end, if any, with what was published before it. */
export function replayFailure(outcome: ReplayOutcome): NatsxError | undefined {
  const { failure, messages, before, unconfirmed, line } = outcome;
  if (failure === undefined) return undefined;
  const total = messages + before;
  const doubt = unconfirmed === 0 ? '' : `, ${unconfirmed} may or may not have arrived`;
  const sentence = failure.message.replace(/\.$/, '');
  return new NatsxError(
    failure.kind,
    `${sentence}; ${total} messages were published before it, up to line ${line}${doubt}`,
    {
      hint: failure.hint ?? 'go on with --resume',
      cause: failure.cause,
      details: { ...failure.details, published: total, unconfirmed, published_to_line: line },
    },
  );
}
