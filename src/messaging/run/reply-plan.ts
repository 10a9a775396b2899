import type { AnsweredRequest, Answerer } from '../../core/message/answer.js';
import type { NatsxError } from '../../core/errors.js';

/** What to answer, and the callbacks for what happens. */
export interface ReplyPlan {
  readonly subject: string;
  readonly queue: string | undefined;
  /** Number of requests to answer; undefined for no limit. */
  readonly count: number | undefined;
  /** How many requests are handled at a time. */
  readonly concurrency: number;
  readonly answer: Answerer;
  /** How long to wait at the end for requests that are being handled, in milliseconds. */
  readonly drainMs: number;
  /** The subscription is active. */
  readonly onReady: () => void;
  readonly onAnswered: (answered: AnsweredRequest) => void;
  /** Called for the first message without a reply subject. */
  readonly onWithoutReply: () => void;
  /** Called for the first answer that could not be sent, with whether an error was sent instead. */
  readonly onNotSent: (reason: NatsxError, isReplaced: boolean) => void;
  /** Called for the first answer that the server refused. */
  readonly onRefused: (error: NatsxError) => void;
}
