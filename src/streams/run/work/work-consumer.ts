import type { ConsumerInfo } from '../../model/consumer-info.js';
import type { JetStreamScope } from '../../../connection/model/api-scope.js';
import {
  NOTHING_MISSED,
  type ReadingEnd,
  type ReadingLimits,
  type Taken,
} from '../../../core/message/reading.js';
import { AckWaits } from '../../model/ack-waits.js';
import { Delivery } from '../../model/delivery.js';
import { StreamMessage } from '../../model/stream-message.js';
import type { WorkVerdict } from '../../../core/message/verdict.js';
import type { ConsumerChoice, Job, Work, WorkOutcome } from '../../../core/message/work.js';
import type { MessageView } from '../../../wire/message-view.js';
import type { Session, SessionEvent } from '../../../wire/session.js';
import { ConsumerPulls } from '../read/consumer-pulls.js';
import { whenStopped } from '../../../connection/abortable.js';
import { FailureSignal } from '../../../connection/failure-signal.js';
import { TurnClock } from '../../../messaging/run/turn-clock.js';
import { openPatientSession, type SessionTarget } from '../../../wire/open-session.js';
import { ReadingMeter } from '../../../messaging/run/reading-meter.js';
import { SessionJetStream } from '../manage/session-jetstream.js';
import { findStreamOf } from '../manage/stream-of-subject.js';
import { chooseConsumer } from './choose-consumer.js';
import { HeldMessages, type Held } from './held-messages.js';
import { IdleWatch } from './idle-watch.js';
import { JobQueue } from './job-queue.js';
import { Verdicts } from './verdicts.js';

export interface WorkRequest {
  readonly scope: JetStreamScope;
  readonly stream: string | undefined;
  readonly choice: ConsumerChoice;
  readonly limits: ReadingLimits;
  /** Most messages per pull request. */
  readonly batch: number;
  readonly heartbeatMs: number;
  readonly opened: (consumer: ConsumerInfo) => void;
  /** Pull requests were lost or refused; they are sent again. */
  readonly disturbed: (reason: string) => void;
  /** Why no messages arrive. */
  readonly idle: (reason: string) => void;
}

/** While this many bytes are held, nothing more is requested. */
const MOST_HELD_BYTES = 16 * 1024 * 1024;

/**
 * Works as a durable consumer until a limit or the signal: then it takes nothing more, finishes what is being processed,
 * and returns what was delivered but not processed, so that it is redelivered immediately.
 *
 * @throws {NatsxError} as `findStreamOf` and `chooseConsumer`; auth, connection; not-found — the consumer was removed
 */
export async function workAsConsumer(
  target: SessionTarget,
  request: WorkRequest,
  work: Work,
  signal: AbortSignal,
): Promise<WorkOutcome> {
  return new ConsumerWork(request, work).run(target, signal);
}

const NO_VERDICTS = { acked: 0, naked: 0, late: 0, unsent: 0, unconfirmed: 0 };

interface PrintedAs {
  readonly count: number;
  readonly member: string | undefined;
}

class ConsumerWork {
  readonly #request: WorkRequest;
  readonly #work: Work;
  readonly #reading: ReadingMeter;
  readonly #failure = new FailureSignal();
  readonly #jobs: JobQueue;
  #held: HeldMessages | undefined;
  #verdicts: Verdicts | undefined;
  #pulls: ConsumerPulls | undefined;
  #watch: IdleWatch | undefined;
  #info: ConsumerInfo | undefined;
  readonly #clock = new TurnClock();
  #delivery = new Delivery('');
  #current: Held | undefined;
  #shown: StreamMessage | undefined;
  #printed: Held[] = [];
  #confirming: Promise<void> | undefined;
  #taken = 0;
  #stopping = false;

  constructor(request: WorkRequest, work: Work) {
    this.#request = request;
    this.#work = work;
    const jobs = new JobQueue(request.choice.concurrency, () => this.#pulls?.ask());
    this.#jobs = jobs;
    this.#reading = new ReadingMeter({
      limits: request.limits,
      onFull: () => undefined,
      handling: {
        take: (_, count, member) => this.#handle(count, member),
        get busy() {
          return jobs.busy;
        },
        droppedLate: 0,
        ready: () => Promise.resolve(),
        settled: () => Promise.resolve(),
      },
    });
  }

  async run(target: SessionTarget, signal: AbortSignal): Promise<WorkOutcome> {
    const session = await openPatientSession(target, signal, (event) => this.#happened(event));
    void session.closed.then((error) => {
      if (error !== undefined) this.#failure.fail(error);
    });
    try {
      await this.#failure.orFailed(this.#open(session, target));
      const ended = Promise.race([this.#reading.ended, whenStopped(signal)]);
      const end = await this.#failure.orFailed(ended);
      return await this.#finish(session, end, signal);
    } finally {
      this.#reading.stop();
      this.#pulls?.stop();
      this.#watch?.stop();
      this.#held?.close();
      this.#verdicts?.close();
      await session.close();
    }
  }

  async #open(session: Session, { dial }: SessionTarget): Promise<void> {
    const { scope, stream, choice, batch, heartbeatMs, opened, disturbed, idle } = this.#request;
    const api = new SessionJetStream(session, scope, dial.inboxPrefix);
    const { config } = await findStreamOf(api, { stream, filters: choice.filters });
    const info = await chooseConsumer(api, config.name, choice);
    this.#info = info;
    this.#delivery = new Delivery(config.name);
    this.#verdicts = new Verdicts(session, {
      inboxPrefix: dial.inboxPrefix,
      timeoutMs: scope.timeoutMs,
      consumer: `${info.name} of ${config.name}`,
      failed: (error) => this.#failure.fail(error),
      disturbed,
    });
    this.#held = new HeldMessages(this.#verdicts, new AckWaits(info.config));
    opened(info);
    if (this.#work.type === 'print') this.#work.sink.subscribed();
    this.#reading.start();
    this.#watch = new IdleWatch({
      api,
      stream: config.name,
      consumer: info.name,
      isIdle: () => session.connected && this.#held?.size === 0 && !this.#stopping,
      found: idle,
    });
    this.#pulls = new ConsumerPulls(session, {
      api,
      inboxPrefix: dial.inboxPrefix,
      consumer: info,
      batch,
      heartbeatMs,
      room: () => this.#room(),
      message: (view) => this.#take(view),
      disturbed,
      failed: (error) => this.#failure.fail(error),
    });
  }

  #room(): number {
    const { batch, limits, choice } = this.#request;
    if ((this.#held?.bytes ?? 0) >= MOST_HELD_BYTES) return 0;
    const ahead = this.#work.type === 'print' ? batch * 2 : Math.max(batch, choice.concurrency);
    return Math.min(ahead - (this.#held?.size ?? 0), (limits.count ?? Infinity) - this.#taken);
  }

  #take(view: MessageView): void {
    const { buffer, replyStart, replyEnd } = view;
    const reply = view.reply ?? '';
    if (!this.#delivery.read(buffer, replyStart, replyEnd)) return;
    if (this.#held?.renew(this.#delivery, reply) !== false) return;
    this.#watch?.arrived(this.#clock.nowMs());
    const held = this.#held.add(this.#delivery, reply, view.payloadSize);
    if (this.#stopping || this.#taken >= (this.#request.limits.count ?? Infinity)) {
      this.#settle(held, { type: 'nak', delayMs: 0 });
      return;
    }
    this.#current = held;
    this.#taken += 1;
    this.#shown ??= new StreamMessage(view, this.#delivery);
    this.#shown.show(view, this.#delivery);
    this.#reading.arrived(this.#shown, undefined);
  }

  #handle(count: number, member: string | undefined): Taken {
    const held = this.#current;
    const message = this.#shown;
    if (held === undefined || message === undefined) return 'dropped';
    if (this.#work.type === 'job') {
      this.#start(held, message, this.#work.run);
      return 'taken';
    }
    return this.#print(held, message, { count, member });
  }

  /** A message that the output does not take is not acknowledged. */
  #print(held: Held, message: StreamMessage, about: PrintedAs): Taken {
    if (this.#work.type !== 'print') return 'dropped';
    try {
      const taken = this.#work.sink.message(message, about.count, about.member);
      if (taken !== 'dropped') {
        this.#printed.push(held);
        this.#confirming ??= this.#confirm();
        return taken;
      }
    } catch (error) {
      this.#failure.fail(error);
    }
    this.#settle(held, { type: 'nak', delayMs: 0 });
    return 'dropped';
  }

  /** Acknowledges what was printed, as soon as the output has taken it. */
  async #confirm(): Promise<void> {
    if (this.#work.type !== 'print') return;
    const { sink, drained } = this.#work;
    const leavesAll = this.#ack === 'none';
    while (this.#printed.length > 0) {
      // Messages that arrive in the same turn are written together.
      await new Promise((resolve) => setImmediate(resolve));
      const printed = this.#printed;
      this.#printed = [];
      await drained();
      // Without a reader, messages that were not written stay held and are returned at the end.
      if (sink.closed === true) return;
      for (const held of printed) {
        this.#held?.settle(held, leavesAll ? { type: 'leave' } : { type: 'ack' });
      }
      this.#verdicts?.send();
      this.#pulls?.ask();
    }
    this.#confirming = undefined;
  }

  #settle(held: Held, verdict: WorkVerdict): void {
    this.#held?.settle(held, verdict);
    this.#verdicts?.send();
  }

  get #ack(): 'none' | 'some' {
    return this.#request.choice.ack === 'none' || this.#ackPolicyIsNone ? 'none' : 'some';
  }

  get #ackPolicyIsNone(): boolean {
    return this.#info?.config.ack_policy === 'none';
  }

  #start(held: Held, message: StreamMessage, run: (job: Job) => Promise<WorkVerdict>): void {
    const { stream, seq, delivered } = this.#delivery;
    const job = {
      message: message.toMessage(Date.now()),
      stream,
      consumer: this.#request.choice.durable,
      seq,
      delivered,
      backoffNs: this.#info?.config.backoff,
    };
    this.#jobs.add(async () => this.#settle(held, await run(job)));
  }

  async #finish(session: Session, end: ReadingEnd, signal: AbortSignal): Promise<WorkOutcome> {
    this.#stopping = true;
    this.#pulls?.drain();
    if (this.#isShort && session.connected && !signal.aborted) await this.#watch?.look();
    // The messages of --count are all processed; otherwise waiting ones are returned.
    if (end !== 'count') this.#jobs.forgetWaiting();
    const { timeoutMs } = this.#request.scope;
    if (session.connected) await session.flush(timeoutMs).catch(() => undefined);
    await this.#failure.orFailed(this.#settled());
    if (!this.#ackPolicyIsNone) this.#held?.giveBack();
    await this.#confirmed(session, signal);
    return {
      end,
      ...this.#reading.counts,
      ...NOTHING_MISSED,
      connected: session.connected,
      ...(this.#verdicts?.counts ?? NO_VERDICTS),
      unsettled: this.#verdicts?.failure,
      idleReason: this.#watch?.reason,
    };
  }

  get #isShort(): boolean {
    return this.#taken < (this.#request.limits.count ?? 0);
  }

  /** Without confirmed acknowledgements, the messages would be redelivered. */
  async #confirmed(session: Session, signal: AbortSignal): Promise<void> {
    const { timeoutMs } = this.#request.scope;
    this.#verdicts?.send();
    if (this.#verdicts?.isSettled === false && !signal.aborted) {
      await session.whenConnected(signal).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    }
    if (!session.connected) return;
    await session.flush(timeoutMs).catch(() => undefined);
    await this.#verdicts?.settled(AbortSignal.timeout(timeoutMs));
  }

  async #settled(): Promise<void> {
    await this.#jobs.settled();
    await this.#confirming;
  }

  #happened(event: SessionEvent): void {
    if (event.type === 'reconnected') {
      this.#verdicts?.reconnected();
      this.#pulls?.reconnected();
    }
    if (event.type === 'async-error' && event.error.kind === 'auth') {
      this.#failure.fail(event.error);
      this.#verdicts?.denied(event.error);
    }
  }
}
