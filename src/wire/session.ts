import type { DialOptions } from '../connection/model/dial.js';
import { NatsxError } from '../core/errors.js';
import { Notifier } from '../connection/notifier.js';
import type { NumberedFrame, PublishFrame } from './frame-buffer.js';
import type { MessageHandler, SubscribeOptions } from './lane-subscription.js';
import type { Lane, LaneOptions } from './lane.js';
import { openLaneTo } from './open-lane.js';
import { reconnect } from './reconnector.js';
import type { ServerInfo } from './server-info.js';
import { ServerPool } from './server-pool.js';
import { SessionSubscription } from './session-subscription.js';

/** What happens to a session between its opening and its end. */
export type SessionEvent =
  | { readonly type: 'disconnected'; readonly server: string; readonly error: NatsxError }
  | { readonly type: 'reconnecting'; readonly attempt: number; readonly delayMs: number }
  | { readonly type: 'reconnected'; readonly server: string; readonly gapMs: number }
  | { readonly type: 'lame-duck'; readonly server: string }
  /** The server refused something and keeps the connection. */
  | { readonly type: 'async-error'; readonly error: NatsxError };

export interface SessionOptions {
  /** Version of natsx, for the server. */
  readonly version: string;
  readonly echo?: boolean | undefined;
  readonly keepAliveMs?: number | undefined;
  /** How long the session waits for a new connection; forever if absent. */
  readonly giveUpAfterMs?: number | undefined;
  readonly onEvent?: ((event: SessionEvent) => void) | undefined;
  /** Closes the session at once. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens a session: the first connection must succeed; when it is lost, the session reconnects.
 * @throws {NatsxError} as `openLane`; interrupted when the signal is aborted by then.
 */
export async function openSession(dial: DialOptions, options: SessionOptions): Promise<Session> {
  const session = new Session(dial, options);
  await session.start();
  return session;
}

/** A connection that reconnects, with its subscriptions. */
export class Session {
  /** Resolves when the session has ended: with the error that ended it, or undefined after a close. Never rejects. */
  readonly closed: Promise<NatsxError | undefined>;
  readonly #dial: DialOptions;
  readonly #options: SessionOptions;
  readonly #pool: ServerPool;
  readonly #subscriptions = new Set<SessionSubscription>();
  readonly #stopping = new AbortController();
  #lane: Lane | undefined;
  #paused = false;
  #ended = false;
  #endError: NatsxError | undefined;
  #resolveClosed: (error: NatsxError | undefined) => void = () => undefined;
  readonly #changed = new Notifier();

  /** Use {@link openSession}. */
  constructor(dial: DialOptions, options: SessionOptions) {
    this.#dial = dial;
    this.#options = options;
    this.#pool = new ServerPool(dial);
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
  }

  async start(): Promise<void> {
    const { signal } = this.#options;
    if (signal?.aborted === true) throw new NatsxError('interrupted', 'stopped before connecting');
    this.#attach(await openLaneTo(this.#pool.addresses, this.#dial, this.#laneOptions()));
    const stop = (): void => void this.close();
    signal?.addEventListener('abort', stop, { once: true });
    void this.closed.then(() => signal?.removeEventListener('abort', stop));
    // The signal may have aborted while connecting.
    if (this.#options.signal?.aborted === true) stop();
  }

  get connected(): boolean {
    return this.#lane !== undefined;
  }

  /** The current connection, for its counters and its INFO. */
  get lane(): Lane | undefined {
    return this.#lane;
  }

  get info(): ServerInfo | undefined {
    return this.#lane?.info;
  }

  get pendingBytes(): number {
    return this.#lane?.pendingBytes ?? 0;
  }

  /**
   * Resolves when there is a connection, at once if there is one.
   * @throws {NatsxError} what the session ended with; interrupted when `signal` is aborted.
   */
  async whenConnected(signal?: AbortSignal): Promise<void> {
    while (this.#lane === undefined) {
      if (this.#ended) throw this.#endReason();
      if (signal?.aborted === true) throw new NatsxError('interrupted', 'stopped while waiting');
      await this.#changed.next(signal);
    }
  }

  /** Subscribes now or, without a connection, as soon as there is one. */
  subscribe(
    subject: string,
    options: SubscribeOptions,
    onMessage: MessageHandler,
  ): SessionSubscription {
    const interest = { subject, queue: options.queue };
    const subscription = new SessionSubscription(interest, onMessage, (ended) =>
      this.#subscriptions.delete(ended),
    );
    this.#subscriptions.add(subscription);
    if (this.#lane !== undefined) subscription.attach(this.#lane);
    return subscription;
  }

  /** As `Lane.publish`. @throws {NatsxError} connection: there is none at the moment. */
  publish(frame: PublishFrame): boolean {
    return this.#present().publish(frame);
  }

  /** As `Lane.publishNumbered`. @throws {NatsxError} connection: there is none at the moment. */
  publishNumbered(frame: NumberedFrame, number: number): boolean {
    return this.#present().publishNumbered(frame, number);
  }

  /** As `Lane.write`. @throws {NatsxError} connection: there is none at the moment. */
  write(bytes: Uint8Array, messages = 0): boolean {
    return this.#present().write(bytes, messages);
  }

  sendBatch(): void {
    this.#lane?.sendBatch();
  }

  /** As `Lane.drained`. @throws {NatsxError} the connection was lost, or there is none. */
  async drained(): Promise<void> {
    await this.#present().drained();
  }

  /** As `Lane.flush`. @throws {NatsxError} timeout; the connection was lost, or there is none. */
  async flush(timeoutMs: number): Promise<number> {
    return this.#present().flush(timeoutMs);
  }

  /** As `Lane.pause`; also applies to later connections. */
  pause(): void {
    this.#paused = true;
    this.#lane?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#lane?.resume();
  }

  /**
   * Unsubscribes, delivers the messages that have arrived by then, sends pending messages, and closes. Resumes reading if
   * paused. Never rejects: returns the error of the last round trip, if it failed.
   */
  async drain(timeoutMs: number): Promise<NatsxError | undefined> {
    for (const subscription of this.#subscriptions) subscription.drain();
    this.resume();
    let failure: NatsxError | undefined;
    try {
      await this.#lane?.flush(timeoutMs);
    } catch (error) {
      failure = error instanceof NatsxError ? error : undefined;
    }
    await this.close();
    return failure;
  }

  /** Closes for good. Never rejects. */
  async close(): Promise<void> {
    const lane = this.#lane;
    this.#lane = undefined;
    this.#end(undefined);
    await lane?.close();
  }

  #laneOptions(): LaneOptions {
    const { version, echo, keepAliveMs, onEvent } = this.#options;
    return {
      version,
      echo,
      keepAliveMs,
      asyncError: (error) => onEvent?.({ type: 'async-error', error }),
      closed: (error) => this.#lost(error),
      lameDuck: () => onEvent?.({ type: 'lame-duck', server: this.#lane?.server ?? '' }),
      info: (info) => this.#pool.advertise(info.connect_urls ?? [], this.#lane?.address),
    };
  }

  #attach(lane: Lane): void {
    this.#lane = lane;
    this.#pool.advertise(lane.info.connect_urls ?? [], lane.address);
    for (const subscription of this.#subscriptions) subscription.attach(lane);
    if (this.#paused) lane.pause();
    this.#changed.notify();
  }

  #lost(error: NatsxError | undefined): void {
    const lane = this.#lane;
    if (lane === undefined || this.#ended) return;
    this.#lane = undefined;
    for (const subscription of this.#subscriptions) subscription.detach();
    const reason = error ?? new NatsxError('connection', `${lane.server} closed the connection`);
    // An exception in the caller's code would only happen again, and so would a refusal by the server.
    if (lane.endedByHandler || reason.kind === 'rejected') this.#end(reason);
    else void this.#recover(lane.server, reason);
  }

  async #recover(server: string, error: NatsxError): Promise<void> {
    const { onEvent, giveUpAfterMs } = this.#options;
    const lostAtMs = performance.now();
    onEvent?.({ type: 'disconnected', server, error });
    try {
      const lane = await reconnect({
        pool: this.#pool,
        dial: this.#dial,
        laneOptions: this.#laneOptions(),
        lostAtMs,
        giveUpAfterMs,
        signal: this.#stopping.signal,
        attempting: (attempt, delayMs) => onEvent?.({ type: 'reconnecting', attempt, delayMs }),
      });
      if (lane === undefined) return;
      if (this.#ended) {
        await lane.close();
        return;
      }
      this.#attach(lane);
      const gapMs = performance.now() - lostAtMs;
      onEvent?.({ type: 'reconnected', server: lane.server, gapMs });
    } catch (failure) {
      this.#end(lossError(error, failure));
    }
  }

  #end(error: NatsxError | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#endError = error;
    this.#stopping.abort();
    this.#changed.notify();
    this.#resolveClosed(error);
  }

  #present(): Lane {
    if (this.#lane === undefined) throw this.#endReason();
    return this.#lane;
  }

  #endReason(): NatsxError {
    if (this.#endError !== undefined) return this.#endError;
    const message = this.#ended ? 'the connection is closed' : 'there is no connection right now';
    return new NatsxError('connection', message);
  }
}

/** The more informative error: why the connection was lost (expired credentials), or why it did not return. */
function lossError(lost: NatsxError, failure: unknown): NatsxError {
  if (!(failure instanceof NatsxError)) {
    return new NatsxError('internal', 'reconnecting failed', { cause: failure });
  }
  return failure.kind === 'auth' && lost.kind === 'auth' ? lost : failure;
}
