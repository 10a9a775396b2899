import { NatsxError } from '../domain/errors.js';
import type { OutgoingMessage } from '../domain/message.js';
import type { Session, SessionEvent } from '../wire/session.js';
import { unlessAborted } from './abortable.js';
import { JetStreamPublisher } from './jetstream-publisher.js';
import { FrameMaker } from './message-frame.js';
import { openPatientSession, type SessionTarget } from './open-session.js';

/** Where messages are published to, one after the other. */
export interface ReplayTarget {
  readonly hasRoom: boolean;
  /** How many messages, from the first on, have certainly arrived. */
  readonly settledBelow: number;
  /** Messages that a stream had already. */
  readonly duplicates: number;
  /** Messages that were sent again though they may have been stored the first time. */
  readonly repeats: number;
  /** Why no more should be published. */
  readonly failure: NatsxError | undefined;
  /** Resolves when there is room, something failed, or the signal aborts. */
  ready(signal: AbortSignal): Promise<void>;
  publish(message: OutgoingMessage): void;
  /** Resolves when all that was published is known to have arrived. @throws {NatsxError} it is not */
  settle(): Promise<void>;
  close(): Promise<void>;
}

export interface ReplayTargetOptions {
  readonly jetstream: boolean;
  readonly window: number;
  readonly timeoutMs: number;
}

/** How often a message is sent to a stream at most. */
const ATTEMPTS = 8;
/** Messages after which the server is asked to confirm, where no stream does. */
const CONFIRM_EVERY = 16_384;

/** Connects. @throws {NatsxError} connection, auth */
export async function openReplayTarget(
  target: SessionTarget,
  options: ReplayTargetOptions,
  signal: AbortSignal,
): Promise<ReplayTarget> {
  const listener: { current?: Target } = {};
  const session = await openPatientSession(target, signal, (event) =>
    listener.current?.happened(event),
  );
  const opened = options.jetstream
    ? new StreamTarget(session, options, target.dial.inboxPrefix)
    : new CoreTarget(session, options);
  listener.current = opened;
  void session.closed.then((error) => opened.ended(error));
  return opened;
}

type Target = StreamTarget | CoreTarget;

/** Each message is acknowledged by its stream. */
class StreamTarget implements ReplayTarget {
  duplicates = 0;
  failure: NatsxError | undefined;
  readonly #session: Session;
  readonly #publisher: JetStreamPublisher;
  #firstFailed = Infinity;

  constructor(session: Session, options: ReplayTargetOptions, inboxPrefix: string) {
    this.#session = session;
    this.#publisher = new JetStreamPublisher(session, {
      inboxPrefix,
      window: options.window,
      ackTimeoutMs: options.timeoutMs,
      attempts: ATTEMPTS,
      onAck: (_number, ack) => {
        if (ack.duplicate) this.duplicates += 1;
      },
      onFailed: (number, _message, error) => {
        this.#firstFailed = Math.min(this.#firstFailed, number);
        this.failure ??= error;
      },
    });
  }

  get hasRoom(): boolean {
    return this.#publisher.hasRoom && this.failure === undefined;
  }

  get settledBelow(): number {
    return Math.min(this.#publisher.settledBelow, this.#firstFailed);
  }

  get repeats(): number {
    return this.#publisher.repeats;
  }

  async ready(signal: AbortSignal): Promise<void> {
    if (this.failure === undefined) await this.#publisher.ready(signal);
  }

  publish(message: OutgoingMessage): void {
    this.#publisher.publish(message);
  }

  settle(): Promise<void> {
    return this.#publisher.settled(new AbortController().signal);
  }

  happened(event: SessionEvent): void {
    if (event.type === 'disconnected') this.#publisher.disconnected();
    if (event.type === 'reconnected') this.#publisher.reconnected();
    if (event.type === 'async-error') this.#fail(event.error);
  }

  ended(error: NatsxError | undefined): void {
    if (error !== undefined) this.#fail(error);
  }

  async close(): Promise<void> {
    this.#publisher.close();
    await this.#session.close();
  }

  #fail(error: NatsxError): void {
    this.failure ??= error;
    this.#publisher.close(error);
  }
}

/** The server confirms that it has handled them; nobody acknowledges more than that. */
class CoreTarget implements ReplayTarget {
  settledBelow = 0;
  readonly duplicates = 0;
  readonly repeats = 0;
  failure: NatsxError | undefined;
  readonly #session: Session;
  readonly #timeoutMs: number;
  readonly #frames = new FrameMaker();
  #sent = 0;
  #room = true;
  #asking = false;

  constructor(session: Session, { timeoutMs }: ReplayTargetOptions) {
    this.#session = session;
    this.#timeoutMs = timeoutMs;
  }

  get hasRoom(): boolean {
    return this.#room && this.#session.connected && this.failure === undefined;
  }

  async ready(signal: AbortSignal): Promise<void> {
    await this.#session.whenConnected(signal).catch(() => undefined);
    await unlessAborted(
      this.#session.drained().catch(() => undefined),
      signal,
    );
    this.#room = true;
  }

  publish(message: OutgoingMessage): void {
    this.#room = this.#session.publish(this.#frames.frame(message, this.#session.info));
    this.#sent += 1;
    if (this.#sent - this.settledBelow >= CONFIRM_EVERY) void this.#confirm(60_000);
  }

  async settle(): Promise<void> {
    if (this.failure !== undefined || this.settledBelow === this.#sent) return;
    const mark = this.#sent;
    await this.#session.flush(this.#timeoutMs);
    this.#settledTo(mark);
  }

  happened(event: SessionEvent): void {
    if (event.type === 'async-error') this.failure ??= event.error;
    if (event.type !== 'disconnected' || this.settledBelow === this.#sent) return;
    this.failure ??= new NatsxError(
      'connection',
      `the connection broke while ${this.#sent - this.settledBelow} messages were on their way`,
      { hint: 'go on with --resume; -J waits for acknowledgements, and knows which have arrived' },
    );
  }

  ended(error: NatsxError | undefined): void {
    if (error !== undefined) this.failure ??= error;
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  async #confirm(timeoutMs: number): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    const mark = this.#sent;
    await this.#session.flush(timeoutMs).then(
      () => this.#settledTo(mark),
      () => undefined,
    );
    this.#asking = false;
  }

  /** Messages that were refused came before the answer to the question. */
  #settledTo(mark: number): void {
    if (this.failure === undefined) this.settledBelow = mark;
  }
}
