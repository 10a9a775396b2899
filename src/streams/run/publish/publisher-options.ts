import type { NatsxError } from '../../../core/errors.js';
import type { PublishFrame, ReplySubject } from '../../../wire/frame-buffer.js';
import type { ServerInfo } from '../../../wire/server-info.js';
import type { PublishAck } from '../../model/publish-ack.js';
import type { PublishFate } from '../../model/publish-fate.js';
import type { Outstanding } from './ack-ring.js';
import type { Lookup } from './stream-lookup.js';

/** How the messages of a publisher are read and encoded. */
export interface MessageEncoding<M> {
  subject(message: M): string;
  /** Bytes that are held as long as the message may be sent again. */
  heldBytes(message: M): number;
  /** Whether the stream can detect a duplicate when it is sent again. */
  hasId(message: M): boolean;
  /** Valid until the next call. @throws {NatsxError} usage, rejected — it cannot be sent */
  frame(message: M, server: ServerInfo | undefined, reply: ReplySubject): PublishFrame;
}

/**
 * Finds out which messages in doubt are in a stream: their acknowledgements in the same order, undefined for messages
 * that are in no stream.
 *
 * @param known acknowledgements of messages published after the first of them
 * @throws {NatsxError} connection, timeout — not now; others — it cannot be known
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
  /** How long to retry without any acknowledgement; a default when undefined. */
  readonly retryForMs: number | undefined;
  /** Created when it is needed. */
  readonly lookup: () => Lookup;
  /** Without it, a message in doubt stays in doubt if the stream could not detect it as a duplicate. */
  readonly inquire?: Inquire<M> | undefined;
  /** Gets each message with its number, from 0, in the order of publishing. */
  readonly onSettled: (number: number, message: M, fate: PublishFate) => void;
  /** Gets all events at once, in any order. */
  readonly watch?: PublishWatch<M> | undefined;
  /** The only stream whose answers count; without it, an answer that is not from a stream is a refusal. */
  readonly stream?: string | undefined;
  /** Each acknowledgement has its own time limit, and a missing one ends nothing. */
  readonly tireless?: boolean | undefined;
}

/** Gets the events of a publisher as they happen. */
export interface PublishWatch<M> {
  /** @param entry absent when the message was settled before */
  acknowledged(number: number, ack: PublishAck, entry: Outstanding<M> | undefined): void;
  /** A message was not stored, and will be sent again. @param error absent when there were no responders */
  turnedAway(error: NatsxError | undefined): void;
  sentAgain(entry: Outstanding<M>): void;
}
