import type { NatsxError } from '../../../core/errors.js';
import type { PublishAck } from '../../model/publish-ack.js';
import type { PublishFate } from '../../model/publish-fate.js';
import type { Outstanding } from './ack-ring.js';
import type { Lookup } from './stream-lookup.js';

/**
 * Finds out which messages in doubt are in a stream: their places in the same order, undefined for those that are in none.
 *
 * @param known acknowledgements of messages behind the first of them
 * @throws {NatsxError} connection, timeout — not now; others — it cannot be told
 */
export type Inquire<M> = (
  messages: readonly M[],
  known: readonly PublishAck[],
) => Promise<readonly (PublishAck | undefined)[]>;

export interface StreamPublisherOptions<M> {
  readonly inboxPrefix: string;
  /** How many messages may wait for their acknowledgement. */
  readonly window: number;
  /** How long an acknowledgement may take, in milliseconds. */
  readonly timeoutMs: number;
  /** How long nothing may be acknowledged, with attempt after attempt, before it ends; a default when undefined. */
  readonly retryForMs: number | undefined;
  /** Made when it is needed. */
  readonly lookup: () => Lookup;
  /** Without it, a message stays in doubt that a stream would not recognize when it was sent again. */
  readonly inquire?: Inquire<M> | undefined;
  /** Gets each message with its number, from 0, in the order in which they were published. */
  readonly onSettled: (number: number, message: M, fate: PublishFate) => void;
  /** Hears of everything at once, whatever the order. */
  readonly watch?: PublishWatch<M> | undefined;
  /** The only stream whose answers count; without it, an answer of somebody else is a refusal. */
  readonly stream?: string | undefined;
  /** Each acknowledgement has its own time, and a missing one ends nothing. */
  readonly tireless?: boolean | undefined;
}

/** Hears of every answer as it comes. */
export interface PublishWatch<M> {
  /** @param one absent when nobody waits for the answer any more */
  acknowledged(number: number, ack: PublishAck, one: Outstanding<M> | undefined): void;
  /** It was not stored now, and will be sent again. @param error absent where nobody listened */
  turnedAway(error: NatsxError | undefined): void;
  sentAgain(one: Outstanding<M>): void;
}
