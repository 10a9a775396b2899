import type { RemovedMessages } from './config-outcome.js';
import type { LossRange } from './losses.js';
import type { StoredMessage } from './stored-message.js';

/** A stream that is removed, with everything in it. */
export interface StreamRemoval {
  readonly stream: string;
  readonly messages: number;
  readonly bytes: number;
  readonly consumerCount: number;
  /** Their names; undefined when this user may not list them. */
  readonly consumers: readonly string[] | undefined;
  /** Streams that mirror it, or have it as a source; undefined when this user may not list streams. */
  readonly dependents: readonly string[] | undefined;
  /** False: nothing was changed. */
  readonly done: boolean;
}

/** A consumer that is removed; messages are removed with it only from a stream with interest retention. */
export interface ConsumerRemoval {
  readonly stream: string;
  readonly consumer: string;
  /** Not yet delivered. */
  readonly pending: number;
  /** Delivered, not yet acknowledged. */
  readonly ackPending: number;
  /** What is removed with it, in sentences; undefined when this user may not read the stream. */
  readonly losses: readonly string[] | undefined;
  readonly removes: LossRange | undefined;
  /** How many messages were removed; undefined where none could be, or nothing was done. */
  readonly removed: RemovedMessages | undefined;
  readonly done: boolean;
}

/** A message that is removed. */
export interface MessageRemoval {
  readonly stored: StoredMessage;
  readonly done: boolean;
}
