import type { MessageHeaders, ReceivedMessage } from './message.js';
import type { ServiceError } from './service-error.js';

/** What goes back to whoever asked. */
export interface Answer {
  readonly headers: MessageHeaders | undefined;
  readonly payload: Uint8Array;
  /** Also in the headers. */
  readonly error: ServiceError | undefined;
}

/** Answers a request, at once where it can; `number` counts from 1. */
export type Answerer = (
  request: ReceivedMessage,
  number: number,
  signal: AbortSignal,
) => Answer | Promise<Answer>;

/** A request that was handled, and what became of it. */
export interface AnsweredRequest {
  readonly request: ReceivedMessage;
  /** Number of the request, from 1. */
  readonly number: number;
  readonly answer: Answer;
  /** From the arrival of the request to its answer being written. */
  readonly handledNs: number;
}

/** A responder's run as a whole. */
export interface ReplyTotals {
  /** Requests that were answered, with errors as well. */
  readonly answered: number;
  readonly errors: number;
  readonly payloadBytes: number;
  /** Messages that named no reply subject. */
  readonly withoutReply: number;
  /** Requests that were not answered: the connection was away, or the time to drain was over. */
  readonly unanswered: number;
  /** Answers that the server did not let through. */
  readonly refused: number;
}
