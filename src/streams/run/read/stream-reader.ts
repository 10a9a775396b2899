import type { MessageInPlace } from '../../../core/message/message-in-place.js';
import type { StreamPlace } from '../../../core/message/stream-place.js';

/** Where a message stands, and how many come after it. */
export interface StreamDelivery extends StreamPlace {
  readonly pending: number;
}

/** What becomes of messages; called from the read loop. */
export interface StreamReaderHandlers {
  /** Reading stands; so many messages are there to be read. */
  created(pending: number, resumed: boolean): void;
  /** Message and delivery are valid until the call returns. @returns false to be given no more until `resume` */
  message(message: MessageInPlace, delivery: StreamDelivery): boolean;
  /** Nothing has come for a while. */
  idle(): void;
  /** Messages went missing, or whatever brought them: reading begins again behind the last one. */
  healing(reason: string): void;
}

/** A way to read the messages of a stream in order. */
export interface StreamReader {
  /** Rejects when reading cannot go on; never resolves. */
  readonly failed: Promise<never>;
  /** How often reading had to begin again. */
  readonly heals: number;
  /** @throws {NatsxError} as JetStream's API */
  start(): Promise<void>;
  /** The connection came back. */
  reconnected(): void;
  /** After `message` has returned false: there is room again. */
  resume(): void;
  /** How many messages are left, asked anew; undefined while some are on their way. @throws as JetStream's API */
  pending(): Promise<number | undefined>;
  /** Reads no more, at once. */
  halt(): void;
  /** Reads no more, and leaves nothing behind on the server. Never rejects. */
  close(): Promise<void>;
}
