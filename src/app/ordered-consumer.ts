import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { NatsxError } from '../domain/errors.js';
import { decodeHeadersBlock } from '../domain/headers-block.js';
import type { ConsumerInfo } from '../domain/jetstream/consumer-info.js';
import { Delivery } from '../domain/stream/delivery.js';
import { pullStatus } from '../domain/stream/pull-status.js';
import { createConsumer } from '../nats/jetstream-consumers.js';
import type { MessageView } from '../wire/message-view.js';
import type { Session } from '../wire/session.js';
import type { SessionSubscription } from '../wire/session-subscription.js';
import { unlessAborted } from './abortable.js';
import { PullWindow, type PullLimits } from './pull-window.js';
import type { SessionJetStream } from './session-jetstream.js';
import type { StreamReader, StreamReaderHandlers } from './stream-reader.js';

/** A consumer's settings that say which messages it delivers. */
export type ConsumerStart = Readonly<Record<string, string | number>>;

export interface OrderedConsumerPlan {
  readonly stream: string;
  /** The subjects wanted; all when empty. More than one need a server of 2.10. */
  readonly filters: readonly string[];
  /** Where to begin, before anything was delivered. */
  readonly start: ConsumerStart;
  /** Where to go on when messages up to `lastSeq` were delivered. @throws {NatsxError} when that makes no sense any more */
  readonly resumeAt: (lastSeq: number) => Promise<ConsumerStart>;
  readonly inboxPrefix: string;
  readonly limits: PullLimits;
}

const HEARTBEAT_MS = 1_000;
/** So many heartbeats that did not come mean that the requests are lost. */
const SILENT_TICKS = 5;
const RETRY_MS = 250;
/** After this long without a request the server forgets the consumer by itself. */
const INACTIVE_MS = 30_000;
const CLEAN_UP_MS = 1_000;
/** How long it may take until a server that comes back has its streams. */
const RECOVERY_MS = 10_000;
/** How long JetStream may be without an answer while there is a connection. */
const PATIENCE_MS = 120_000;

/**
 * Reads a stream in order through a consumer that lives only as long as it is needed. Each message's number is checked;
 * whatever breaks the row (a lost connection, another leader, a server that was restarted) makes a new consumer that
 * goes on behind the last message.
 */
export class OrderedConsumer implements StreamReader {
  /** Rejects when reading cannot go on; never resolves. */
  readonly failed: Promise<never>;
  /** How often it had to be made again. */
  heals = 0;
  readonly #session: Session;
  readonly #api: SessionJetStream;
  readonly #plan: OrderedConsumerPlan;
  readonly #delivery: Delivery;
  readonly #handlers: StreamReaderHandlers;
  readonly #stop = new AbortController();
  #fail: (error: unknown) => void = () => undefined;
  #name = '';
  #subscription: SessionSubscription | undefined;
  #window: PullWindow | undefined;
  #watchdog: NodeJS.Timeout | undefined;
  #lastSeq = 0;
  #consumerSeq = 0;
  #activity = 0;
  #activityBefore = 0;
  #silentTicks = 0;
  #making = false;
  #held = false;

  constructor(
    session: Session,
    api: SessionJetStream,
    plan: OrderedConsumerPlan,
    handlers: StreamReaderHandlers,
  ) {
    this.#session = session;
    this.#api = api;
    this.#plan = plan;
    this.#handlers = handlers;
    this.#delivery = new Delivery(plan.stream);
    this.failed = new Promise((_, reject) => (this.#fail = reject));
    this.failed.catch(() => undefined);
  }

  /** Makes the consumer and begins to read. @throws {NatsxError} as JetStream's API */
  async start(): Promise<void> {
    this.#watchdog = setInterval(() => this.#watch(), HEARTBEAT_MS);
    this.#making = true;
    await this.#make();
    this.#making = false;
    this.#pull();
  }

  /** The connection came back: what was asked for on the old one is lost. */
  reconnected(): void {
    void this.#heal('the connection was lost');
  }

  /** After `message` has returned false: there is room again. */
  resume(): void {
    this.#held = false;
    this.#silentTicks = 0;
    this.#pull();
  }

  /** How many messages are left, asked anew. @throws {NatsxError} as JetStream's API */
  async pending(): Promise<number | undefined> {
    const what = `looking up the consumer of "${this.#plan.stream}"`;
    const action = `CONSUMER.INFO.${this.#plan.stream}.${this.#name}`;
    const info = await this.#api.request<ConsumerInfo>(action, what);
    const isLevel = info.delivered.consumer_seq === this.#consumerSeq;
    return isLevel ? info.num_pending : undefined;
  }

  /** Reads no more, and removes the consumer. Never rejects. */
  async close(): Promise<void> {
    this.halt();
    if (this.#name === '' || !this.#session.connected) return;
    const removal = this.#remove(this.#name);
    await unlessAborted(removal, AbortSignal.timeout(CLEAN_UP_MS));
  }

  /** Reads no more, at once. */
  halt(): void {
    this.#stop.abort();
    clearInterval(this.#watchdog);
    this.#subscription?.unsubscribe();
  }

  async #make(): Promise<void> {
    const { stream, filters, inboxPrefix, limits } = this.#plan;
    const name = `natsx_${randomBytes(9).toString('base64url')}`;
    const inbox = `${inboxPrefix}.${name}`;
    const last = this.#lastSeq;
    const start = last === 0 ? this.#plan.start : await this.#plan.resumeAt(last);
    this.#consumerSeq = 0;
    const window = new PullWindow(
      `${this.#api.apiPrefix}.CONSUMER.MSG.NEXT.${stream}.${name}`,
      inbox,
      limits,
      HEARTBEAT_MS,
    );
    const { num_pending: pending } = await createConsumer(this.#api, stream, {
      name,
      ...start,
      ...filterConfig(filters),
      ack_policy: 'none',
      max_deliver: 1,
      mem_storage: true,
      num_replicas: 1,
      inactive_threshold: INACTIVE_MS * 1_000_000,
    });
    this.#name = name;
    if (this.#stop.signal.aborted) return;
    const resumed = this.#subscription !== undefined;
    this.#subscription?.unsubscribe();
    this.#subscription = this.#session.subscribe(inbox, {}, (view) => {
      if (this.#window === window) this.#arrived(view, window);
    });
    this.#window = window;
    this.#silentTicks = 0;
    this.#handlers.created(pending, resumed);
  }

  #arrived(view: MessageView, window: PullWindow): void {
    this.#activity += 1;
    const delivery = this.#delivery;
    if (view.replyStart === view.replyEnd) {
      this.#status(view, window);
      return;
    }
    if (!delivery.read(view.buffer, view.replyStart, view.replyEnd)) return;
    window.arrived();
    if (delivery.consumerSeq !== this.#consumerSeq + 1) {
      void this.#heal(`delivery ${this.#consumerSeq + 1} went missing`);
      return;
    }
    this.#consumerSeq = delivery.consumerSeq;
    // A stream of last messages per subject is made again from its beginning.
    if (delivery.seq > this.#lastSeq) {
      this.#lastSeq = delivery.seq;
      if (!this.#handlers.message(view, delivery)) this.#held = true;
    }
    this.#pull();
  }

  #status(view: MessageView, window: PullWindow): void {
    const { status } = view;
    if (status === undefined) return;
    const { headers } = decodeHeadersBlock(view.headersBlock);
    const meaning = pullStatus({ ...status, value: (name) => headers.get(name)?.[0] });
    switch (meaning.type) {
      case 'heartbeat':
        if ((meaning.lastConsumerSeq ?? 0) > this.#consumerSeq) {
          void this.#heal('messages went missing');
        } else {
          this.#handlers.idle();
        }
        return;
      case 'too-large':
        window.ended(meaning.undelivered);
        if (window.outstanding === 0) this.#session.write(window.single());
        return;
      case 'ended':
        window.ended(meaning.undelivered);
        this.#pull();
        return;
      case 'gone':
        void this.#heal(`the consumer was lost: ${meaning.reason}`);
        return;
    }
  }

  #pull(): void {
    if (this.#held || this.#making || this.#stop.signal.aborted || !this.#session.connected) return;
    const request = this.#window?.next();
    if (request !== undefined) this.#session.write(request, 1);
  }

  #watch(): void {
    const silent = this.#activity === this.#activityBefore;
    this.#activityBefore = this.#activity;
    const idle = this.#held || this.#making || !this.#session.connected;
    this.#silentTicks = silent && !idle ? this.#silentTicks + 1 : 0;
    if (this.#silentTicks >= SILENT_TICKS) void this.#heal('the server has fallen silent');
  }

  /** Makes the consumer again until that succeeds, or it is clear that it never will. */
  async #heal(reason: string): Promise<void> {
    const { signal } = this.#stop;
    if (this.#making || signal.aborted) return;
    this.#making = true;
    this.#window = undefined;
    this.heals += 1;
    this.#handlers.healing(reason);
    const old = this.#name;
    try {
      await this.#makeAgain(signal);
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#fail(error);
      return;
    }
    this.#making = false;
    this.#pull();
    void this.#remove(old);
  }

  async #makeAgain(signal: AbortSignal): Promise<void> {
    let sinceMs: number | undefined;
    for (;;) {
      await this.#session.whenConnected(signal);
      sinceMs ??= performance.now();
      try {
        await this.#make();
        return;
      } catch (error) {
        const connected = this.#session.connected;
        if (connected && performance.now() - sinceMs > patienceMs(error)) throw error;
        if (!connected) sinceMs = undefined;
      }
      await sleep(RETRY_MS, undefined, { signal });
    }
  }

  async #remove(name: string): Promise<void> {
    const { stream } = this.#plan;
    const what = `removing the consumer "${name}" of "${stream}"`;
    // It may be gone already, which is what was wanted.
    await this.#api.request(`CONSUMER.DELETE.${stream}.${name}`, what).catch(() => undefined);
  }
}

/** One filter may be told to any server; a list only to those that know it. */
function filterConfig(filters: readonly string[]): Record<string, string | readonly string[]> {
  const [only, ...more] = filters;
  if (only === undefined) return {};
  return more.length === 0 ? { filter_subject: only } : { filter_subjects: filters };
}

/** How long an error may go on before it is believed. */
function patienceMs(error: unknown): number {
  if (!(error instanceof NatsxError)) return 0;
  switch (error.kind) {
    case 'connection':
    case 'timeout':
      return PATIENCE_MS;
    case 'not-found':
    case 'rejected':
      return RECOVERY_MS;
    default:
      return 0;
  }
}
