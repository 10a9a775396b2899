import { unlessAborted } from '../../../connection/abortable.js';
import type { JetStreamScope } from '../../../connection/model/api-scope.js';
import { Notifier } from '../../../connection/notifier.js';
import { expectedError, NatsxError } from '../../../core/errors.js';
import type { OutgoingMessage } from '../../../core/message/message.js';
import { quoted } from '../../../core/printable.js';
import { plural } from '../../../core/wording.js';
import { formatDurationMs } from '../../../core/values/duration.js';
import { FrameMaker } from '../../../messaging/run/message-frame.js';
import { Pacer } from '../../../messaging/run/pacer.js';
import { openPatientSession, type SessionTarget } from '../../../wire/open-session.js';
import type { Session, SessionEvent } from '../../../wire/session.js';
import type { AcknowledgedResult, BatchGap } from '../../model/acknowledged-result.js';
import { apiFailure, type ApiError } from '../../model/api-failure.js';
import { checkBatchNeeds } from '../../model/batch-needs.js';
import { PublishAccount, type StoredRange } from '../../model/publish-account.js';
import type { PublishFate } from '../../model/publish-fate.js';
import { SessionJetStream } from '../manage/session-jetstream.js';
import { FastBatch, type BatchEnd } from './fast-batch.js';
import { notFromStream } from './loss-errors.js';
import type { AcknowledgedRequest } from './publish-acknowledged.js';
import { StreamLookup } from './stream-lookup.js';

/** Messages between two acknowledgements; a stream with several batches asks for fewer. */
const EVERY = 500;
const AHEAD = 4;
/** A stream ends a batch after ten seconds without a message. */
const KEEP_OPEN_MS = 3_000;
/** Parts of `--timeout` after which an answer is asked for again. */
const ASKS = 3;

/**
 * Publishes all messages of a source as one fast batch (ADR-50). A message that does not reach the stream is not sent
 * again: the batch ends before it, or goes on without it if `keepGoing` is set.
 *
 * @throws {NatsxError} connection, auth — the first connection; rejected — the server is too old
 */
export async function publishFast(
  target: SessionTarget,
  request: AcknowledgedRequest,
  signal: AbortSignal,
): Promise<AcknowledgedResult> {
  const opened: { run?: FastRun } = {};
  const onEvent = (event: SessionEvent): void => opened.run?.happened(event);
  const session = await openPatientSession(target, signal, onEvent);
  const run = new FastRun(session, { request, signal, inboxPrefix: target.dial.inboxPrefix });
  opened.run = run;
  request.watch?.(() => run.account.totals);
  const startedMs = performance.now();
  try {
    checkBatchNeeds('fast', session.info?.version ?? '');
    await run.publishAll();
  } finally {
    await run.close();
  }
  const { account, failure, range, facts } = run;
  const durationMs = performance.now() - startedMs;
  const { totals, unacknowledged } = account;
  return { ...totals, range, unacknowledged, durationMs, failure, batch: facts };
}

interface FastRunContext {
  readonly request: AcknowledgedRequest;
  readonly signal: AbortSignal;
  readonly inboxPrefix: string;
}

class FastRun {
  readonly account = new PublishAccount();
  failure: NatsxError | undefined;
  readonly #session: Session;
  readonly #request: AcknowledgedRequest;
  readonly #signal: AbortSignal;
  readonly #scope: JetStreamScope;
  readonly #inboxPrefix: string;
  readonly #batch: FastBatch;
  readonly #changed = new Notifier();
  readonly #stop = new AbortController();
  readonly #frames = new FrameMaker();
  readonly #pacer: Pacer;
  /** Messages without a fate; the first one has the number `#settled`. */
  #held: OutgoingMessage[] = [];
  #settled = 0;
  readonly #gaps: BatchGap[] = [];
  /** Messages that were refused, by their place. */
  readonly #refused = new Map<number, NatsxError>();
  #end: BatchEnd | undefined;
  #answeredMs = performance.now();

  constructor(session: Session, { request, signal, inboxPrefix }: FastRunContext) {
    this.#session = session;
    this.#request = request;
    this.#signal = signal;
    this.#scope = request.scope;
    this.#inboxPrefix = inboxPrefix;
    this.#pacer = new Pacer(request.pace);
    this.#batch = new FastBatch(session, {
      inboxPrefix,
      gaps: request.keepGoing ? 'ok' : 'fail',
      every: EVERY,
      ahead: AHEAD,
      events: {
        acknowledged: (place) => this.#acknowledged(place),
        gap: (from, to) => this.#gap(from, to),
        failed: (place, error) => this.#failed(place, error),
        ended: (end) => this.#ended(end),
      },
    });
    void session.closed.then((error) => {
      if (error !== undefined) this.#fail(error);
    });
  }

  get range(): StoredRange | undefined {
    if (this.#end?.type !== 'committed' || this.account.totals.stored === 0) return undefined;
    const { stream, domain, seq } = this.#end.ack;
    return { stream, domain, first: undefined, last: seq };
  }

  get facts(): NonNullable<AcknowledgedResult['batch']> {
    const isOver = this.#end?.type === 'committed' || this.account.totals.inDoubt === 0;
    const outcome = isOver ? ('committed' as const) : ('unknown' as const);
    return { mode: 'fast', id: undefined, outcome, gaps: this.#gaps };
  }

  happened(event: SessionEvent): void {
    if (event.type === 'async-error') this.#fail(event.error);
    // What was on its way may be lost: the stream says from where.
    else if (event.type === 'reconnected') this.#batch.ping();
    this.#changed.notify();
  }

  async publishAll(): Promise<void> {
    const keepOpen = setInterval(() => this.#ping(), KEEP_OPEN_MS);
    try {
      for await (const messages of this.#request.source(this.#signal)) {
        await this.#publish(messages);
        await this.#request.ready();
        if (!this.#isOver) continue;
        if (!this.#request.readToEnd || this.#signal.aborted) break;
        await this.#settleRest();
      }
    } catch (error) {
      if (!this.#signal.aborted) this.failure ??= expectedError(error);
    } finally {
      clearInterval(keepOpen);
    }
    await this.#commit();
    await this.#settleRest();
  }

  async close(): Promise<void> {
    this.#batch.close();
    await this.#session.close();
  }

  get #isOver(): boolean {
    return this.#signal.aborted || this.#stop.signal.aborted || this.#end !== undefined;
  }

  get #isSettled(): boolean {
    return this.#end !== undefined || this.#stop.signal.aborted;
  }

  async #publish(messages: readonly OutgoingMessage[]): Promise<void> {
    const either = AbortSignal.any([this.#signal, this.#stop.signal]);
    for (const [at, message] of messages.entries()) {
      const pause = this.#pacer.untilDue(this.#batch.sent, either);
      if (pause !== undefined) await pause;
      while (!this.#isOver && (this.#batch.room <= 0 || !this.#session.connected))
        await this.#awaitAnswer(either);
      if (this.#isOver) {
        this.#held.push(...messages.slice(at));
        return;
      }
      this.#held.push(message);
      if (this.#batch.publish(this.#frames.frame(message, this.#session.info))) continue;
      await unlessAborted(
        this.#session.drained().catch(() => undefined),
        either,
      );
    }
  }

  /** Waits for the next answer, and asks again for one that is missing. */
  async #awaitAnswer(signal: AbortSignal, ask = () => this.#batch.ping()): Promise<void> {
    const { timeoutMs } = this.#scope;
    const timer = setTimeout(() => {
      if (this.#session.connected && !this.#isLate(timeoutMs)) ask();
      this.#changed.notify();
    }, timeoutMs / ASKS);
    await this.#changed.next(signal);
    clearTimeout(timer);
    if (this.#session.connected && this.#isLate(timeoutMs)) this.#fail(notAnswered(timeoutMs));
  }

  #isLate(timeoutMs: number): boolean {
    return performance.now() - this.#answeredMs > timeoutMs;
  }

  #ping(): void {
    if (this.#session.connected && this.#end === undefined) this.#batch.ping();
  }

  /** Also after a signal: what was sent is in the stream, and its count should be known. */
  async #commit(): Promise<void> {
    if (this.#batch.sent === 0 || this.#end !== undefined) return;
    this.#answeredMs = performance.now();
    let isSent = false;
    while (!this.#isSettled) {
      if (!isSent && this.#session.connected) {
        isSent = true;
        this.#batch.commit();
      }
      const wasConnected = this.#session.connected;
      await this.#awaitAnswer(this.#stop.signal, () => this.#batch.commit());
      if (wasConnected !== this.#session.connected) isSent = false;
    }
  }

  #acknowledged(place: number): void {
    this.#heard();
    while (this.#settled < place && this.#held.length > 0) {
      const number = this.#settled + 1;
      this.#settleNext(this.#fateOf(number));
    }
  }

  #heard(): void {
    this.#answeredMs = performance.now();
    this.#changed.notify();
  }

  #fateOf(place: number): PublishFate {
    const refused = this.#refused.get(place);
    if (refused !== undefined) return { type: 'refused', error: refused };
    const gap = this.#gaps.find(({ first, last }) => place >= first && place <= last);
    if (gap !== undefined) return { type: 'lost', error: lostInGap(gap) };
    return { type: 'stored', ack: { stream: '', seq: place, duplicate: false } };
  }

  #settleNext(fate: PublishFate): void {
    const message = this.#held.shift();
    if (message === undefined) return;
    const number = this.#settled++;
    this.account.add(number, message, fate);
    this.#request.onSettled(number, message, fate);
  }

  #gap(from: number, to: number): void {
    this.#heard();
    const last = Math.min(to - 1, this.#batch.sent);
    // A message that was refused before it was counted is missing too, but it has its own error.
    let first = from;
    while (first <= last && this.#refused.has(first)) first += 1;
    if (first > last) return;
    const gap = { first, last };
    this.#gaps.push(gap);
    this.failure ??= lostInGap(gap);
  }

  #failed(place: number, error: ApiError): void {
    this.#heard();
    const failure = this.#failureAt(place, error);
    this.#refused.set(place, failure);
    this.failure ??= failure;
  }

  #failureAt(place: number, error: ApiError): NatsxError {
    const message = this.#held[place - this.#settled - 1];
    const subject = message === undefined ? `message ${place}` : quoted(message.subject);
    return apiFailure(error, `publishing to ${subject}`);
  }

  #ended(end: BatchEnd): void {
    this.#end = end;
    this.#heard();
  }

  #fail(error: NatsxError): void {
    this.failure ??= error;
    this.#stop.abort(error);
  }

  /** Messages that the stream did not count. */
  async #settleRest(): Promise<void> {
    const end = this.#end;
    const isAll = end?.type === 'committed' && this.#held.length === 0;
    const error = await this.#unsentError(end);
    if (!isAll) this.failure ??= error;
    const { sent } = this.#batch;
    while (this.#held.length > 0) {
      const place = this.#settled + 1;
      const known = this.#fateOf(place);
      const type = place <= sent && isOpen(end) ? ('in-doubt' as const) : ('unsent' as const);
      this.#settleNext(known.type === 'stored' ? { type, error: error ?? interrupted() } : known);
    }
    if (this.#signal.aborted && this.account.totals.inDoubt === 0) this.failure = undefined;
  }

  async #unsentError(end: BatchEnd | undefined): Promise<NatsxError | undefined> {
    const subject = this.#held[0]?.subject ?? '';
    switch (end?.type) {
      case 'refused':
        return this.failure ?? apiFailure(end.error, 'publishing a fast batch');
      case 'no-responders':
        return (await this.#lookup().whyUnheard(subject)).error;
      case 'foreign':
        return notFromStream(subject);
      case 'committed':
        return this.failure ?? (this.#held.length === 0 ? undefined : endedEarly(end.ack.count));
      case undefined:
        return this.failure;
    }
  }

  #lookup(): StreamLookup {
    return new StreamLookup(new SessionJetStream(this.#session, this.#scope, this.#inboxPrefix));
  }
}

/** Whether messages that were not acknowledged may be stored. */
function isOpen(end: BatchEnd | undefined): boolean {
  if (end === undefined || end.type === 'foreign') return true;
  // A batch that was refused from its first message on stores nothing.
  return end.type === 'refused' && end.place > 1;
}

function lostInGap({ first, last }: BatchGap): NatsxError {
  const where = first === last ? `message ${first}` : `messages ${first} to ${last}`;
  return new NatsxError('unhealthy', `a gap in the batch: ${where} did not reach the stream`, {
    hint: '--failed FILE writes what is not stored; --keep-going goes on after a gap',
    details: { first, last, messages: plural(last - first + 1, 'message') },
  });
}

function endedEarly(count: number): NatsxError {
  return new NatsxError('unhealthy', `the stream ended the batch after message ${count}`, {
    hint: 'a stream ends a batch after ten seconds without a message, or when its leader changes',
  });
}

function notAnswered(timeoutMs: number): NatsxError {
  return new NatsxError(
    'timeout',
    `the stream did not acknowledge the batch for ${formatDurationMs(timeoutMs)}`,
    { hint: 'the stream may be slow: raise --timeout' },
  );
}

const interrupted = (): NatsxError =>
  new NatsxError('interrupted', 'interrupted before it was published');
