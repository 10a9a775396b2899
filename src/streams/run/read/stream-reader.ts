import type { MessageInPlace } from '../../../core/message/message-in-place.js';
import type { StreamPlace } from '../../../core/message/stream-place.js';
import { FailureSignal } from '../../../connection/failure-signal.js';
import type { Session } from '../../../wire/session.js';
import type { SessionJetStream } from '../manage/session-jetstream.js';

/** The place of a message, and how many messages follow it. */
export interface StreamDelivery extends StreamPlace {
  readonly pending: number;
}

/** What happens while a stream is read; called from the read loop. */
export interface StreamReaderHandlers {
  /** Reading has begun, or has begun again. @param pending messages that can be read now */
  created(pending: number, resumed: boolean): void;
  /** Message and delivery are valid until the call returns. @returns false to get no more until `resume` */
  message(message: MessageInPlace, delivery: StreamDelivery): boolean;
  /** No message has arrived for a while. */
  idle(): void;
  /** Messages went missing, or the connection or consumer did: reading starts again after the last message. */
  healing(reason: string): void;
}

/** Where and how a reader reads. */
export interface ReaderParts<Plan> {
  readonly session: Session;
  readonly api: SessionJetStream;
  readonly plan: Plan;
  readonly handlers: StreamReaderHandlers;
}

/** Reads the messages of a stream in order. */
export abstract class StreamReader<Plan = unknown> {
  /** How often reading had to start again. */
  heals = 0;
  /** Whether the handler wants no more messages for now. */
  protected held = false;
  protected readonly session: Session;
  protected readonly api: SessionJetStream;
  protected readonly plan: Plan;
  protected readonly handlers: StreamReaderHandlers;
  readonly #failure = new FailureSignal();
  readonly #stop = new AbortController();

  constructor({ session, api, plan, handlers }: ReaderParts<Plan>) {
    this.session = session;
    this.api = api;
    this.plan = plan;
    this.handlers = handlers;
  }

  /** Rejects when reading cannot go on; never resolves. */
  get failed(): Promise<never> {
    return this.#failure.failed;
  }

  /** Aborts when nothing more is to be read. */
  protected get stopped(): AbortSignal {
    return this.#stop.signal;
  }

  /** @throws {NatsxError} as JetStream's API */
  abstract start(): Promise<void>;
  /** The connection is back: what was requested over the old one is lost. */
  abstract reconnected(): void;
  /** The number of messages left, asked again; undefined while some are in transit. @throws as JetStream's API */
  abstract pending(): Promise<number | undefined>;

  /** There is room again, after `message` has returned false. */
  resume(): void {
    this.held = false;
  }

  /** Stops reading at once. */
  halt(): void {
    this.#stop.abort();
  }

  /** Stops reading, and leaves nothing behind on the server. Never rejects. */
  close(): Promise<void> {
    this.halt();
    return Promise.resolve();
  }

  /** Ends reading with an error, unless it was stopped before. */
  protected fail(error: unknown): void {
    if (!this.stopped.aborted) this.#failure.fail(error);
  }
}
