import { NatsxError } from '../../../core/errors.js';
import type { OutgoingMessage } from '../../../core/message/message.js';
import { quoted } from '../../../core/printable.js';
import { Notifier } from '../../../connection/notifier.js';
import { TurnClock } from '../../../messaging/run/turn-clock.js';
import type { MessageView } from '../../../wire/message-view.js';
import { ReplyInbox } from '../../../wire/reply-inbox.js';
import type { Session } from '../../../wire/session.js';
import { apiCodeOf, apiFailure, type ApiError } from '../../model/api-failure.js';
import type { PublishAck } from '../../model/publish-ack.js';
import { isTransient, type PublishFate } from '../../model/publish-fate.js';
import { AckReader } from './ack-reader.js';
import { AckRing, type Outstanding } from './ack-ring.js';
import { lostInFlight, notAcknowledged, notFromStream } from './loss-errors.js';
import type { MessageEncoding, StreamPublisherOptions } from './publisher-options.js';
import { Retries } from './retries.js';
import { LONGEST_TIMER_MS } from '../../../core/values/duration.js';

/** Payloads that are held for another attempt; a window of large messages could be more than memory. */
const MOST_HELD_BYTES = 64 * 1024 * 1024;

/**
 * Publishes to streams and waits for the acknowledgements, a window of messages at a time. If one is missing, all other
 * messages wait until the oldest is stored, so that what is sent again keeps its order. A message with an id is sent
 * again as long as the stream detects duplicates; one without an id only if it was certainly not stored.
 */
export class StreamPublisher<M = OutgoingMessage> {
  readonly #session: Session;
  readonly #options: StreamPublisherOptions<M>;
  readonly #inbox: ReplyInbox;
  readonly #encoding: MessageEncoding<M>;
  readonly #acks = new AckReader();
  readonly #ring: AckRing<M>;
  readonly #clock = new TurnClock();
  readonly #changed = new Notifier();
  readonly #retries: Retries<M>;
  /** Fires when an acknowledgement may be late; undefined while none is awaited. */
  #lateTimer: NodeJS.Timeout | undefined;
  #halted: NatsxError | undefined;
  #lastAckMs = 0;

  constructor(session: Session, encoding: MessageEncoding<M>, options: StreamPublisherOptions<M>) {
    this.#session = session;
    this.#encoding = encoding;
    this.#options = options;
    this.#ring = new AckRing(options.window, ({ number, message }, fate) =>
      options.onSettled(number, message, fate),
    );
    this.#inbox = new ReplyInbox(session, options.inboxPrefix, (reply, view) =>
      this.#answered(reply, view),
    );
    this.#retries = new Retries(
      this.#ring,
      { ...options, isConnected: () => session.connected },
      {
        send: (entry) => this.#sendAgain(entry),
        stored: () => this.#acknowledged(),
        refuse: (entry, error) => this.#refuse(entry, error),
        halt: (error, fate) => this.#giveUpHead(error, fate),
        over: () => this.#changed.notify(),
      },
    );
  }

  /** Why nothing more may be published. */
  get halted(): NatsxError | undefined {
    return this.#halted;
  }

  /** Number of messages without a fate. */
  get outstanding(): number {
    return this.#ring.length;
  }

  /** How many more messages may be published now. */
  get room(): number {
    return this.hasRoom ? this.#options.window - this.#ring.length : 0;
  }

  /** Whether {@link publish} may be called. */
  get hasRoom(): boolean {
    if (this.#ring.isFull || this.#retries.isActive || this.#halted !== undefined) return false;
    return this.#session.connected && this.#ring.bytes < MOST_HELD_BYTES;
  }

  /** Sends a message; call it only while {@link hasRoom}. @returns whether the socket takes more now */
  publish(message: M): boolean {
    const encoding = this.#encoding;
    const entry = this.#ring.add(message, {
      subject: encoding.subject(message),
      heldBytes: encoding.heldBytes(message),
      hasId: encoding.hasId(message),
    });
    return this.#send(entry);
  }

  /** Resolves when there is room, when publishing was halted, and when the signal aborts. */
  async ready(signal: AbortSignal): Promise<void> {
    while (!this.hasRoom && this.#halted === undefined && !signal.aborted) {
      await this.#changed.next(signal);
    }
  }

  /** Resolves when every message has its fate, or when the signal aborts. */
  async settled(signal: AbortSignal): Promise<void> {
    while (!this.#ring.isEmpty && !signal.aborted) await this.#changed.next(signal);
  }

  /** To be called when the session has lost its connection. */
  disconnected(): void {
    for (const entry of this.#ring.open()) {
      if (entry.state === 'waiting') this.#doubt(entry, lostInFlight(entry.subject));
    }
    this.#retries.start();
    this.#changed.notify();
  }

  /** To be called when the session has a connection again. */
  reconnected(): void {
    this.#retries.reconnected();
    this.#changed.notify();
  }

  /** Sends nothing more; answers are still awaited. */
  halt(error: NatsxError): void {
    if (this.#halted !== undefined) return;
    this.#halted = error;
    for (const entry of this.#ring.open()) {
      if (entry.state === 'due') this.#ring.settle(entry, abandonedFate(entry, error));
    }
    this.#retries.stop();
    this.#changed.notify();
  }

  /** Ends publishing: messages without an answer are in doubt. */
  giveUp(error: NatsxError): void {
    this.halt(error);
    for (const entry of this.#ring.open()) this.#ring.settle(entry, { type: 'in-doubt', error });
    this.#changed.notify();
  }

  close(): void {
    clearTimeout(this.#lateTimer);
    this.#retries.stop();
    this.#inbox.close();
  }

  #send(entry: Outstanding<M>): boolean {
    try {
      const reply = this.#inbox.subjectBytes(entry.number);
      const frame = this.#encoding.frame(entry.message, this.#session.info, reply);
      const hasRoom = this.#session.publish(frame);
      // Whole numbers need no memory of their own in each message; 0 would mean never.
      const nowMs = Math.ceil(this.#clock.nowMs());
      entry.state = 'waiting';
      entry.sentAtMs = nowMs;
      if (entry.firstSentMs === 0) entry.firstSentMs = nowMs;
      if (this.#lateTimer === undefined) this.#awaitLate(this.#options.timeoutMs);
      return hasRoom;
    } catch (error) {
      if (!(error instanceof NatsxError)) throw error;
      if (error.kind !== 'connection') this.#refuse(entry, error);
      return true;
    }
  }

  #sendAgain(entry: Outstanding<M>): void {
    this.#send(entry);
    if (entry.state === 'waiting') this.#options.watch?.sentAgain(entry);
  }

  #answered(reply: number, view: MessageView): void {
    const number = this.#ring.numberOf(reply);
    if (number === undefined) return;
    const { watch, stream } = this.#options;
    const entry = this.#ring.get(number);
    if (entry === undefined && watch === undefined) return;
    const { buffer, payloadStart, payloadEnd } = view;
    const answer = this.#acks.read(buffer, payloadStart, payloadEnd);
    if (answer !== undefined && 'stream' in answer && answer.stream === (stream ?? answer.stream)) {
      watch?.acknowledged(number, answer, entry);
      if (entry !== undefined) this.#stored(entry, answer);
    } else if (entry !== undefined) {
      if (view.isNoResponders) this.#retry(entry, undefined);
      else this.#notStored(entry, answer);
    }
  }

  /** @param answer undefined if it is not JetStream's */
  #notStored(entry: Outstanding<M>, answer: PublishAck | ApiError | undefined): void {
    if (answer === undefined || 'stream' in answer) {
      if (this.#options.stream === undefined) this.#refuse(entry, notFromStream(entry.subject));
      return;
    }
    const error = apiFailure(answer, `publishing to ${quoted(entry.subject)}`);
    if (isTransient(apiCodeOf(error), entry.hasId)) this.#retry(entry, error);
    else this.#refuse(entry, error);
  }

  #stored(entry: Outstanding<M>, ack: PublishAck): void {
    const resent = entry.doubtSinceMs > 0;
    this.#ring.settle(entry, resent ? { type: 'stored', ack, resent } : { type: 'stored', ack });
    this.#acknowledged();
  }

  #acknowledged(): void {
    this.#lastAckMs = this.#clock.nowMs();
    this.#retries.progressed();
    this.#changed.notify();
  }

  /** The message was certainly not stored. @param error absent when there were no responders */
  #retry(entry: Outstanding<M>, error: NatsxError | undefined): void {
    if (entry.state === 'due') return;
    this.#options.watch?.turnedAway(error);
    if (this.#halted !== undefined) {
      this.#ring.settle(entry, abandonedFate(entry, this.#halted));
      this.#changed.notify();
      return;
    }
    entry.state = 'due';
    this.#retries.refused(error);
  }

  #refuse(entry: Outstanding<M>, error: NatsxError): void {
    this.#ring.settle(entry, { type: 'refused', error });
    this.#retries.progressed();
    this.#changed.notify();
  }

  /** It is unknown whether the message was stored: it is sent again where that cannot create a duplicate. */
  #doubt(entry: Outstanding<M>, error: NatsxError): void {
    const mayBeSentAgain = entry.hasId || this.#options.inquire !== undefined;
    if (mayBeSentAgain && this.#halted === undefined) {
      entry.state = 'due';
      if (entry.doubtSinceMs === 0) entry.doubtSinceMs = entry.sentAtMs;
    } else {
      this.#ring.settle(entry, { type: 'in-doubt', error });
    }
  }

  #giveUpHead(error: NatsxError, fate: PublishFate): void {
    const { head } = this.#ring;
    if (head !== undefined) this.#ring.settle(head, fate);
    this.halt(error);
  }

  #awaitLate(delayMs: number): void {
    const waitMs = Math.min(LONGEST_TIMER_MS, Math.max(1, Math.ceil(delayMs)));
    this.#lateTimer = setTimeout(() => this.#checkLate(), waitMs);
  }

  /** Looks for acknowledgements that are late, and sets the timer for the next that may be. */
  #checkLate(): void {
    this.#lateTimer = undefined;
    // Without a connection nothing is awaited: what was sent is in doubt, and sent again later.
    if (!this.#session.connected) return;
    const { timeoutMs, tireless } = this.#options;
    const nowMs = performance.now();
    let late: NatsxError | undefined;
    let nextMs = Infinity;
    for (const entry of this.#ring.open()) {
      if (entry.state === 'due') continue;
      // While others are answered, the stream is only slow.
      const fromMs = tireless === true ? entry.sentAtMs : Math.max(entry.sentAtMs, this.#lastAckMs);
      const remainingMs = fromMs + timeoutMs - nowMs;
      if (remainingMs > 0) {
        nextMs = Math.min(nextMs, remainingMs);
        continue;
      }
      const error = notAcknowledged(entry.subject, nowMs - entry.firstSentMs);
      late ??= error;
      this.#doubt(entry, error);
    }
    if (nextMs !== Infinity) this.#awaitLate(nextMs);
    if (late !== undefined) this.#wasLate(late);
  }

  #wasLate(error: NatsxError): void {
    this.#retries.start(error);
    // Without an id there is no second attempt, and a stream that does not answer one message will not answer the next.
    const anyDue = [...this.#ring.open()].some(({ state }) => state === 'due');
    if (!anyDue && this.#options.tireless !== true) this.halt(error);
    this.#changed.notify();
  }
}

/** The fate of a message that will not be sent again. */
function abandonedFate(entry: Outstanding, error: NatsxError): PublishFate {
  return { type: entry.doubtSinceMs > 0 ? 'in-doubt' : 'unsent', error };
}
