import { NatsxError } from '../../../core/errors.js';
import type { JetStreamScope } from '../../../connection/model/api-scope.js';
import type { StreamInfo } from '../../model/stream-info.js';
import type { MessageInPlace } from '../../../core/message/message-in-place.js';
import type { Taken } from '../../../core/message/reading.js';
import { earlierEnd, knownRange, type KnownRange, type ReadRange } from '../../model/read-range.js';
import type { JetStreamApi } from '../api/jetstream-api.js';
import type { Session, SessionEvent } from '../../../wire/session.js';
import { patternsOverlap } from '../../../core/subject/subject-match.js';
import { whenStopped } from '../../../connection/abortable.js';
import { FailureSignal } from '../../../connection/failure-signal.js';
import { openPatientSession, type SessionTarget } from '../../../wire/open-session.js';
import { localFilter, makeReader, readsDirectly } from './make-reader.js';
import { SessionJetStream } from '../manage/session-jetstream.js';
import { findStreamOf } from '../manage/stream-of-subject.js';
import type { StreamDelivery, StreamReader } from './stream-reader.js';

export interface StreamReadRequest {
  readonly scope: JetStreamScope;
  /** The stream's name; when absent, the stream that keeps the first filter. */
  readonly stream?: string | undefined;
  /** The subjects wanted; all when empty. */
  readonly filters: readonly string[];
  readonly range: ReadRange;
  /** How many messages and bytes may be on their way. */
  readonly window?: { readonly messages: number; readonly bytes: number } | undefined;
}

/** What is known when reading begins. */
export interface OpenedStream {
  readonly info: StreamInfo;
  /** Messages that are there to be read; more than that are wanted of it when it goes on for ever. */
  readonly pending: number;
  /** What a reader should know of the range: that it ends before the end that was asked for, or has no message. */
  readonly remarks: readonly string[];
  /** Whether messages are read one by one, because a consumer would change the stream. */
  readonly direct: boolean;
  /** For questions about the stream while it is read. */
  readonly api: JetStreamApi;
}

/** Where the messages of a stream go. */
export interface StreamSink {
  /** @throws {NatsxError} ends reading */
  opened(stream: OpenedStream): void;
  /** Message and place are valid until the call returns. */
  message(message: MessageInPlace, place: StreamDelivery): Taken;
  /** Resolves when there is room again after `full`. */
  ready(): Promise<void>;
  /** Reading had to begin again behind the last message; nothing is lost. */
  healing?(reason: string): void;
  /** Reading is over, and the connection still stands: for questions about what was read. */
  finished?(api: JetStreamApi): Promise<void>;
}

/** What a run of reading a stream came to. */
export interface StreamReadOutcome {
  /** As it was when reading began. */
  readonly info: StreamInfo;
  /** `reached`: the end of the range; `stopped`: by the signal before. */
  readonly end: 'reached' | 'stopped';
  /** How often reading had to begin again. */
  readonly heals: number;
  readonly connected: boolean;
}

/**
 * Reads a range of a stream in order, without gaps or repetitions, and leaves nothing behind on the server. What is
 * lost on the way is read again.
 *
 * @throws {NatsxError} not-found — the stream, or JetStream is off; auth, connection, timeout, rejected;
 *   unhealthy — the stream was replaced by one that ends before what was read
 * @throws the signal's reason when it aborts before reading stands
 */
export async function readStreamRange(
  target: SessionTarget,
  request: StreamReadRequest,
  sink: StreamSink,
  signal: AbortSignal,
): Promise<StreamReadOutcome> {
  const run = new StreamRun(request, sink);
  try {
    return await run.read(target, signal);
  } finally {
    await run.close();
  }
}

class StreamRun {
  readonly #request: StreamReadRequest;
  readonly #sink: StreamSink;
  readonly #failure = new FailureSignal();
  readonly #reached: Promise<'reached'>;
  #reach: (end: 'reached') => void = () => undefined;
  #session: Session | undefined;
  #api: SessionJetStream | undefined;
  #reader: StreamReader | undefined;
  #range: KnownRange | undefined;
  #wanted: ReturnType<typeof localFilter>;
  #clockOffsetMs = 0;
  #done = false;
  #asking = false;
  #full = false;

  constructor(request: StreamReadRequest, sink: StreamSink) {
    this.#request = request;
    this.#sink = sink;
    this.#reached = new Promise((resolve) => (this.#reach = resolve));
  }

  async read(target: SessionTarget, signal: AbortSignal): Promise<StreamReadOutcome> {
    const session = await openPatientSession(target, signal, (event) => this.#happened(event));
    this.#session = session;
    void session.closed.then((error) => {
      if (!this.#done && error !== undefined) this.#failure.fail(error);
    });
    const { inboxPrefix } = target.dial;
    const api = new SessionJetStream(session, this.#request.scope, inboxPrefix);
    this.#api = api;
    const info = await this.#orFailed(findStreamOf(api, this.#request));
    this.#learn(info);
    this.#wanted = localFilter(api, { ...this.#request, info });
    const reader = makeReader(session, api, {
      ...this.#request,
      info,
      inboxPrefix,
      handlers: {
        created: (pending, resumed) => {
          if (!resumed) this.#opened(info, pending, api);
          if (pending === 0 && this.#endsWhenCaughtUp) this.#finish();
        },
        message: (message, delivery) => this.#message(message, delivery),
        idle: () => void this.#askWhetherDone(),
        healing: (reason) => this.#sink.healing?.(reason),
      },
    });
    this.#reader = reader;
    await this.#orFailed(reader.start());
    const end = await this.#orFailed(
      Promise.race([this.#reached, whenStopped(signal), reader.failed]),
    );
    this.#done = true;
    reader.halt();
    if (session.connected) await this.#sink.finished?.(api);
    return { info, end, heals: reader.heals, connected: session.connected };
  }

  async close(): Promise<void> {
    this.#done = true;
    await this.#reader?.close();
    await this.#session?.close();
  }

  /** Whatever fails outside of the call that is waited for, such as a permission, ends it. */
  #orFailed<T>(promise: Promise<T>): Promise<T> {
    return this.#failure.orFailed(promise);
  }

  #learn(info: StreamInfo): void {
    // Before 2.10 the server does not tell its time; clocks are then taken to agree.
    if (info.ts !== undefined) this.#clockOffsetMs = Date.parse(info.ts) - Date.now();
    this.#range = knownRange(this.#request.range, info, this.#nowMs);
  }

  #opened(info: StreamInfo, pending: number, api: SessionJetStream): void {
    const { range, filters } = this.#request;
    if (pending === 0) checkKeeps(info, filters);
    const early = earlierEnd(range, info, this.#nowMs);
    const isEmpty = pending === 0 && this.#endsWhenCaughtUp;
    const remarks = [
      ...(early === undefined ? [] : [early]),
      ...(isEmpty ? [nothingThere(info, filters)] : []),
    ];
    this.#sink.opened({ info, pending, direct: readsDirectly(info), remarks, api });
  }

  get #nowMs(): number {
    return Date.now() + this.#clockOffsetMs;
  }

  get #endsWhenCaughtUp(): boolean {
    const range = this.#range;
    return range !== undefined && (range.endsWhenCaughtUp || this.#nowMs > range.lastMs);
  }

  #message(message: MessageInPlace, delivery: StreamDelivery): boolean {
    const range = this.#range;
    if (this.#done || range === undefined) return true;
    if (delivery.seq > range.lastSeq || delivery.timeMs > range.lastMs) {
      this.#finish();
      return true;
    }
    const wanted = this.#wanted?.(message, delivery) ?? true;
    const taken = wanted ? this.#sink.message(message, delivery) : 'taken';
    if (delivery.seq === range.lastSeq) this.#finish();
    else if (delivery.pending === 0 && this.#endsWhenCaughtUp) this.#finish();
    if (taken !== 'full') return true;
    void this.#untilRoom();
    return false;
  }

  async #untilRoom(): Promise<void> {
    if (this.#full) return;
    this.#full = true;
    await this.#sink.ready();
    this.#full = false;
    this.#reader?.resume();
  }

  /** The last messages may have been removed before they were read, so that none says that it is the last. */
  async #askWhetherDone(): Promise<void> {
    if (this.#asking || this.#done || !this.#endsWhenCaughtUp) return;
    this.#asking = true;
    // A question that fails is asked again at the next occasion.
    const pending = await this.#reader?.pending().catch(() => undefined);
    this.#asking = false;
    if (pending === 0) this.#finish();
  }

  #finish(): void {
    if (this.#done) return;
    this.#done = true;
    this.#reader?.halt();
    this.#reach('reached');
  }

  #happened(event: SessionEvent): void {
    if (event.type === 'reconnected') this.#reader?.reconnected();
    if (event.type !== 'async-error' || event.error.kind !== 'auth') return;
    if (this.#done) return;
    this.#failure.fail(event.error);
    this.#api?.fail(event.error);
  }
}

/**
 * A subject that a stream never stores is a mistake, not an empty answer.
 *
 * @throws {NatsxError} not-found — nothing that the stream takes matches any of the filters
 */
function checkKeeps({ config }: StreamInfo, filters: readonly string[]): void {
  const { name, subjects = [] } = config;
  // Streams that are fed by others, and those that rename what they take, store subjects that they do not list.
  const isFed = ['mirror', 'sources', 'subject_transform'].some((key) => config[key] !== undefined);
  if (filters.length === 0 || subjects.length === 0 || isFed) return;
  const isKept = filters.some((filter) => subjects.some((one) => patternsOverlap(one, filter)));
  if (isKept) return;
  throw new NatsxError(
    'not-found',
    `the stream "${name}" has nothing on ${filters.join(', ')} and does not take it`,
    { hint: `it takes ${subjects.join(', ')}`, details: { stream: name } },
  );
}

function nothingThere({ config, state }: StreamInfo, filters: readonly string[]): string {
  if (state.messages === 0) return `the stream ${config.name} is empty`;
  const what = filters.length === 0 ? '' : ` on ${filters.join(', ')}`;
  return `no message of the stream ${config.name} is in that range${what}`;
}
