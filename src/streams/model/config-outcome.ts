import type { JsonObject } from '../../core/message/exact-json.js';
import type { ConfigChange } from './config-changes.js';
import { NatsxError } from '../../core/errors.js';
import { messagesText, rangeText, type LossRange } from './losses.js';

/** What became of a wish to make or change a stream or consumer. */
export interface ConfigOutcome {
  readonly action:
    | 'created'
    /** It is there with the same configuration: nothing to change. */
    | 'unchanged'
    /** It is there with another configuration, and was left alone. */
    | 'different'
    | 'edited'
    /** It would be changed; nothing was. */
    | 'would-edit';
  readonly stream: string;
  /** Absent when the stream itself is meant. */
  readonly consumer?: string;
  /** From what is there to what is wanted. */
  readonly changes: readonly ConfigChange[];
  /** What the change costs, in sentences without a full stop. */
  readonly losses: readonly string[];
  /** How many messages of the stream these are; absent where none can go. */
  readonly removes?: LossRange | undefined;
  /** How many messages went, as the stream was read again; absent where nothing was changed. */
  readonly removed?: RemovedMessages | undefined;
  /** Keys that were wished, but that the server has otherwise now: it is too old for them, or another key overrules. */
  readonly ignored: readonly string[];
  /** The configuration in force, as the server tells it. */
  readonly config: JsonObject;
}

/** Messages that went with a change. */
export interface RemovedMessages {
  readonly count: number;
  /** Fewer or more than was said before, while nothing else explains it. */
  readonly unexpected: boolean;
}

/** Why a change is no success, although the server took the request. */
export function editFailure({
  stream,
  consumer,
  ignored,
  removes,
  removed,
}: ConfigOutcome): NatsxError | undefined {
  const what =
    consumer === undefined ? `the stream "${stream}"` : `the consumer "${consumer}" of "${stream}"`;
  if (ignored.length > 0) {
    return new NatsxError(
      'rejected',
      `the server did not take ${ignored.join(', ')} for ${what} as given`,
      {
        hint: 'the table shows what it has now',
      },
    );
  }
  return removalFailure(what, removes, removed);
}

/** @returns an error where other messages went than was said before */
export function removalFailure(
  what: string,
  removes: LossRange | undefined,
  removed: RemovedMessages | undefined,
): NatsxError | undefined {
  if (removed?.unexpected !== true) return undefined;
  const expected = rangeText(removes ?? { least: 0, most: 0 });
  return new NatsxError(
    'unhealthy',
    `the change of ${what} was expected to remove ${expected}, and removed ${messagesText(removed.count)}`,
    { hint: `natsx stream info shows what is there now` },
  );
}
