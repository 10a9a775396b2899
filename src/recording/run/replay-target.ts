import { NatsxError } from '../../core/errors.js';
import type { OutgoingMessage } from '../../core/message/message.js';
import type { Session, SessionEvent } from '../../wire/session.js';
import { unlessAborted } from '../../connection/abortable.js';
import type { StreamShare } from '../model/replay-outcome.js';
import { FrameMaker } from '../../messaging/run/message-frame.js';
import { openPatientSession, type SessionTarget } from '../../wire/open-session.js';

/** Where messages are published to. */
export interface ReplayTarget {
  readonly hasRoom: boolean;
  /** How many messages, counted from the first, have certainly arrived. */
  readonly settledBelow: number;
  /** Messages after them that may have arrived. */
  readonly inDoubt: number;
  /** Messages that a stream already had. */
  readonly duplicates: number;
  /** Messages whose acknowledgement was lost, and that were found in their stream. */
  readonly found: number;
  readonly streams: readonly StreamShare[];
  /** Why publishing must stop. */
  readonly failure: NatsxError | undefined;
  /** Resolves when there is room, something failed, or the signal aborts. */
  ready(signal: AbortSignal): Promise<void>;
  publish(message: OutgoingMessage): void;
  /** Resolves when all published messages are known to have arrived. @throws {NatsxError} they are not */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** Messages after which the server is asked to confirm. */
const CONFIRM_EVERY = 16_384;

interface CoreTargetOptions {
  /** How long the server may take to confirm, in milliseconds. */
  readonly timeoutMs: number;
  /** Whether another replay can continue this one. */
  readonly resumable: boolean;
}

/** Core NATS: the server confirms that it has handled the messages; there is no other acknowledgement. */
export class CoreTarget implements ReplayTarget {
  settledBelow = 0;
  readonly duplicates = 0;
  readonly found = 0;
  readonly streams = [];
  failure: NatsxError | undefined;
  readonly #session: Session;
  readonly #timeoutMs: number;
  readonly #resumable: boolean;
  readonly #frames = new FrameMaker();
  #sent = 0;
  #room = true;
  #asking = false;

  private constructor(session: Session, { timeoutMs, resumable }: CoreTargetOptions) {
    this.#session = session;
    this.#timeoutMs = timeoutMs;
    this.#resumable = resumable;
  }

  /** Connects. @throws {NatsxError} connection, auth */
  static async open(
    target: SessionTarget,
    options: CoreTargetOptions,
    signal: AbortSignal,
  ): Promise<CoreTarget> {
    const opened: { core?: CoreTarget } = {};
    const onEvent = (event: SessionEvent): void => opened.core?.happened(event);
    const session = await openPatientSession(target, signal, onEvent);
    const core = new CoreTarget(session, options);
    opened.core = core;
    void session.closed.then((error) => {
      if (error !== undefined) core.failure ??= error;
    });
    return core;
  }

  get inDoubt(): number {
    return this.#sent - this.settledBelow;
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
      `the connection broke while ${this.#sent - this.settledBelow} messages were in flight`,
      {
        hint: `${this.#resumable ? 'continue with --resume; ' : ''}with -J, acknowledgements show which messages have arrived`,
      },
    );
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

  /** Refusals arrive before the answer to the PING. */
  #settledTo(mark: number): void {
    if (this.failure === undefined) this.settledBelow = mark;
  }
}
