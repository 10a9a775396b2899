import type { RemovedMessages } from './config-outcome.js';
import type { LossRange } from './losses.js';
import type { PurgeChoice, StoredMessage } from './stored-message.js';

/** A stream that goes, with all it holds. */
export interface StreamRemoval {
  readonly stream: string;
  readonly messages: number;
  readonly bytes: number;
  readonly consumerCount: number;
  /** Their names; undefined when this user may not list them. */
  readonly consumers: readonly string[] | undefined;
  /** Streams that mirror it, or have it as a source; undefined when this user may not list streams. */
  readonly dependents: readonly string[] | undefined;
  /** False when it was only looked at. */
  readonly done: boolean;
}

/** A consumer that goes; its stream stays, and so do the messages but on a stream that keeps them for its consumers. */
export interface ConsumerRemoval {
  readonly stream: string;
  readonly consumer: string;
  /** Not yet delivered. */
  readonly pending: number;
  /** Delivered, not yet acknowledged. */
  readonly ackPending: number;
  /** What goes with it, in sentences; undefined when this user may not look at the stream. */
  readonly losses: readonly string[] | undefined;
  readonly removes: LossRange | undefined;
  /** How many messages went; undefined where none could, or nothing was done. */
  readonly removed: RemovedMessages | undefined;
  readonly done: boolean;
}

/** Messages of a stream that go. */
export interface StreamPurge {
  readonly stream: string;
  readonly choice: PurgeChoice;
  /** What the stream holds before. */
  readonly messages: number;
  readonly bytes: number;
  /** How many would go; undefined when only the server can tell. */
  readonly expected: number | undefined;
  /** How many went; undefined when it was only looked at. */
  readonly purged: number | undefined;
  /** Their size; undefined when it was only looked at, or others wrote meanwhile. */
  readonly purgedBytes: number | undefined;
  /** The server took another number than was expected, and nothing was stored meanwhile. */
  readonly unexpected: boolean;
}

/** One message that goes. */
export interface MessageRemoval {
  readonly stored: StoredMessage;
  readonly done: boolean;
}
