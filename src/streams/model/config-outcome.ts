import type { JsonObject } from '../../core/message/exact-json.js';
import type { ConfigChange } from './config-changes.js';
import { NatsxError } from '../../core/errors.js';
import { messagesText, rangeText, type LossRange } from './losses.js';

/** The result of creating or changing a stream or consumer. */
export interface ConfigOutcome {
  readonly action:
    | 'created'
    /** It would be created, but was not. */
    | 'would-create'
    /** It exists with the same configuration. */
    | 'unchanged'
    /** It exists with another configuration, and was not changed. */
    | 'different'
    | 'edited'
    /** It would be changed, but was not. */
    | 'would-edit';
  readonly stream: string;
  /** Absent for a stream. */
  readonly consumer?: string;
  /** From the current to the wanted configuration. */
  readonly changes: readonly ConfigChange[];
  /** What the change costs, in sentences without a full stop. */
  readonly losses: readonly string[];
  /** How many messages of the stream these are; absent where none can go. */
  readonly removes?: LossRange | undefined;
  /** How many messages went, as the stream was read again; absent where nothing was changed. */
  readonly removed?: RemovedMessages | undefined;
  /** Keys that the server set to other values than the wanted ones: it is too old for them, or another key overrides. */
  readonly ignored: readonly string[];
  /** What is likely wrong with it, in sentences without a full stop; not in JSON. */
  readonly warnings?: readonly string[] | undefined;
  /** The effective configuration, as the server reports it; the wanted one where it would be created. */
  readonly config: JsonObject;
}

/** Messages that a change removed. */
export interface RemovedMessages {
  readonly count: number;
  /** Fewer or more than predicted, and nothing else explains it. */
  readonly unexpected: boolean;
}

/** Whether it reports something done; otherwise it shows what differs. */
export function isConfirmation({ action }: ConfigOutcome): boolean {
  return action === 'created' || action === 'edited' || action === 'unchanged';
}

/** A stream or consumer of that name has other settings. @param command that changes it; undefined when none can */
export function existsDifferently(
  { stream, consumer, changes }: ConfigOutcome,
  command: string | undefined,
): NatsxError {
  const what =
    consumer === undefined ? `the stream "${stream}"` : `the consumer "${consumer}" of "${stream}"`;
  return new NatsxError('rejected', `${what} exists with other settings`, {
    hint:
      command === undefined
        ? 'these settings cannot be changed: choose another name, or remove the consumer first'
        : `to change it: ${command}`,
    details: { stream, ...(consumer !== undefined && { consumer }), changes: changes.length },
  });
}

/** Why a change failed, although the server accepted the request. */
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
      `the server set ${ignored.join(', ')} of ${what} to another value than the given one`,
      {
        hint: 'the table shows the current value',
      },
    );
  }
  return removalFailure(what, removes, removed);
}

/** @returns an error if another number of messages was removed than predicted */
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
    { hint: `natsx stream info shows what the stream has now` },
  );
}
