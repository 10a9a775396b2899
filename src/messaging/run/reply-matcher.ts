import type { MessageInPlace } from '../../core/message/message-in-place.js';
import type { ReceivedMessage } from '../../core/message/message.js';
import { Notifier } from '../../connection/notifier.js';
import type { Exchange, Taken } from '../../core/message/reading.js';
import { compileSubjectMatcher, type SubjectMatcher } from '../../core/subject/subject-match.js';
import type { MessageHandling } from './message-handling.js';
import type { SubscribeRequest } from './subscribe.js';

/** At most this many requests wait for their replies: beyond it the oldest is reported as unanswered. */
const MOST_WAITING = 100_000;

interface Waiting {
  readonly request: ReceivedMessage;
  readonly count: number;
  readonly atMs: number;
  replies: number;
}

export interface ReplyMatcherOptions {
  /** Pattern of the subjects on which replies are expected. */
  readonly inboxPattern: string;
  /** How long to wait for the reply to a request, in milliseconds. */
  readonly timeoutMs: number;
  readonly onExchange: (exchange: Exchange) => Taken;
  /** Resolves when `onExchange` has room again. */
  readonly ready: () => Promise<void>;
}

/** Matches requests of others with their replies. */
export class ReplyMatcher implements MessageHandling {
  readonly #options: ReplyMatcherOptions;
  readonly #isInbox: SubjectMatcher;
  /** By reply subject, the oldest first. */
  readonly #waiting = new Map<string, Waiting>();
  #unanswered = 0;
  #droppedLate = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #allAnswered = new Notifier();

  constructor(options: ReplyMatcherOptions) {
    this.#options = options;
    this.#isInbox = compileSubjectMatcher(options.inboxPattern);
  }

  get busy(): boolean {
    return this.#unanswered > 0;
  }

  get droppedLate(): number {
    return this.#droppedLate;
  }

  ready(): Promise<void> {
    return this.#options.ready();
  }

  /** Whether a message from the user's pattern is a reply, which also arrives through the inbox pattern. */
  isReply(message: MessageInPlace): boolean {
    return this.#isInbox(message.subject);
  }

  take(message: MessageInPlace, count: number): Taken {
    const request = message.toMessage(Date.now());
    const { reply } = request;
    if (reply === undefined || !this.#isInbox(reply)) {
      const outcome = reply === undefined ? 'no-reply-wanted' : 'reply-elsewhere';
      return this.#options.onExchange({ request, count, outcome });
    }
    this.#forget(reply);
    this.#waiting.set(reply, { request, count, atMs: performance.now(), replies: 0 });
    this.#unanswered += 1;
    if (this.#waiting.size > MOST_WAITING) this.#forgetOldest();
    this.#timer ??= setTimeout(() => this.#expire(), this.#options.timeoutMs);
    return 'taken';
  }

  /** A message on a reply subject. */
  reply(message: MessageInPlace): void {
    const waiting = this.#waiting.get(message.subject);
    if (waiting === undefined) return;
    const latencyNs = (performance.now() - waiting.atMs) * 1e6;
    waiting.replies += 1;
    if (waiting.replies === 1) this.#unanswered -= 1;
    const { request, count, replies: replyNumber } = waiting;
    const reply = message.toMessage(Date.now());
    const outcome = message.isNoResponders ? 'no-responders' : 'replied';
    this.#report({ request, count, outcome, reply, latencyNs, replyNumber });
    this.#wakeWhenDone();
  }

  /** Waits for replies that may still arrive; in a hurry, requests without one are reported immediately. */
  async settled(hurry: boolean): Promise<void> {
    if (!hurry && this.busy) await this.#allAnswered.next();
    clearTimeout(this.#timer);
    for (const subject of [...this.#waiting.keys()]) this.#forget(subject);
  }

  #expire(): void {
    this.#timer = undefined;
    const { timeoutMs } = this.#options;
    for (const [subject, { atMs }] of this.#waiting) {
      const remainingMs = atMs + timeoutMs - performance.now();
      if (remainingMs > 0) {
        this.#timer = setTimeout(() => this.#expire(), remainingMs);
        break;
      }
      this.#forget(subject);
    }
    this.#wakeWhenDone();
  }

  #forgetOldest(): void {
    const [oldest] = this.#waiting.keys();
    if (oldest !== undefined) this.#forget(oldest);
  }

  #forget(subject: string): void {
    const waiting = this.#waiting.get(subject);
    if (waiting === undefined) return;
    this.#waiting.delete(subject);
    if (waiting.replies > 0) return;
    this.#unanswered -= 1;
    const { request, count } = waiting;
    this.#report({ request, count, outcome: 'no-reply' });
  }

  #report(exchange: Exchange): void {
    if (this.#options.onExchange(exchange) === 'dropped') this.#droppedLate += 1;
  }

  #wakeWhenDone(): void {
    if (!this.busy) this.#allAnswered.notify();
  }
}

/**
 * The request to subscribe to `patterns` and to the inboxes, so that requests are matched with their replies.
 *
 * @param accepts which requests are wanted
 */
export function matchRepliesRequest(
  patterns: readonly string[],
  options: ReplyMatcherOptions & Pick<SubscribeRequest, 'limits' | 'accepts'>,
): SubscribeRequest {
  const { limits, accepts } = options;
  const matcher = new ReplyMatcher(options);
  // A pattern such as > matches replies too; as separate messages they would be reported twice.
  const isRequest = (message: MessageInPlace): boolean =>
    !matcher.isReply(message) && (accepts === undefined || accepts(message));
  const inbox = {
    pattern: options.inboxPattern,
    onMessage: (message: MessageInPlace) => matcher.reply(message),
  };
  return {
    connections: [[inbox, ...patterns.map((pattern) => ({ pattern }))]],
    limits,
    accepts: isRequest,
    handling: matcher,
  };
}
