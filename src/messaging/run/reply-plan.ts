import type { AnsweredRequest, Answerer } from '../../core/message/answer.js';
import type { NatsxError } from '../../core/errors.js';

/** What to answer, and whom to tell. */
export interface ReplyPlan {
  readonly subject: string;
  readonly queue: string | undefined;
  /** Requests to answer before it ends; undefined for no end. */
  readonly count: number | undefined;
  /** Requests that are handled at the same time. */
  readonly concurrency: number;
  readonly answer: Answerer;
  /** How long to wait at the end for requests that are being handled, in milliseconds. */
  readonly drainMs: number;
  /** The server knows of the subscription. */
  readonly onReady: () => void;
  readonly onAnswered: (answered: AnsweredRequest) => void;
  /** The first message that named no reply subject. */
  readonly onWithoutReply: () => void;
  /** The first answer that could not be sent, and whether an error went out in its place. */
  readonly onNotSent: (reason: NatsxError, isReplaced: boolean) => void;
  /** The first answer that the server did not let through. */
  readonly onRefused: (error: NatsxError) => void;
}
