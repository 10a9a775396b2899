import { serverError } from '../connection/model/server-error.js';
import { socketError } from '../connection/model/socket-error.js';
import { NatsxError } from '../core/errors.js';
import { Notifier } from '../connection/notifier.js';
import type { ByteStream } from './byte-stream.js';
import type { NumberedFrame, PublishFrame } from './frame-buffer.js';
import type { Greeted } from './greeting.js';
import {
  LaneSubscription,
  type MessageHandler,
  type SubscriptionOwner,
  type SubscribeOptions,
} from './lane-subscription.js';
import type { MessageView } from './message-view.js';
import type { FrameSink, Parser } from './parser.js';
import type { ServerAddress } from './server-address.js';
import { PingQueue } from './ping-queue.js';
import { parseServerInfo, type ServerInfo } from './server-info.js';
import { WriteBatch } from './write-batch.js';

/** Callbacks of a lane, called synchronously from the read loop. */
export interface LaneHandlers {
  /** The server reported an error and keeps the connection, like a permissions violation. */
  readonly asyncError?: ((error: NatsxError) => void) | undefined;
  /** The connection has ended, called once: without an error after {@link Lane.close}. */
  readonly closed?: ((error: NatsxError | undefined) => void) | undefined;
  /** The server is about to shut down. */
  readonly lameDuck?: (() => void) | undefined;
  /** The server sent a new INFO. */
  readonly info?: ((info: ServerInfo) => void) | undefined;
}

export interface LaneOptions extends LaneHandlers {
  /** Version of natsx, for the server. */
  readonly version: string;
  /** Whether the lane receives messages that it publishes itself. @default true */
  readonly echo?: boolean | undefined;
  /** How often a silent connection is probed; two probes without an answer end it. @default 20000 */
  readonly keepAliveMs?: number | undefined;
}

/** Counters since the connection was opened. */
export interface LaneCounters {
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
}

interface DrainWaiter {
  readonly resolve: () => void;
  readonly reject: (error: NatsxError) => void;
}

const DEFAULT_KEEP_ALIVE_MS = 20_000;
const UNANSWERED_PROBES = 2;

/** One connection to one server, opened by `openLane`. It does not reconnect; `Session` does. */
export class Lane {
  /** `host:port` that was dialled. */
  readonly server: string;
  readonly address: ServerAddress;
  readonly #stream: ByteStream;
  readonly #parser: Parser;
  readonly #options: LaneOptions;
  readonly #batch: WriteBatch;
  readonly #pings = new PingQueue();
  /** By sid, which counts from 1. */
  readonly #subscriptions: (LaneSubscription | undefined)[] = [undefined];
  readonly #keepAlive: NodeJS.Timeout;
  #drainWaiters: DrainWaiter[] = [];
  #info: ServerInfo;
  #messagesOut = 0;
  #bytesInAtProbe = -1;
  #inHandler = false;
  #paused = false;
  #closing = false;
  #ended: NatsxError | 'closed' | undefined;
  readonly #hasEnded = new Notifier();

  /** Takes over a connection that `greet` has opened. */
  constructor(greeted: Greeted, options: LaneOptions) {
    this.address = greeted.address;
    this.server = greeted.address.label;
    this.#stream = greeted.stream;
    this.#parser = greeted.parser;
    this.#info = greeted.info;
    this.#options = options;
    this.#batch = new WriteBatch(this.#stream);
    this.#parser.sink = this.#sink();
    this.#stream.listen({
      bytes: this.#receive,
      drained: () => this.#settleDrains(),
      closed: (cause) => this.#end(this.#closing ? undefined : socketError(cause, this.server)),
    });
    this.#keepAlive = setInterval(
      () => this.#probe(),
      options.keepAliveMs ?? DEFAULT_KEEP_ALIVE_MS,
    );
    this.#keepAlive.unref();
  }

  /** The server's last INFO. */
  get info(): ServerInfo {
    return this.#info;
  }

  get isClosed(): boolean {
    return this.#ended !== undefined;
  }

  /** Whether the connection was ended by an exception out of a message handler, not by the network or the server. */
  get endedByHandler(): boolean {
    return this.#inHandler;
  }

  get isPaused(): boolean {
    return this.#paused;
  }

  get counters(): LaneCounters {
    const { bytesIn, bytesOut } = this.#stream;
    return { bytesIn, bytesOut, messagesIn: this.#parser.messages, messagesOut: this.#messagesOut };
  }

  /** Bytes that were written or published and that the kernel has not taken. */
  get pendingBytes(): number {
    return this.#batch.length + this.#stream.pendingBytes;
  }

  /**
   * Writes encoded frames at once. The bytes must stay as they are until {@link drained}.
   * `messages`: how many messages they hold, for the counters.
   * @returns false when the caller should wait for {@link drained}.
   */
  write(bytes: Uint8Array, messages = 0): boolean {
    this.#batch.send();
    this.#messagesOut += messages;
    return this.#stream.write(bytes);
  }

  /**
   * Publishes a message with the batch that goes out at the end of the turn; the payload is copied.
   * @returns false when the caller should wait for {@link drained}.
   * @throws {NatsxError} rejected: larger than the server allows, which would cost the connection.
   */
  publish(frame: PublishFrame): boolean {
    const size = frame.payload.length + (frame.headersBlock?.length ?? 0);
    const limit = this.#info.max_payload;
    if (limit !== undefined && size > limit) throw tooLarge(frame.subject, size, limit);
    this.#batch.frames.publish(frame);
    this.#batch.added();
    this.#messagesOut++;
    return !this.#stream.needsDrain;
  }

  /**
   * Publishes a prepared frame with `number` in its place, like {@link publish}; for requests whose replies are
   * identified by a counter.
   */
  publishNumbered(frame: NumberedFrame, number: number): boolean {
    this.#batch.frames.appendNumbered(frame, number);
    this.#batch.added();
    this.#messagesOut++;
    return !this.#stream.needsDrain;
  }

  /** Writes the frames that {@link publish} gathered without waiting for the end of the turn. */
  sendBatch(): void {
    this.#batch.send();
  }

  /**
   * Resolves when everything that was written has been handed to the kernel, at once if little waits.
   * @throws {NatsxError} what the connection ended with.
   */
  drained(): Promise<void> {
    if (this.#ended !== undefined) return Promise.reject(this.#endError());
    if (!this.#stream.needsDrain) return Promise.resolve();
    return new Promise((resolve, reject) => this.#drainWaiters.push({ resolve, reject }));
  }

  /** Subscribes; the frame goes out with the current batch. */
  subscribe(
    subject: string,
    options: SubscribeOptions,
    onMessage: MessageHandler,
  ): LaneSubscription {
    const sid = this.#subscriptions.length;
    const interest = { subject, queue: options.queue };
    const subscription = new LaneSubscription(this.#owner, sid, interest, onMessage);
    this.#subscriptions.push(subscription);
    this.#line(`SUB ${subject} ${options.queue === undefined ? '' : `${options.queue} `}${sid}`);
    return subscription;
  }

  /**
   * Resolves when the server has handled everything sent before. Several may be outstanding.
   * @returns the round trip in nanoseconds.
   * @throws {NatsxError} timeout; or what the connection ended with.
   */
  flush(timeoutMs: number): Promise<number> {
    if (this.#ended !== undefined) return Promise.reject(this.#endError());
    const answered = this.#pings.add(timeoutMs);
    this.#line('PING');
    this.#batch.send();
    return answered;
  }

  /** One round trip to the server, in nanoseconds. @throws as {@link flush}. */
  rttNs(timeoutMs: number): Promise<number> {
    return this.flush(timeoutMs);
  }

  /**
   * Stops reading, so that the server must hold what it has for us. Messages that are already in the read buffer still
   * arrive. A server gives up a reader that does not read for its `write_deadline` (10s by default), and a paused
   * lane sees its own end only when it is resumed: pause for less than that.
   */
  pause(): void {
    this.#paused = true;
    this.#stream.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#stream.resume();
  }

  /** Ends the subscriptions, sends what was published, then closes. Never rejects. */
  close(): Promise<void> {
    if (this.#ended !== undefined) return Promise.resolve();
    this.#closing = true;
    this.#subscriptions.fill(undefined);
    this.#batch.send();
    const closed = this.#hasEnded.next();
    this.#stream.end();
    return closed;
  }

  #sink(): FrameSink {
    const subscriptions = this.#subscriptions;
    return {
      message: (view: MessageView) => {
        const subscription = subscriptions[view.sid];
        if (subscription === undefined) return;
        this.#inHandler = true;
        if (subscription.deliver(view)) subscriptions[view.sid] = undefined;
        this.#inHandler = false;
      },
      info: (json) => this.#updateInfo(json),
      ping: () => {
        this.#line('PONG');
        this.#batch.send();
      },
      pong: () => this.#pings.pong(),
      error: (text) => this.#serverError(text),
    };
  }

  readonly #receive = (buffer: Buffer, length: number): void => {
    if (this.#ended !== undefined) return;
    try {
      this.#parser.push(buffer, length);
    } catch (error) {
      this.#abort(error instanceof NatsxError ? error : handlerFailed(error));
    }
  };

  #updateInfo(json: string): void {
    const info = parseServerInfo(json);
    if (info === undefined) return;
    this.#info = info;
    this.#options.info?.(info);
    if (info.ldm === true) this.#options.lameDuck?.();
  }

  #serverError(text: string): void {
    const { error, fatal } = serverError(text, this.server);
    if (fatal) this.#abort(error);
    else this.#options.asyncError?.(error);
  }

  readonly #owner: SubscriptionOwner = {
    unsubscribe: ({ sid, max, received }) => {
      if (this.#subscriptions[sid] === undefined) return;
      const done = received >= max;
      if (done) this.#subscriptions[sid] = undefined;
      this.#line(done ? `UNSUB ${sid}` : `UNSUB ${sid} ${max}`);
    },
    drain: ({ sid }) => this.#line(`UNSUB ${sid}`),
  };

  #line(text: string): void {
    if (this.#ended !== undefined) return;
    this.#batch.frames.line(text);
    this.#batch.added();
  }

  /** Ends a connection that went silent: a broken network path sends no end of stream. */
  #probe(): void {
    const { bytesIn } = this.#stream;
    const silent = bytesIn === this.#bytesInAtProbe;
    this.#bytesInAtProbe = bytesIn;
    if (this.#paused || !silent) return;
    if (this.#pings.length >= UNANSWERED_PROBES) {
      const message = `the server ${this.server} has stopped answering`;
      this.#abort(new NatsxError('connection', message, { details: { server: this.server } }));
      return;
    }
    const timeoutMs = 2 * UNANSWERED_PROBES * (this.#options.keepAliveMs ?? DEFAULT_KEEP_ALIVE_MS);
    this.flush(timeoutMs).catch(() => undefined);
  }

  #settleDrains(): void {
    const waiters = this.#drainWaiters;
    this.#drainWaiters = [];
    for (const waiter of waiters) waiter.resolve();
  }

  #abort(error: NatsxError): void {
    this.#stream.destroy(error);
    this.#end(error);
  }

  #end(error: NatsxError | undefined): void {
    if (this.#ended !== undefined) return;
    this.#ended = error ?? 'closed';
    clearInterval(this.#keepAlive);
    this.#batch.drop();
    this.#subscriptions.fill(undefined);
    const reason = this.#endError();
    this.#pings.fail(reason);
    for (const waiter of this.#drainWaiters.splice(0)) waiter.reject(reason);
    this.#hasEnded.notify();
    this.#options.closed?.(error);
  }

  #endError(): NatsxError {
    return this.#ended instanceof NatsxError
      ? this.#ended
      : new NatsxError('connection', `the connection to ${this.server} is closed`);
  }
}

function tooLarge(subject: string, sizeBytes: number, limitBytes: number): NatsxError {
  const message = `the message for ${JSON.stringify(subject)} has ${sizeBytes} bytes; the server allows ${limitBytes}`;
  return new NatsxError('rejected', message, {
    hint: 'send less in one message, or raise max_payload on the server',
    details: { subject, size_bytes: sizeBytes, max_payload_bytes: limitBytes },
  });
}

function handlerFailed(cause: unknown): NatsxError {
  return new NatsxError('internal', 'handling a received message failed', { cause });
}
