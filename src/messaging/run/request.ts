import { INBOX_HINT } from '../../connection/model/connection-hints.js';
import { NatsxError, expectedError } from '../../core/errors.js';
import type { OutgoingMessage } from '../../core/message/message.js';
import type { MessageMaker } from '../../core/message/message-maker.js';
import type {
  NumberedReply,
  ReplyExpectation,
  RequestOutcome,
  RequestsResult,
} from '../model/request-outcome.js';
import { requestFailure } from '../model/request-outcome.js';
import { summarizeSamples } from '../../core/statistics/statistics.js';
import type { Session, SessionEvent } from '../../wire/session.js';
import { unlessAborted } from '../../connection/abortable.js';
import { pauseUntil } from '../../connection/pause-until.js';
import { FrameMaker } from './message-frame.js';
import type { SessionTarget } from '../../wire/open-session.js';
import { openPatientSession } from '../../wire/open-session.js';
import { Requester } from './requester.js';

/** How often a request without responders is sent again. */
const RETRY_MS = 100;

export interface RequestsPlan {
  readonly make: MessageMaker;
  readonly expected: ReplyExpectation;
  /** How many requests, and how many of them at a time. */
  readonly count: number;
  readonly concurrency: number;
  /** How long to wait for a responder while there is none, in milliseconds. */
  readonly waitForResponderMs: number;
  /** There is no responder, and one is waited for. */
  readonly onWaiting: () => void;
  readonly onReply: (reply: NumberedReply) => void;
  /** Waits until there is room for more replies. */
  readonly room: () => Promise<void>;
}

/**
 * Sends requests and collects their replies. Unanswered requests are values in the result; a refusal by the server or
 * the final loss of the connection ends the run. Ends early when the signal aborts.
 *
 * @throws {NatsxError} connection, auth — the first connection
 */
export async function sendRequests(
  target: SessionTarget,
  plan: RequestsPlan,
  signal: AbortSignal,
): Promise<RequestsResult> {
  const stop = new AbortController();
  const onEvent = (event: SessionEvent): void => {
    if (event.type === 'async-error') stop.abort(explained(event.error));
  };
  const session = await openPatientSession(target, signal, onEvent);
  void session.closed.then((error) => {
    if (error !== undefined) stop.abort(error);
  });
  try {
    const run = new RequestRun(session, target.dial.inboxPrefix, plan);
    const startedMs = performance.now();
    await run.all(AbortSignal.any([signal, stop.signal]));
    const reason: unknown = stop.signal.reason;
    return run.result(
      performance.now() - startedMs,
      reason instanceof NatsxError ? reason : undefined,
    );
  } finally {
    await session.close();
  }
}

/** Replies need an inbox that this user may subscribe to. */
function explained(error: NatsxError): NatsxError {
  if (error.details?.['operation'] !== 'subscribe') return error;
  return new NatsxError('auth', error.message, {
    hint: INBOX_HINT,
    cause: error,
    details: error.details,
  });
}

class RequestRun {
  readonly #session: Session;
  readonly #plan: RequestsPlan;
  readonly #requester: Requester;
  readonly #frames = new FrameMaker();
  readonly #rttsNs: number[] = [];
  #started = 0;
  #answered = 0;
  #failed = 0;
  #replies = 0;
  #payloadBytes = 0;
  #failure: NatsxError | undefined;
  /** Since when there are no responders, on the clock of `performance.now()`. */
  #absentSinceMs: number | undefined;

  constructor(session: Session, inboxPrefix: string, plan: RequestsPlan) {
    this.#session = session;
    this.#plan = plan;
    this.#requester = new Requester(session, inboxPrefix);
  }

  async all(signal: AbortSignal): Promise<void> {
    const workers = Math.max(1, Math.min(this.#plan.count, this.#plan.concurrency));
    const work = Promise.all(Array.from({ length: workers }, () => this.#worker(signal)));
    await unlessAborted(work, signal);
    this.#requester.stop();
  }

  /** @param refusal what ended the run early, if anything */
  result(durationMs: number, refusal: NatsxError | undefined): RequestsResult {
    return {
      requests: this.#started,
      answered: this.#answered,
      replies: this.#replies,
      payloadBytes: this.#payloadBytes,
      durationMs,
      rttNs: summarizeSamples(this.#rttsNs),
      failure: refusal ?? this.#failure,
      failed: this.#failed + (refusal === undefined ? 0 : this.#started - this.#answered),
    };
  }

  async #worker(signal: AbortSignal): Promise<void> {
    while (this.#started < this.#plan.count && !signal.aborted) {
      const request = ++this.#started;
      const failure = await this.#one(request, signal);
      if (isAborted(signal)) return;
      if (failure === undefined) this.#answered += 1;
      else {
        this.#failed += 1;
        this.#failure ??= failure;
      }
      await this.#plan.room();
    }
  }

  async #one(request: number, signal: AbortSignal): Promise<NatsxError | undefined> {
    const { expected, make, waitForResponderMs } = this.#plan;
    try {
      const message = make({ count: request });
      let outcome = await this.#send(message, request, signal);
      while (outcome.end === 'no-responders' && (await this.#waitForResponder(signal))) {
        outcome = await this.#send(message, request, signal);
      }
      if (outcome.end !== 'no-responders') this.#absentSinceMs = undefined;
      if (outcome.end === 'timeout' && !this.#session.connected) return unreachable();
      return requestFailure(outcome, expected, waitForResponderMs);
    } catch (error) {
      return expectedError(error);
    }
  }

  async #send(
    message: OutgoingMessage,
    request: number,
    signal: AbortSignal,
  ): Promise<RequestOutcome> {
    if (!this.#session.connected) await this.#session.whenConnected(signal);
    const frame = this.#frames.frame(message, this.#session.info);
    let first = true;
    return this.#requester.request(frame, this.#plan.expected, (reply, rttNs) => {
      if (first) this.#rttsNs.push(rttNs);
      first = false;
      this.#replies += 1;
      this.#payloadBytes += reply.payload.length;
      this.#plan.onReply({ message: reply, request, rttNs });
    });
  }

  /** Pauses before the next try. @returns false if responders have been absent for too long */
  async #waitForResponder(signal: AbortSignal): Promise<boolean> {
    const { waitForResponderMs, onWaiting } = this.#plan;
    if (waitForResponderMs > 0 && this.#absentSinceMs === undefined) onWaiting();
    this.#absentSinceMs ??= performance.now();
    const remainingMs = this.#absentSinceMs + waitForResponderMs - performance.now();
    if (remainingMs <= 0) return false;
    await pauseUntil(performance.now() + Math.min(RETRY_MS, remainingMs), signal);
    return !signal.aborted;
  }
}

/** A function, because the compiler assumes that a signal does not change across an await. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

function unreachable(): NatsxError {
  return new NatsxError(
    'connection',
    'the connection broke before the reply arrived, and is not back',
    {
      hint: 'check the server; --timeout sets how long to wait',
    },
  );
}
