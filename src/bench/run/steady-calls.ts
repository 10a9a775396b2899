import type { NatsxError } from '../../core/errors.js';
import type { AnswerHandler, Calls } from './link.js';

/** How long an answer may take before the call is sent again; twice as long each time. */
const FIRST_PATIENCE_MS = 1_000;
const LOOK_EVERY_MS = 100;
/** Calls that are sent again at once; the others follow as these are answered. */
const FIRST_BATCH = 64;
const EACH_ANSWER = 2;

/** Failures of a fault, not of the call. */
const PASSING: ReadonlySet<string> = new Set([
  'connection',
  'timeout',
  'no-responders',
  'not-found',
]);

interface OpenCall {
  dueMs: number;
  patienceMs: number;
  readonly firstMs: number;
}

export interface SteadyCallsOptions {
  readonly onAnswer: AnswerHandler;
  /** How much later than usual an answer may be, in milliseconds. */
  readonly delayMs: number;
  /** After this time, nobody waits for the answer any more. */
  readonly forgetAfterMs: number;
}

/** Calls that outlive their connection: those without an answer are sent again, as a real client would. */
export class SteadyCalls implements Calls {
  readonly #options: SteadyCallsOptions;
  /** By number, oldest first. */
  readonly #open = new Map<number, OpenCall>();
  /** Numbers to send again. */
  #due: number[] = [];
  #calls: Calls | undefined;
  #push: () => void = () => undefined;
  readonly #timer: NodeJS.Timeout;

  constructor(options: SteadyCallsOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
    this.#timer.unref();
  }

  /** @returns bytes of the body; 0 if it is sent when there is a connection */
  readonly send = (number: number): number => {
    const nowMs = performance.now();
    const patienceMs = FIRST_PATIENCE_MS + this.#options.delayMs;
    this.#open.set(number, { dueMs: nowMs + patienceMs, patienceMs, firstMs: nowMs });
    if (this.#calls !== undefined && this.#due.length === 0) return this.#calls.send(number);
    this.#due.push(number);
    return 0;
  };

  /** For the calls of each connection. */
  readonly answered: AnswerHandler = (number, failure, bytesRead) => {
    const call = this.#open.get(number);
    if (call === undefined) return;
    if (failure !== undefined && isPassing(failure)) {
      call.dueMs = performance.now() + LOOK_EVERY_MS;
      return;
    }
    this.#open.delete(number);
    if (this.#due.length > 0) this.#release(EACH_ANSWER);
    this.#options.onAnswer(number, failure, bytesRead);
  };

  /** There is a connection: what has no answer is sent again. @param push writes what was sent */
  attach(calls: Calls, push: () => void): void {
    this.#calls = calls;
    this.#push = push;
    this.#due = [...this.#open.keys()];
    this.#release(FIRST_BATCH);
  }

  detach(): void {
    this.#calls = undefined;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#open.clear();
  }

  #release(count: number): void {
    for (let sent = 0; sent < count && this.#due.length > 0;) {
      const number = this.#due.shift() ?? 0;
      if (!this.#open.has(number)) continue;
      sent += 1;
      this.#calls?.send(number);
    }
    this.#push();
  }

  #look(): void {
    const nowMs = performance.now();
    for (const [number, call] of this.#open) {
      if (nowMs - call.firstMs > this.#options.forgetAfterMs) this.#open.delete(number);
      else if (this.#calls !== undefined && nowMs >= call.dueMs) {
        call.patienceMs *= 2;
        call.dueMs = nowMs + call.patienceMs;
        this.#due.push(number);
      }
    }
    if (this.#calls !== undefined && this.#due.length > 0) this.#release(FIRST_BATCH);
  }
}

function isPassing({ kind }: NatsxError): boolean {
  return PASSING.has(kind);
}
