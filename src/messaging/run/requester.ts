import type { ReplyExpectation, RequestEnd, RequestOutcome } from '../model/request-outcome.js';
import type { ReceivedMessage } from '../../core/message/message.js';
import type { ServiceError } from '../../core/message/service-error.js';
import { serviceErrorOf } from '../../core/message/service-error.js';
import type { PublishFrame } from '../../wire/frame-buffer.js';
import type { MessageView } from '../../wire/message-view.js';
import { ReplyInbox } from '../../wire/reply-inbox.js';
import type { Session } from '../../wire/session.js';

/** Called for each reply as it arrives. */
export type OnReply = (message: ReceivedMessage, rttNs: number) => void;

/** Sends requests with any number of replies each, over one inbox. */
export class Requester {
  readonly #session: Session;
  readonly #inbox: ReplyInbox;
  readonly #waiting = new Map<number, Waiting>();
  #next = 0;

  constructor(session: Session, inboxPrefix: string) {
    this.#session = session;
    this.#inbox = new ReplyInbox(session, inboxPrefix, (number, view) => {
      this.#waiting.get(number)?.reply(view);
    });
  }

  /**
   * Sends a request and resolves when it is answered as expected, or no longer will be.
   *
   * @throws {NatsxError} connection — there is none at the moment; rejected — the request is too large
   */
  async request(
    frame: PublishFrame,
    expected: ReplyExpectation,
    onReply: OnReply,
  ): Promise<RequestOutcome> {
    const number = this.#next++;
    const waiting = new Waiting(frame.subject, expected, onReply);
    this.#waiting.set(number, waiting);
    try {
      this.#session.publish({ ...frame, reply: this.#inbox.subject(number) });
      this.#session.sendBatch();
      return await waiting.ended();
    } finally {
      this.#waiting.delete(number);
    }
  }

  /** Ends all waiting requests, as if their time were up. */
  stop(): void {
    for (const waiting of this.#waiting.values()) waiting.end('timeout');
  }
}

class Waiting {
  readonly #subject: string;
  readonly #expected: ReplyExpectation;
  readonly #onReply: OnReply;
  readonly #resolve: (outcome: RequestOutcome) => void;
  readonly #ended: Promise<RequestOutcome>;
  #sentMs = 0;
  #deadline: NodeJS.Timeout | undefined;
  #gap: NodeJS.Timeout | undefined;
  #replies = 0;
  #done = false;
  #serviceError: ServiceError | undefined;

  constructor(subject: string, expected: ReplyExpectation, onReply: OnReply) {
    this.#subject = subject;
    this.#expected = expected;
    this.#onReply = onReply;
    let resolve: (outcome: RequestOutcome) => void = () => undefined;
    this.#ended = new Promise((resolved) => (resolve = resolved));
    this.#resolve = resolve;
  }

  /** Starts the clocks; the request has just been written. */
  ended(): Promise<RequestOutcome> {
    this.#sentMs = performance.now();
    this.#deadline = setTimeout(() => this.end('timeout'), this.#expected.timeoutMs);
    return this.#ended;
  }

  reply(view: MessageView): void {
    // More replies may arrive in the same read after the last expected one.
    if (this.#done) return;
    const rttNs = Math.round((performance.now() - this.#sentMs) * 1e6);
    if (view.isNoResponders) {
      this.end('no-responders');
      return;
    }
    const isLast = this.#expected.untilEmpty && view.payloadSize === 0 && !this.#isError(view);
    if (isLast && view.status === undefined) {
      this.end('complete');
      return;
    }
    this.#replies += 1;
    const message = view.toMessage(Date.now());
    this.#serviceError ??= serviceErrorOf(message.headers);
    this.#onReply(message, rttNs);
    if (isLast || this.#replies === this.#expected.replies) this.end('complete');
    else this.#awaitNext();
  }

  end(end: RequestEnd): void {
    this.#done = true;
    clearTimeout(this.#deadline);
    clearTimeout(this.#gap);
    this.#resolve({
      subject: this.#subject,
      end,
      replies: this.#replies,
      serviceError: this.#serviceError,
    });
  }

  /** An error without a body is an answer, not the end of one. */
  #isError(view: MessageView): boolean {
    return view.hasHeaders && serviceErrorOf(view.headers) !== undefined;
  }

  #awaitNext(): void {
    const { gapMs } = this.#expected;
    if (gapMs === undefined) return;
    if (this.#gap === undefined) this.#gap = setTimeout(() => this.end('gap'), gapMs);
    else this.#gap.refresh();
  }
}
