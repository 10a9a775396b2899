import { formatDurationMs } from '../core/values/duration.js';
import { NatsxError } from '../core/errors.js';
import type { ReceivedMessage } from '../core/message/message.js';
import type { PublishFrame } from './frame-buffer.js';
import type { MessageView } from './message-view.js';
import { ReplyInbox, type InboxOwner } from './reply-inbox.js';

/** What requests need of a connection; a lane and a session both have it. */
export interface RequestOwner extends InboxOwner {
  publish(frame: PublishFrame): boolean;
  sendBatch(): void;
}

export interface TimedReply {
  readonly message: ReceivedMessage;
  /** From the write of the request to the arrival of the reply. */
  readonly rttNs: number;
}

interface Waiting {
  readonly subject: string;
  readonly sentAtMs: number;
  readonly timer: NodeJS.Timeout;
  readonly resolve: (reply: TimedReply) => void;
  readonly reject: (error: NatsxError) => void;
}

/** Requests with one reply each, any number of them outstanding, over one inbox. */
export class RequestMux {
  readonly #owner: RequestOwner;
  readonly #inbox: ReplyInbox;
  readonly #waiting = new Map<number, Waiting>();
  #next = 0;

  constructor(owner: RequestOwner, inboxPrefix: string) {
    this.#owner = owner;
    this.#inbox = new ReplyInbox(owner, inboxPrefix, (number, view) => this.#settle(number, view));
  }

  /**
   * Sends a request at once and waits for its first reply.
   * @throws {NatsxError} no-responders; timeout; what `publish` throws; connection after {@link close}.
   */
  request(request: Omit<PublishFrame, 'reply'>, timeoutMs: number): Promise<TimedReply> {
    const number = this.#next;
    this.#next = (this.#next + 1) % 1e8;
    return new Promise((resolve, reject) => {
      this.#owner.publish({ ...request, reply: this.#inbox.subject(number) });
      this.#owner.sendBatch();
      const { subject } = request;
      const timer = setTimeout(() => {
        this.#waiting.delete(number);
        reject(timedOut(subject, timeoutMs));
      }, timeoutMs);
      const sentAtMs = performance.now();
      this.#waiting.set(number, { subject, sentAtMs, timer, resolve, reject });
    });
  }

  /** Ends all waiting requests with `error`; call it when the connection ends. */
  close(
    error: NatsxError = new NatsxError('connection', 'the connection closed before the reply'),
  ): void {
    this.#inbox.close();
    for (const { timer, reject } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.#waiting.clear();
  }

  #settle(number: number, view: MessageView): void {
    const waiting = this.#waiting.get(number);
    if (waiting === undefined) return;
    this.#waiting.delete(number);
    clearTimeout(waiting.timer);
    if (view.isNoResponders) {
      waiting.reject(noResponders(waiting.subject));
      return;
    }
    const rttNs = Math.round((performance.now() - waiting.sentAtMs) * 1e6);
    waiting.resolve({ message: view.toMessage(Date.now()), rttNs });
  }
}

function timedOut(subject: string, timeoutMs: number): NatsxError {
  const message = `no reply to the request to ${JSON.stringify(subject)} within ${formatDurationMs(timeoutMs)}`;
  return new NatsxError('timeout', message, {
    hint: 'the responder may be slow: raise --timeout',
    details: { subject },
  });
}

function noResponders(subject: string): NatsxError {
  return new NatsxError('no-responders', `no responders on ${JSON.stringify(subject)}`, {
    hint: 'check the subject, and that the responder is running',
    details: { subject },
  });
}
