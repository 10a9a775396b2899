import { NatsxError, expectedError } from '../../core/errors.js';
import type { OutgoingMessage } from '../../core/message/message.js';
import type { Pace } from '../../core/values/pace.js';
import { PublishLedger } from '../model/publish-ledger.js';
import type { PublishTotals } from '../model/publish-ledger.js';
import type { PublishResult } from '../model/publish-result.js';
import type { Session, SessionEvent } from '../../wire/session.js';
import { unlessAborted } from '../../connection/abortable.js';
import { FrameMaker } from './message-frame.js';
import type { SessionTarget } from '../../wire/open-session.js';
import { openPatientSession } from '../../wire/open-session.js';
import { Pacer } from './pacer.js';

/** Messages in groups as they become available; it should end when the signal aborts. */
export type MessageSource = (signal: AbortSignal) => AsyncIterable<readonly OutgoingMessage[]>;

export interface PublishRequest {
  readonly source: MessageSource;
  readonly pace: Pace;
  /** How long the server may take to confirm, in milliseconds. */
  readonly timeoutMs: number;
  /** Called once, with a function that returns the progress. */
  readonly watch?: ((totals: () => PublishTotals) => void) | undefined;
}

/** Messages after which the server is asked to confirm, so that few are unconfirmed when a connection breaks. */
const CONFIRM_EVERY = 16_384;

/**
 * Publishes all messages of a source and makes sure that the server has received them. Waits for a broken connection to
 * return; messages that were in flight count as unconfirmed. Ends early, with the result so far, when the signal aborts,
 * the server refuses a message, or the source fails.
 *
 * @throws {NatsxError} connection, auth — the first connection
 */
export async function publishAll(
  target: SessionTarget,
  request: PublishRequest,
  signal: AbortSignal,
): Promise<PublishResult> {
  const ledger = new PublishLedger();
  const stop = new AbortController();
  const onEvent = (event: SessionEvent): void => {
    if (event.type === 'disconnected') ledger.writeOff();
    else if (event.type === 'async-error') {
      ledger.refuse();
      stop.abort(event.error);
    }
  };
  const session = await openPatientSession(target, signal, onEvent);
  void session.closed.then((error) => {
    if (error !== undefined) stop.abort(error);
  });
  request.watch?.(() => ledger.totals);
  const startedMs = performance.now();
  try {
    const either = AbortSignal.any([signal, stop.signal]);
    const publisher = new Publisher(session, ledger, request, either);
    const failure = await publisher.run();
    const durationMs = performance.now() - startedMs;
    return { ...ledger.totals, durationMs, failure: reasonOf(stop.signal) ?? failure };
  } finally {
    await session.close();
  }
}

function reasonOf(signal: AbortSignal): NatsxError | undefined {
  return signal.reason instanceof NatsxError ? signal.reason : undefined;
}

class Publisher {
  readonly #session: Session;
  readonly #ledger: PublishLedger;
  readonly #request: PublishRequest;
  readonly #signal: AbortSignal;
  readonly #frames = new FrameMaker();
  readonly #pacer: Pacer;
  #confirming = false;
  #askedAt = 0;

  constructor(
    session: Session,
    ledger: PublishLedger,
    request: PublishRequest,
    signal: AbortSignal,
  ) {
    this.#session = session;
    this.#ledger = ledger;
    this.#request = request;
    this.#signal = signal;
    this.#pacer = new Pacer(request.pace);
  }

  /** @returns what ended it early, if anything; messages that were sent are confirmed even then, if possible */
  async run(): Promise<NatsxError | undefined> {
    let failure: NatsxError | undefined;
    try {
      for await (const batch of this.#request.source(this.#signal)) {
        await this.#sendAll(batch);
        if (this.#signal.aborted) break;
        this.#confirmMeanwhile();
      }
    } catch (error) {
      failure = this.#signal.aborted ? undefined : expectedError(error);
    }
    return (await this.#confirmAll()) ?? failure;
  }

  async #sendAll(batch: readonly OutgoingMessage[]): Promise<void> {
    for (const message of batch) {
      const pause = this.#pacer.untilDue(this.#ledger.sent, this.#signal);
      if (pause !== undefined) {
        // Messages that were due before the pause must not wait for its end.
        this.#confirmMeanwhile();
        await pause;
      }
      if (!this.#session.connected) await this.#session.whenConnected(this.#signal);
      if (this.#signal.aborted) return;
      const frame = this.#frames.frame(message, this.#session.info);
      const room = this.#session.publish(frame);
      this.#ledger.add(message.payload.length);
      if (!room) await this.#untilRoom();
    }
  }

  /** The loss of the connection is handled by the session's events. */
  async #untilRoom(): Promise<void> {
    this.#confirmMeanwhile();
    const room = this.#session.drained().catch(() => undefined);
    await unlessAborted(room, this.#signal);
  }

  /** One PING at a time, and only after enough messages or when there is time for it. */
  #confirmMeanwhile(): void {
    const mark = this.#ledger.sent;
    if (this.#confirming || mark === this.#askedAt || !this.#session.connected) return;
    this.#confirming = true;
    this.#askedAt = mark;
    this.#session
      .flush(Math.max(this.#request.timeoutMs, 60_000))
      .then(
        () => this.#ledger.confirm(mark),
        () => undefined,
      )
      .finally(() => {
        this.#confirming = false;
        if (this.#ledger.sent - this.#askedAt >= CONFIRM_EVERY) this.#confirmMeanwhile();
      });
  }

  /** Also after a failure or interruption: it should be known whether the messages arrived. */
  async #confirmAll(): Promise<NatsxError | undefined> {
    while (this.#ledger.isOpen) {
      const mark = this.#ledger.sent;
      try {
        await this.#session.drained();
        await this.#session.flush(this.#request.timeoutMs);
        this.#ledger.confirm(mark);
      } catch (error) {
        // A lost connection has already written the messages off; a silent server has not.
        const silent = mark > this.#ledger.settled;
        this.#ledger.writeOff();
        return silent ? expectedError(error) : undefined;
      }
    }
    return undefined;
  }
}
