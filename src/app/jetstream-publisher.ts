import { NatsxError } from '../domain/errors.js';
import { apiFailure } from '../domain/jetstream/api-failure.js';
import { parsePublishAnswer, type PublishAck } from '../domain/jetstream/publish-ack.js';
import type { OutgoingMessage } from '../domain/message.js';
import { quoted } from '../domain/printable.js';
import { ReplyInbox } from '../wire/reply-inbox.js';
import type { MessageView } from '../wire/message-view.js';
import type { Session } from '../wire/session.js';
import { FrameMaker } from './message-frame.js';

export interface JetStreamPublisherOptions {
  readonly inboxPrefix: string;
  /** How many messages may wait for their acknowledgement. */
  readonly window: number;
  /** How long one acknowledgement may take before the message is sent again. */
  readonly ackTimeoutMs: number;
  /** How often a message is sent at most. */
  readonly attempts: number;
  /** `number`: which message it was, from 0 in the order of {@link JetStreamPublisher.publish}. */
  readonly onAck: (number: number, ack: PublishAck) => void;
  /** The message is not in a stream, and will not be sent again. */
  readonly onFailed: (number: number, message: OutgoingMessage, error: NatsxError) => void;
}

interface Waiting {
  readonly number: number;
  readonly message: OutgoingMessage;
  attempts: number;
  /** When to look at it again: its answer is late then, or it is time to send it again. */
  dueMs: number;
  /** Whether it waits to be sent again. */
  resend: boolean;
}

const TICK_MS = 50;
const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 5_000;
/** Before any stream has answered, there is likely none: a mistake should not take long to be told. */
const UNPROVEN_ATTEMPTS = 4;
/** Numbers in reply subjects start again after this many. */
const NUMBERS = 1e8;

/**
 * Publishes to streams and waits for the acknowledgements, many at a time. What gets no answer (time-outs, no
 * responders, a lost connection) is sent again after a while; with a message id a stream stores it only once. What a
 * stream answers with an error is final. Used by whoever publishes with acknowledgements; the session's events of
 * type `disconnected` and `reconnected` have to be handed on.
 */
export class JetStreamPublisher {
  /** Messages that were sent again though they may have been stored the first time. */
  repeats = 0;
  readonly #session: Session;
  readonly #options: JetStreamPublisherOptions;
  readonly #inbox: ReplyInbox;
  readonly #frames = new FrameMaker();
  /** By number in the reply subject, the oldest first. */
  readonly #waiting = new Map<number, Waiting>();
  readonly #timer: NodeJS.Timeout;
  #next = 0;
  #wake: (() => void)[] = [];
  /** Whether a stream has ever answered. */
  #isProven = false;
  #closed = false;

  constructor(session: Session, options: JetStreamPublisherOptions) {
    this.#session = session;
    this.#options = options;
    this.#inbox = new ReplyInbox(session, options.inboxPrefix, (number, view) =>
      this.#answered(number, view),
    );
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Messages that wait for their acknowledgement. */
  get outstanding(): number {
    return this.#waiting.size;
  }

  /** How many messages, from the first on, are acknowledged or have failed for good. */
  get settledBelow(): number {
    let lowest = this.#next;
    for (const { number } of this.#waiting.values()) lowest = Math.min(lowest, number);
    return lowest;
  }

  /** Whether {@link publish} may be called now; otherwise {@link ready} is to be waited for. */
  get hasRoom(): boolean {
    return this.#waiting.size < this.#options.window && this.#session.connected;
  }

  /**
   * Sends a message. Call it only while {@link hasRoom}.
   * @throws {NatsxError} rejected — too large; usage — its headers; nothing was sent then
   */
  publish(message: OutgoingMessage): void {
    const entry: Waiting = {
      number: this.#next,
      message,
      attempts: 0,
      dueMs: 0,
      resend: false,
    };
    this.#send(entry);
    this.#next += 1;
  }

  /** Resolves when there is room, or when the signal aborts. */
  async ready(signal: AbortSignal): Promise<void> {
    while (!this.hasRoom && !signal.aborted && !this.#closed) await this.#change(signal);
  }

  /** Resolves when every message has its acknowledgement or its failure, or when the signal aborts. */
  async settled(signal: AbortSignal): Promise<void> {
    while (this.#waiting.size > 0 && !signal.aborted && !this.#closed) await this.#change(signal);
  }

  /** The connection was lost: what waits may or may not have been stored. */
  disconnected(): void {
    for (const entry of this.#waiting.values()) entry.resend = true;
  }

  /** The connection is back: what waits is sent again, in order. */
  reconnected(): void {
    const entries = [...this.#waiting.values()].sort((a, b) => a.number - b.number);
    for (const entry of entries) this.#sendAgain(entry, true);
    this.#wakeAll();
  }

  /** Ends it; what still waits has failed with `error`. */
  close(error = new NatsxError('connection', 'the connection was closed before the answer')): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    this.#inbox.close();
    const left = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { number, message } of left) this.#options.onFailed(number, message, error);
    this.#wakeAll();
  }

  #send(entry: Waiting): void {
    const key = entry.number % NUMBERS;
    const frame = this.#frames.frame(entry.message, this.#session.info);
    this.#session.publish({ ...frame, reply: this.#inbox.subject(key) });
    entry.attempts += 1;
    entry.dueMs = performance.now() + this.#options.ackTimeoutMs;
    entry.resend = false;
    this.#waiting.set(key, entry);
  }

  #answered(key: number, view: MessageView): void {
    const entry = this.#waiting.get(key);
    if (entry === undefined) return;
    if (view.isNoResponders) {
      this.#later(entry, noStream(entry.message.subject));
      return;
    }
    const { buffer, payloadStart, payloadEnd } = view;
    const answer = parsePublishAnswer(buffer.toString('utf8', payloadStart, payloadEnd));
    if (answer === undefined) {
      this.#failed(entry, noAck(entry.message.subject));
    } else if ('stream' in answer) {
      this.#waiting.delete(key);
      this.#isProven = true;
      this.#options.onAck(entry.number, answer);
      this.#settledOne();
    } else {
      const error = apiFailure(answer, `publishing to ${quoted(entry.message.subject)}`);
      // Without a leader nothing was decided yet.
      if (error.kind === 'connection') this.#later(entry, error);
      else this.#failed(entry, error);
    }
  }

  /** Sends again after a while, the longer the more often it was tried. */
  #later(entry: Waiting, error: NatsxError): void {
    const attempts = this.#isProven ? this.#options.attempts : UNPROVEN_ATTEMPTS;
    if (entry.attempts >= attempts) {
      this.#failed(entry, error);
      return;
    }
    const backoffMs = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (entry.attempts - 1));
    entry.resend = true;
    entry.dueMs = performance.now() + backoffMs;
  }

  #tick(): void {
    if (!this.#session.connected) return;
    const nowMs = performance.now();
    for (const entry of this.#waiting.values()) {
      if (entry.dueMs > nowMs) continue;
      if (entry.resend) this.#sendAgain(entry, false);
      else if (entry.attempts >= this.#options.attempts)
        this.#failed(entry, tooLate(entry, this.#options));
      else this.#sendAgain(entry, true);
    }
  }

  #sendAgain(entry: Waiting, inDoubt: boolean): void {
    if (!this.#session.connected) return;
    if (inDoubt) this.repeats += 1;
    try {
      this.#send(entry);
    } catch (error) {
      if (!(error instanceof NatsxError)) throw error;
      this.#failed(entry, error);
    }
  }

  #failed(entry: Waiting, error: NatsxError): void {
    this.#waiting.delete(entry.number % NUMBERS);
    this.#options.onFailed(entry.number, entry.message, error);
    this.#settledOne();
  }

  /** Who waits is woken once for many answers. */
  #settledOne(): void {
    if (this.#waiting.size <= this.#options.window / 2) this.#wakeAll();
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const woken = (): void => {
        signal.removeEventListener('abort', woken);
        resolve();
      };
      this.#wake.push(woken);
      signal.addEventListener('abort', woken, { once: true });
    });
  }
}

function noStream(subject: string): NatsxError {
  return new NatsxError('not-found', `no stream keeps ${quoted(subject)}`, {
    hint: 'natsx stream ls lists the streams; without -J it is published without a stream',
    details: { subject },
  });
}

function noAck(subject: string): NatsxError {
  return new NatsxError('rejected', `what answered for ${quoted(subject)} is no stream`, {
    hint: 'somebody replies to messages on this subject; publish to it without -J',
    details: { subject },
  });
}

function tooLate(entry: Waiting, { ackTimeoutMs }: JetStreamPublisherOptions): NatsxError {
  const { subject } = entry.message;
  return new NatsxError(
    'timeout',
    `no acknowledgement for ${quoted(subject)} after ${entry.attempts} attempts of ${ackTimeoutMs} ms`,
    {
      hint: 'it may have been stored all the same; give it longer with --timeout',
      details: { subject },
    },
  );
}
