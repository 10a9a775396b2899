import { NatsxError } from '../../core/errors.js';
import type { PullAckPolicy } from '../model/scenario.js';
import type { FrameBlock } from './frame-block.js';

/** A delivered message in the socket's buffer; valid until the handler returns. */
export interface Delivered {
  readonly buffer: Uint8Array;
  readonly payloadStart: number;
  readonly payloadEnd: number;
}

export type DeliveryHandler = (message: Delivered) => void;

/** Requests, writes to a stream or reads from it: each gets one answer. */
export type CallKind = 'request' | 'store' | 'read';

/** @param failure `undefined` if the call succeeded */
export type AnswerHandler = (
  number: number,
  failure: NatsxError | undefined,
  /** Payload bytes read; 0 if the sent ones are counted. */
  bytesRead: number,
) => void;

export interface Calls {
  /**
   * Sends the next call; the answer carries the same number.
   * @returns bytes of its body
   */
  readonly send: (number: number) => number;
}

/** What became of the oldest messages of a client that were not settled. */
export interface BatchOutcome {
  readonly stored: number;
  /** Did not reach the stream. */
  readonly lost: number;
  readonly failed: number;
}

/** Messages that a stream acknowledges together. */
export interface Batches {
  /** How many messages may be sent now. */
  readonly room: number;
  /** Whether the batch needs another message, which commits it. */
  readonly isOpen: boolean;
  /**
   * Sends the next message.
   * @param isLast whether it commits its batch even if that is not full
   * @returns bytes of its body
   */
  readonly send: (isLast: boolean) => number;
  /** Commits what was sent. */
  readonly finish: () => void;
  /** Asks for an acknowledgement that is missing. */
  readonly remind: () => void;
  /** Forgets everything, before a pass. */
  readonly reset: () => void;
}

export interface PullRequest {
  readonly stream: string;
  readonly consumer: string;
  readonly ack: PullAckPolicy;
  /** Messages for each pull. */
  readonly batch: number;
  /** The most messages that this client may take; Infinity: no limit. */
  readonly limit: number;
}

/** What a run needs from a connection: the interface that both engines implement. */
export interface Link {
  readonly kind: 'wire' | 'client';
  /** Sends the frames `from` (inclusive) to `to` (exclusive); false: wait for {@link writable} before sending more. */
  readonly sendFrames: (block: FrameBlock, from: number, to: number) => boolean;
  readonly writable: () => Promise<void>;
  readonly subscribe: (
    subject: string,
    queue: string | undefined,
    handler: DeliveryHandler,
  ) => void;
  /** Answers every request with its own body after `delayMs`, and reports the size of each. */
  readonly respond: (request: RespondRequest) => void;
  readonly openCalls: (kind: CallKind, onAnswer: AnswerHandler) => Calls;
  /** Only with the wire engine. */
  readonly openBatches: (onSettled: (outcome: BatchOutcome) => void) => Batches;
  /** Pulls until {@link stopPulling}, and acknowledges by the policy. */
  readonly pull: (request: PullRequest, handler: DeliveryHandler) => Promise<void>;
  readonly stopPulling: () => void;
  /** Writes everything that is buffered. */
  readonly push: () => void;
  /** Resolves when the server has handled everything sent before. */
  readonly flush: (timeoutMs: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface RespondRequest {
  readonly subject: string;
  readonly queue: string;
  readonly delayMs: number;
  readonly onAnswered: (bytes: number) => void;
}

/** The stream acknowledged a message as a duplicate and did not store it, so it does not count towards the rate. */
export function alreadyStoredError(): NatsxError {
  return new NatsxError(
    'rejected',
    'the server did not store a message because it detected a duplicate: its Nats-Msg-Id was used before',
    { hint: 'remove the header Nats-Msg-Id: all messages of a run have the same headers' },
  );
}
