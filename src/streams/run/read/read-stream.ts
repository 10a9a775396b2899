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
  /** The stream's name [default: the stream that stores the first filter]. */
  readonly stream?: string | undefined;
  /** The wanted subjects; all when empty. */
  readonly filters: readonly string[];
  readonly range: ReadRange;
  /** How many messages and bytes may be in transit. */
  readonly window?: { readonly messages: number; readonly bytes: number } | undefined;
}

/** What is known when reading starts. */
export interface OpenedStream {
  readonly info: StreamInfo;
  /** Number of messages that can be read now. */
  readonly pending: number;
  /** Notices about the range: that it ends earlier than requested, or has no message. */
  readonly remarks: readonly string[];
  /** Whether messages are read one by one, because a consumer would change the stream. */
  readonly direct: boolean;
  /** For requests about the stream while it is read. */
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
  /** Reading had to start again after the last message; nothing is lost. */
  healing?(reason: string): void;
  /** Reading is over, and the connection is still open: for requests about what was read. */
  finished?(api: JetStreamApi): Promise<void>;
}

/** The result of reading a stream. */
export interface StreamReadOutcome {
  /** As it was when reading started. */
  readonly info: StreamInfo;
  /** `reached`: the end of the range; `stopped`: by the signal before. */
  readonly end: 'reached' | 'stopped';
  /** How often reading had to start again. */
  readonly heals: number;
  readonly connected: boolean;
}

/**
 * Reads a range of a stream in order, without gaps or duplicates, and leaves nothing behind on the server. Messages lost
 * in transit are read again.
 *
 * @throws {NatsxError} not-found — the stream, or JetStream is off; auth, connection, timeout, rejected;
 *   unhealthy — the stream was replaced by one that ends before what was read
 * @throws the signal's reason when it aborts before reading starts
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

  /** A failure outside the awaited call, such as a missing permission, ends it too. */
  #orFailed<T>(promise: Promise<T>): Promise<T> {
    return this.#failure.orFailed(promise);
  }

  #learn(info: StreamInfo): void {
    // Servers before 2.10 do not report their time; the clocks are assumed to agree.
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
      ...(isEmpty ? [noMessages(info, filters)] : []),
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

  /** If the last messages were removed before they were read, no delivery reports 0 pending messages. */
  async #askWhetherDone(): Promise<void> {
    if (this.#asking || this.#done || !this.#endsWhenCaughtUp) return;
    this.#asking = true;
    // A request that fails is repeated later.
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
 * A subject that a stream never stores is a mistake, not an empty result.
 *
 * @throws {NatsxError} not-found — no subject of the stream matches any of the filters
 */
function checkKeeps({ config }: StreamInfo, filters: readonly string[]): void {
  const { name, subjects = [] } = config;
  // Mirrors, streams with sources, and streams with a subject transform store subjects that they do not list.
  const isFed = ['mirror', 'sources', 'subject_transform'].some((key) => config[key] !== undefined);
  if (filters.length === 0 || subjects.length === 0 || isFed) return;
  const isKept = filters.some((filter) => subjects.some((one) => patternsOverlap(one, filter)));
  if (isKept) return;
  throw new NatsxError(
    'not-found',
    `the stream "${name}" has no messages on ${filters.join(', ')} and does not store that subject`,
    { hint: `it stores ${subjects.join(', ')}`, details: { stream: name } },
  );
}

function noMessages({ config, state }: StreamInfo, filters: readonly string[]): string {
  if (state.messages === 0) return `the stream ${config.name} is empty`;
  const what = filters.length === 0 ? '' : ` on ${filters.join(', ')}`;
  return `no message of the stream ${config.name} is in that range${what}`;
}
