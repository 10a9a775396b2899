import type { NatsxError } from '../../core/errors.js';
import type { PullAckPolicy } from '../model/scenario.js';
import type { FrameBlock } from './frame-block.js';

/** A delivered message where it lies in memory; valid until the handler returns. */
export interface Delivered {
  readonly buffer: Uint8Array;
  readonly payloadStart: number;
  readonly payloadEnd: number;
}

export type DeliveryHandler = (message: Delivered) => void;

/** Requests, stream writes or stream reads: each gets one answer. */
export type CallKind = 'request' | 'store' | 'read';

/** @param failure what went wrong; `undefined` for an answer that is one */
export type AnswerHandler = (
  number: number,
  failure: NatsxError | undefined,
  /** Payload bytes that were read; 0 where the sent ones count. */
  bytesRead: number,
) => void;

export interface Calls {
  /**
   * Sends the next call. Numbers count up; an answer comes with the number of its call.
   * @returns bytes of its body
   */
  readonly send: (number: number) => number;
}

export interface PullRequest {
  readonly stream: string;
  readonly consumer: string;
  readonly ack: PullAckPolicy;
  /** Messages for each pull. */
  readonly batch: number;
  /** Messages that this client may take; Infinity: as many as come. */
  readonly limit: number;
}

/** What a run needs of a connection: the one seam between the two engines. */
export interface Link {
  readonly kind: 'wire' | 'client';
  /** Sends the frames `from` (inclusive) to `to` (exclusive); false: wait for {@link writable} before more. */
  readonly sendFrames: (block: FrameBlock, from: number, to: number) => boolean;
  readonly writable: () => Promise<void>;
  readonly subscribe: (
    subject: string,
    queue: string | undefined,
    handler: DeliveryHandler,
  ) => void;
  /** Answers every request with its own body after `delayMs`; tells of each with its size. */
  readonly respond: (request: RespondRequest) => void;
  readonly openCalls: (kind: CallKind, onAnswer: AnswerHandler) => Calls;
  /** Pulls until {@link stopPulling}; acknowledges as asked for. */
  readonly pull: (request: PullRequest, handler: DeliveryHandler) => Promise<void>;
  readonly stopPulling: () => void;
  /** Sends what was gathered. */
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
