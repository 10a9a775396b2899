import { mergeHeaders } from '../../core/message/edit-headers.js';
import type { Answer, ReplyTotals, AnsweredRequest, Answerer } from '../../core/message/answer.js';
import { NatsxError } from '../../core/errors.js';
import type { ReceivedMessage } from '../../core/message/message.js';
import { Notifier } from '../../connection/notifier.js';
import { serviceErrorHeaders } from '../../core/message/service-error.js';
import type { MessageView } from '../../wire/message-view.js';
import type { Session } from '../../wire/session.js';
import type { SessionSubscription } from '../../wire/session-subscription.js';
import { FrameMaker } from './message-frame.js';

/** Requests that wait to be handled; beyond this many, reading is paused and the server buffers them. */
const MOST_WAITING = 4_096;

interface Arrived {
  readonly request: ReceivedMessage & { readonly reply: string };
  readonly arrivedMs: number;
}

/** Receives requests, has up to `concurrency` of them answered at a time, and sends the answers. */
export class Responder {
  readonly #session: Session;
  readonly #plan: ReplyPlan;
  readonly #onDone: () => void;
  #subscription: SessionSubscription;
  readonly #frames = new FrameMaker();
  readonly #stop = new AbortController();
  #waiting: Arrived[] = [];
  #active = 0;
  #accepted = 0;
  #finished = 0;
  #arrived = 0;
  #paused = false;
  readonly #becameIdle = new Notifier();
  readonly #reported = new Set<boolean>();
  readonly #totals = { answered: 0, errors: 0, payloadBytes: 0, withoutReply: 0, unanswered: 0 };

  /** @param onDone called when as many requests as planned have been handled */
  constructor(session: Session, plan: ReplyPlan, onDone: () => void) {
    this.#session = session;
    this.#plan = plan;
    this.#onDone = onDone;
    this.#subscription = this.#subscribe();
  }

  get totals(): Omit<ReplyTotals, 'refused'> {
    return this.#totals;
  }

  /** Unsubscribes; requests that are on their way still arrive. */
  endInterest(): void {
    this.#subscription.drain();
    this.#resume();
  }

  /** Resolves when all requests that have arrived are answered. */
  async idle(): Promise<void> {
    while (!this.#isIdle) await this.#becameIdle.next();
  }

  get #isIdle(): boolean {
    return this.#active === 0 && this.#waiting.length === 0;
  }

  /** Leaves waiting requests unanswered, and aborts those in progress. */
  async giveUp(): Promise<void> {
    this.#totals.unanswered += this.#waiting.length;
    this.#waiting = [];
    this.#stop.abort();
    await this.idle();
  }

  /** With a count, the server ends the subscription itself, so that further requests go to other members. */
  #subscribe(): SessionSubscription {
    const { subject, queue, count } = this.#plan;
    const subscription = this.#session.subscribe(subject, { queue }, (view) => this.#arrive(view));
    if (count !== undefined) subscription.unsubscribe(count - this.#arrived);
    return subscription;
  }

  /** A message without a reply subject does not count as a request, but the server has counted it: subscribe again. */
  #discount(): void {
    if (this.#plan.count === undefined) return;
    this.#subscription.unsubscribe();
    this.#subscription = this.#subscribe();
  }

  #arrive(view: MessageView): void {
    const request = view.toMessage(Date.now());
    if (!hasReply(request)) {
      if (this.#totals.withoutReply++ === 0) this.#plan.onWithoutReply();
      this.#discount();
      return;
    }
    this.#arrived += 1;
    this.#waiting.push({ request, arrivedMs: performance.now() });
    this.#handleMore();
    if (this.#waiting.length >= MOST_WAITING && !this.#paused) {
      this.#paused = true;
      this.#session.pause();
    }
  }

  #handleMore(): void {
    while (this.#active < this.#plan.concurrency) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      this.#handle(next);
    }
    if (this.#paused && this.#waiting.length < MOST_WAITING / 2) this.#resume();
    if (this.#isIdle) this.#becameIdle.notify();
  }

  #handle(arrived: Arrived): void {
    const number = ++this.#accepted;
    const answer = this.#answer(arrived.request, number);
    if (!(answer instanceof Promise)) {
      this.#send(arrived, number, answer);
      return;
    }
    this.#active += 1;
    answer
      .then(
        (ready) => this.#send(arrived, number, ready),
        (error: unknown) => {
          // After giving up, answers are aborted; any other failure is reported to the requester.
          if (this.#stop.signal.aborted) this.#skip();
          else this.#send(arrived, number, failed(error));
        },
      )
      .finally(() => {
        this.#active -= 1;
        this.#handleMore();
      });
  }

  #answer(request: Arrived['request'], number: number): ReturnType<ReplyPlan['answer']> {
    try {
      return this.#plan.answer(request, number, this.#stop.signal);
    } catch (error) {
      return failed(error);
    }
  }

  #send(arrived: Arrived, number: number, given: Answer): void {
    const { request, arrivedMs } = arrived;
    const answer = this.#published(request, given);
    if (answer === undefined) {
      this.#skip();
      return;
    }
    this.#totals.answered += 1;
    this.#totals.payloadBytes += answer.payload.length;
    if (answer.error !== undefined) this.#totals.errors += 1;
    const handledNs = Math.round((performance.now() - arrivedMs) * 1e6);
    this.#plan.onAnswered({ request, number, answer, handledNs });
    this.#finish();
  }

  /** The answer that was sent: a smaller one if the server would not accept it; none without a connection. */
  #published(request: Arrived['request'], given: Answer): Answer | undefined {
    let refusal: NatsxError | undefined;
    const smaller = [() => given, () => withoutBody(given, refusal), () => bare(given)];
    for (const make of smaller) {
      const tried = make();
      try {
        this.#publish(request.reply, tried);
        if (refusal !== undefined) this.#reportNotSent(refusal, true);
        return tried;
      } catch (error) {
        if (!(error instanceof NatsxError)) throw error;
        if (error.kind !== 'rejected') return undefined;
        refusal = error;
      }
    }
    if (refusal !== undefined) this.#reportNotSent(refusal, false);
    return undefined;
  }

  /** Only the first of each kind is reported. */
  #reportNotSent(reason: NatsxError, isReplaced: boolean): void {
    if (this.#reported.has(isReplaced)) return;
    this.#reported.add(isReplaced);
    this.#plan.onNotSent(reason, isReplaced);
  }

  #publish(subject: string, { headers, payload, error }: Answer): void {
    const all = error === undefined ? headers : mergeHeaders(headers, serviceErrorHeaders(error));
    const message = all === undefined ? { subject, payload } : { subject, payload, headers: all };
    this.#session.publish(this.#frames.frame(message, this.#session.info));
  }

  #skip(): void {
    this.#totals.unanswered += 1;
    this.#finish();
  }

  #finish(): void {
    this.#finished += 1;
    if (this.#finished === this.#plan.count) this.#onDone();
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#session.resume();
  }
}

function hasReply(message: ReceivedMessage): message is Arrived['request'] {
  return message.reply !== undefined;
}

/** Longest description in the headers of an error, in characters: they count towards max_payload. */
const LONGEST_DESCRIPTION = 500;

/** The answer as an error without a body, which the server would not accept; the error says so. */
function withoutBody({ payload, error }: Answer, refusal: NatsxError | undefined): Answer {
  const reason = refusal?.message ?? 'the reply was refused';
  if (error === undefined) return errorAlone('500', reason);
  const text = shortened(error.description);
  return errorAlone(error.code, `${text} (its output of ${payload.length} bytes was left out)`);
}

/** The smallest error, for servers with a very small max_payload. */
function bare({ error }: Answer): Answer {
  return errorAlone(error?.code ?? '500', '');
}

function failed(error: unknown): Answer {
  const reason = error instanceof Error ? error.message : String(error);
  return errorAlone('500', shortened(reason));
}

function errorAlone(code: string, description: string): Answer {
  return { headers: undefined, payload: new Uint8Array(), error: { code, description } };
}

function shortened(text: string): string {
  return text.length <= LONGEST_DESCRIPTION ? text : `${text.slice(0, LONGEST_DESCRIPTION)}…`;
}

/** What to answer, and the callbacks for what happens. */
export interface ReplyPlan {
  readonly subject: string;
  readonly queue: string | undefined;
  /** Number of requests to answer; undefined for no limit. */
  readonly count: number | undefined;
  /** When it ends by itself, in milliseconds; undefined for no limit. */
  readonly durationMs: number | undefined;
  /** How many requests are handled at a time. */
  readonly concurrency: number;
  readonly answer: Answerer;
  /** How long to wait at the end for requests that are being handled, in milliseconds. */
  readonly drainMs: number;
  /** The subscription is active. */
  readonly onReady: () => void;
  readonly onAnswered: (answered: AnsweredRequest) => void;
  /** Called for the first message without a reply subject. */
  readonly onWithoutReply: () => void;
  /** Called for the first answer that could not be sent, with whether an error was sent instead. */
  readonly onNotSent: (reason: NatsxError, isReplaced: boolean) => void;
  /** Called for the first answer that the server refused. */
  readonly onRefused: (error: NatsxError) => void;
}
