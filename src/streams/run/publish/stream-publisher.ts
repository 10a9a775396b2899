import { NatsxError } from '../../../core/errors.js';
import { apiCodeOf, apiFailure } from '../../model/api-failure.js';
import type { PublishAck } from '../../model/publish-ack.js';
import { isTransient, type PublishFate } from '../../model/publish-fate.js';
import type { OutgoingMessage } from '../../../core/message/message.js';
import { quoted } from '../../../core/printable.js';
import type { MessageView } from '../../../wire/message-view.js';
import { ReplyInbox } from '../../../wire/reply-inbox.js';
import type { Session } from '../../../wire/session.js';
import { TurnClock } from '../../../messaging/run/turn-clock.js';
import { AckReader } from './ack-reader.js';
import { AckRing, type Outstanding } from './ack-ring.js';
import { forgotten, lostOnTheWay, notAcknowledged, strangeAnswer } from './loss-errors.js';
import type { MessageKind } from './message-kind.js';
import type { StreamPublisherOptions } from './publisher-options.js';
import { isOfItsOwn, ReplyNumbers } from './reply-numbers.js';
import { Retrial } from './retrial.js';
import { Wakeups } from './wakeups.js';

const TICK_MS = 25;
/** Payloads that are held for another attempt; a window of large messages would be more than memory. */
const MOST_HELD_BYTES = 64 * 1024 * 1024;

/**
 * Publishes to streams and waits for their acknowledgements, a window of them at a time. When an answer is missing, all
 * others wait until the oldest message has been taken, so that what is sent again keeps its order. A message with
 * an id is sent again as long as the stream recognizes it; one without only when it was certainly not stored.
 */
export class StreamPublisher<M = OutgoingMessage> {
  readonly #session: Session;
  readonly #options: StreamPublisherOptions<M>;
  readonly #inbox: ReplyInbox;
  readonly #kind: MessageKind<M>;
  readonly #acks = new AckReader();
  readonly #ring: AckRing<M>;
  readonly #replies: ReplyNumbers;
  readonly #clock = new TurnClock();
  readonly #wakeups = new Wakeups();
  readonly #retrial: Retrial<M>;
  readonly #timer: NodeJS.Timeout;
  #halted: NatsxError | undefined;
  #lastAckMs = 0;

  constructor(session: Session, kind: MessageKind<M>, options: StreamPublisherOptions<M>) {
    this.#session = session;
    this.#kind = kind;
    this.#options = options;
    this.#ring = new AckRing(options.window, ({ number, message }, fate) =>
      options.onSettled(number, message, fate),
    );
    // Who hears of all answers is told of late ones as well, and whose they are.
    this.#replies = new ReplyNumbers(options.window, options.watch === undefined);
    this.#inbox = new ReplyInbox(session, options.inboxPrefix, (reply, view) =>
      this.#answered(reply, view),
    );
    this.#retrial = new Retrial(
      this.#ring,
      { ...options, isConnected: () => session.connected },
      {
        send: (one) => this.#sendAgain(one),
        refuse: (one, error) => this.#refuse(one, error),
        unclear: () => this.#unclear(),
        clear: (unclear) => this.#clear(unclear),
        halt: (error, fate) => this.#giveUpHead(error, fate),
        over: () => this.#wakeups.all(),
      },
    );
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Why no more may be published. */
  get halted(): NatsxError | undefined {
    return this.#halted;
  }

  /** Messages without an answer. */
  get outstanding(): number {
    return this.#ring.length;
  }

  /** How many more messages may be published now. */
  get room(): number {
    return this.hasRoom ? this.#options.window - this.#ring.length : 0;
  }

  /** Whether {@link publish} may be called. */
  get hasRoom(): boolean {
    if (this.#ring.isFull || this.#retrial.isActive || this.#halted !== undefined) return false;
    return this.#session.connected && this.#ring.bytes < MOST_HELD_BYTES;
  }

  /** Sends a message; call it only while {@link hasRoom}. @returns whether the socket takes more now */
  publish(message: M): boolean {
    const kind = this.#kind;
    const subject = kind.subject(message);
    const heldBytes = kind.heldBytes(message);
    const traits = { subject, heldBytes, hasId: kind.hasId(message) };
    const reply = this.#replies.next(this.#ring.next, subject, this.#wholeMs());
    return this.#send(this.#ring.add(message, traits, reply));
  }

  /** Resolves when there is room, when it is halted, and when the signal aborts. */
  async ready(signal: AbortSignal): Promise<void> {
    while (!this.hasRoom && this.#halted === undefined && !signal.aborted) {
      await this.#wakeups.next(signal);
    }
  }

  /** Resolves when every message has its fate, or when the signal aborts. */
  async settled(signal: AbortSignal): Promise<void> {
    while (!this.#ring.isEmpty && !signal.aborted) await this.#wakeups.next(signal);
  }

  /** To be called when the session has lost its connection. */
  disconnected(): void {
    for (const one of this.#ring.open()) {
      if (one.state === 'waiting') this.#doubt(one, lostOnTheWay(one.subject));
    }
    this.#replies.watchAgain();
    this.#retrial.start();
    this.#wakeups.all();
  }

  /** To be called when the session has a connection again. */
  reconnected(): void {
    this.#retrial.reconnected();
    this.#wakeups.all();
  }

  /** Nothing more is sent, answers are still waited for. */
  halt(error: NatsxError): void {
    if (this.#halted !== undefined) return;
    this.#halted = error;
    for (const one of this.#ring.open()) {
      if (one.state === 'due') this.#ring.settle(one, left(one, error));
    }
    this.#retrial.stop();
    this.#wakeups.all();
  }

  /** Ends it: what has no answer by now gets none. */
  giveUp(error: NatsxError): void {
    this.halt(error);
    for (const one of this.#ring.open()) this.#ring.settle(one, { type: 'in-doubt', error });
    this.#wakeups.all();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#inbox.close();
  }

  #send(one: Outstanding<M>): boolean {
    try {
      const reply = this.#inbox.subjectBytes(one.reply);
      const room = this.#session.publish(this.#kind.frame(one.message, this.#session.info, reply));
      const nowMs = this.#wholeMs();
      one.state = 'waiting';
      one.attempts += 1;
      one.sentAtMs = nowMs;
      if (one.firstSentMs === 0) one.firstSentMs = nowMs;
      return room;
    } catch (error) {
      if (!(error instanceof NatsxError)) throw error;
      if (error.kind !== 'connection') this.#refuse(one, error);
      return true;
    }
  }

  /** @returns whether it was sent or is settled */
  #sendAgain(one: Outstanding<M>): boolean {
    const { subject } = one;
    if (one.doubtSinceMs > 0) {
      const windowMs = this.#options.lookup().knownWindowMs(subject);
      if (windowMs === undefined) return false;
      if (this.#isForgotten(one, windowMs)) {
        this.#ring.settle(one, { type: 'in-doubt', error: forgotten(subject, windowMs) });
        return true;
      }
    }
    // A stream that lost its end in a crash counts from further back, as if it answered the message before.
    if (one.follows !== undefined) one.reply = this.#replies.unused(one.number);
    one.follows = undefined;
    this.#send(one);
    if (one.state === 'waiting') this.#options.watch?.sentAgain(one);
    return true;
  }

  #isForgotten(one: Outstanding<M>, windowMs: number): boolean {
    return performance.now() - one.doubtSinceMs >= windowMs;
  }

  /** Messages in doubt that a stream would not recognize when they were sent again. */
  #unclear(): readonly Outstanding<M>[] {
    if (this.#options.inquire === undefined) return [];
    return [...this.#ring.open()].filter((one) => {
      if (one.doubtSinceMs === 0 || one.state !== 'due') return false;
      if (!one.hasId) return true;
      const windowMs = this.#options.lookup().knownWindowMs(one.subject);
      return windowMs !== undefined && this.#isForgotten(one, windowMs);
    });
  }

  /** Those that are in a stream are settled, the others are as if they had not been sent. */
  async #clear(unclear: readonly Outstanding<M>[]): Promise<void> {
    const { inquire } = this.#options;
    if (inquire === undefined) return;
    const messages = unclear.map(({ message }) => message);
    const places = await inquire(messages, this.#ring.acksBehindHead());
    unclear.forEach((one, index) => {
      const ack = places[index];
      one.doubtSinceMs = 0;
      if (ack !== undefined) this.#ring.settle(one, { type: 'stored', ack });
    });
    this.#acknowledged();
  }

  #answered(reply: number, view: MessageView): void {
    const one = this.#ring.find(reply);
    if (one === undefined) this.#replies.distrust();
    if (one === undefined && this.#options.watch === undefined) return;
    if (view.isNoResponders) {
      if (one !== undefined) this.#retry(one, undefined);
      return;
    }
    const { buffer, payloadStart, payloadEnd } = view;
    const answer = this.#acks.read(buffer, payloadStart, payloadEnd);
    const { stream } = this.#options;
    if (answer !== undefined && 'stream' in answer && answer.stream === (stream ?? answer.stream)) {
      this.#stored(reply, answer, one);
    } else if (one === undefined) {
      return;
    } else if (answer === undefined || 'stream' in answer) {
      this.#strange(one);
    } else {
      const error = apiFailure(answer, `publishing to ${quoted(one.subject)}`);
      if (isTransient(apiCodeOf(error), one.hasId)) this.#retry(one, error);
      else this.#refuse(one, error);
    }
  }

  #stored(reply: number, ack: PublishAck, one: Outstanding<M> | undefined): void {
    const { watch } = this.#options;
    if (watch !== undefined) {
      const number = this.#ring.numberOf(reply, this.#replies.modulus);
      if (number !== undefined) watch.acknowledged(number, ack, one);
    }
    if (one === undefined) return;
    if (!isOfItsOwn(one, ack)) {
      this.#replies.distrust();
      return;
    }
    this.#replies.answered(one, ack, this.#wholeMs());
    this.#ring.settle(one, storedFate(ack, one));
    this.#acknowledged();
  }

  /** An answer of somebody else; one to the message before is none to this. */
  #strange(one: Outstanding<M>): void {
    if (one.follows !== undefined) this.#replies.distrust();
    else if (this.#options.stream === undefined) this.#refuse(one, strangeAnswer(one.subject));
  }

  #acknowledged(): void {
    this.#lastAckMs = this.#wholeMs();
    this.#retrial.progressed();
    this.#wakeups.all();
  }

  /** It was certainly not stored. @param error absent where nobody listened */
  #retry(one: Outstanding<M>, error: NatsxError | undefined): void {
    if (one.state === 'due') return;
    this.#replies.watchAgain();
    this.#options.watch?.turnedAway(error);
    if (this.#halted !== undefined) {
      this.#ring.settle(one, left(one, this.#halted));
      this.#wakeups.all();
      return;
    }
    one.state = 'due';
    this.#retrial.refused(error);
  }

  #refuse(one: Outstanding<M>, error: NatsxError): void {
    this.#ring.settle(one, { type: 'refused', error });
    this.#retrial.progressed();
    this.#wakeups.all();
  }

  /** Nobody knows whether it was stored: it is sent again where that does no harm. */
  #doubt(one: Outstanding<M>, error: NatsxError): void {
    const mayBeSentAgain = one.hasId || this.#options.inquire !== undefined;
    if (mayBeSentAgain && this.#halted === undefined) {
      one.state = 'due';
      if (one.doubtSinceMs === 0) one.doubtSinceMs = one.sentAtMs;
    } else {
      this.#ring.settle(one, { type: 'in-doubt', error });
    }
  }

  #giveUpHead(error: NatsxError, fate: PublishFate): void {
    const { head } = this.#ring;
    if (head !== undefined) this.#ring.settle(head, fate);
    this.halt(error);
  }

  #tick(): void {
    if (this.#ring.isEmpty) {
      this.#retrial.stop();
      return;
    }
    if (!this.#session.connected) return;
    const late = this.#late(performance.now());
    if (late !== undefined) {
      this.#retrial.start(late);
      // Without an id there is no other attempt, and a stream that does not answer one will not answer the next.
      const anyLeft = [...this.#ring.open()].some(({ state }) => state === 'due');
      if (!anyLeft && this.#options.tireless !== true) this.halt(late);
    }
    this.#retrial.tick();
  }

  /** Answers that do not come; the error for the first of them. */
  #late(nowMs: number): NatsxError | undefined {
    const { timeoutMs, tireless } = this.#options;
    let late: NatsxError | undefined;
    for (const one of this.#ring.open()) {
      if (one.state === 'due') continue;
      // While others are answered, the stream is only slow.
      const fromMs = tireless === true ? one.sentAtMs : Math.max(one.sentAtMs, this.#lastAckMs);
      const waitedMs = nowMs - fromMs;
      if (waitedMs < timeoutMs) continue;
      const error = notAcknowledged(one.subject, nowMs - one.firstSentMs);
      late ??= error;
      this.#doubt(one, error);
    }
    if (late !== undefined) {
      this.#replies.watchAgain();
      this.#wakeups.all();
    }
    return late;
  }

  /** Whole numbers need no memory of their own in each message; 0 would mean never. */
  #wholeMs(): number {
    return Math.ceil(this.#clock.nowMs());
  }
}

function storedFate(ack: PublishAck, one: Outstanding): PublishFate {
  return one.doubtSinceMs > 0 ? { type: 'stored', ack, resent: true } : { type: 'stored', ack };
}

/** What becomes of a message that is not sent any more. */
function left(one: Outstanding, error: NatsxError): PublishFate {
  return { type: one.doubtSinceMs > 0 ? 'in-doubt' : 'unsent', error };
}
