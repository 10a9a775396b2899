import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { NatsxError } from '../../../core/errors.js';
import type { ConsumerInfo } from '../../model/consumer-info.js';
import { Delivery } from '../../model/delivery.js';
import { createConsumer } from '../api/jetstream-consumers.js';
import type { MessageView } from '../../../wire/message-view.js';
import { unlessAborted } from '../../../connection/abortable.js';
import { PullLoop, type PullLimits } from './pull-loop.js';
import { StreamReader, type ReaderParts } from './stream-reader.js';

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

interface CreatedConsumer {
  readonly name: string;
  /** Messages that are there for it. */
  readonly pending: number;
}

const HEARTBEAT_MS = 1_000;
/** So long without a heartbeat means that the requests are lost. */
const SILENCE_MS = 5_000;
/** How long a request stands. */
const EXPIRES_MS = 30_000;
const RETRY_MS = 250;
/** After this long without a request the server forgets the consumer by itself. */
const INACTIVE_MS = 30_000;
const CLEAN_UP_MS = 1_000;
/** How long it may take to make one, before another is asked for. */
const ATTEMPT_MS = 1_000;
const MOST_ATTEMPTS = 5;
/** How long it may take until a server that comes back has its streams. */
const RECOVERY_MS = 10_000;
/** How long JetStream may be without an answer while there is a connection. */
const PATIENCE_MS = 120_000;

/**
 * Reads a stream in order through a consumer that lives only as long as it is needed. Each message's number is checked;
 * whatever breaks the row (a lost connection, another leader, a server that was restarted) makes a new consumer that
 * goes on behind the last message.
 */
export class OrderedConsumer extends StreamReader<OrderedConsumerPlan> {
  readonly #delivery: Delivery;
  #name = '';
  #pulls: PullLoop | undefined;
  #lastSeq = 0;
  #consumerSeq = 0;
  #creating = false;

  constructor(parts: ReaderParts<OrderedConsumerPlan>) {
    super(parts);
    this.#delivery = new Delivery(parts.plan.stream);
  }

  async start(): Promise<void> {
    this.#creating = true;
    await this.#begin();
    this.#creating = false;
    this.#pulls?.ask();
  }

  reconnected(): void {
    void this.#heal('the connection was lost');
  }

  override resume(): void {
    super.resume();
    this.#pulls?.ask();
  }

  async pending(): Promise<number | undefined> {
    const what = `looking up the consumer of "${this.plan.stream}"`;
    const action = `CONSUMER.INFO.${this.plan.stream}.${this.#name}`;
    const info = await this.api.request<ConsumerInfo>(action, what);
    const isLevel = info.delivered.consumer_seq === this.#consumerSeq;
    return isLevel ? info.num_pending : undefined;
  }

  /** Stops reading, and removes the consumer. Never rejects. */
  override async close(): Promise<void> {
    this.halt();
    if (this.#name === '' || !this.session.connected) return;
    const removal = this.#remove(this.#name);
    await unlessAborted(removal, AbortSignal.timeout(CLEAN_UP_MS));
  }

  override halt(): void {
    super.halt();
    this.#pulls?.stop();
  }

  async #begin(): Promise<void> {
    const last = this.#lastSeq;
    const start = last === 0 ? this.plan.start : await this.plan.resumeAt(last);
    const { name, pending } = await this.#create(start);
    this.#name = name;
    if (this.stopped.aborted) return;
    const resumed = this.#pulls !== undefined;
    this.#consumerSeq = 0;
    this.#pulls = this.#pull(name);
    this.handlers.created(pending, resumed);
  }

  /**
   * A cluster may put it on a server that has just died, and then nobody answers. Another one is asked for beside it,
   * which may land elsewhere; the first that stands is taken. Whether and when it fails is up to the first.
   */
  async #create(start: ConsumerStart): Promise<CreatedConsumer> {
    const names: string[] = [];
    const createOne = (): Promise<CreatedConsumer> => {
      const name = `natsx_${randomBytes(9).toString('base64url')}`;
      names.push(name);
      return this.#createAs(name, start);
    };
    const first = createOne();
    let timer: NodeJS.Timeout | undefined;
    const further = new Promise<CreatedConsumer>((resolve) => {
      timer = setInterval(() => {
        const may = this.session.connected && !this.stopped.aborted;
        if (may && names.length < MOST_ATTEMPTS) createOne().then(resolve, () => undefined);
      }, ATTEMPT_MS);
    });
    try {
      const created = await Promise.race([first, further]);
      first.catch(() => undefined);
      // What still comes of the others is gone after INACTIVE_MS at the latest.
      for (const name of names) if (name !== created.name) void this.#remove(name);
      return created;
    } finally {
      clearInterval(timer);
    }
  }

  async #createAs(name: string, start: ConsumerStart): Promise<CreatedConsumer> {
    const { stream, filters } = this.plan;
    const { num_pending: pending } = await createConsumer(this.api, stream, {
      name,
      ...start,
      ...filterConfig(filters),
      ack_policy: 'none',
      max_deliver: 1,
      mem_storage: true,
      num_replicas: 1,
      inactive_threshold: INACTIVE_MS * 1_000_000,
    });
    return { name, pending };
  }

  /** Asks for nothing before everything stands. */
  #pull(name: string): PullLoop {
    const { stream, inboxPrefix, limits } = this.plan;
    return new PullLoop(this.session, {
      subject: `${this.api.apiPrefix}.CONSUMER.MSG.NEXT.${stream}.${name}`,
      inbox: `${inboxPrefix}.${name}`,
      batch: limits.messages,
      maxBytes: limits.bytes,
      expiresMs: EXPIRES_MS,
      heartbeatMs: HEARTBEAT_MS,
      silenceMs: SILENCE_MS,
      room: () => (this.held || this.#creating ? 0 : limits.messages),
      message: (view) => this.#arrived(view),
      idle: (lastConsumerSeq) => {
        if ((lastConsumerSeq ?? 0) > this.#consumerSeq) void this.#heal('messages went missing');
        else this.handlers.idle();
      },
      refused: (status) => {
        const reason = status.type === 'refused' ? status.reason : 'nobody answers for it';
        void this.#heal(`the consumer was lost: ${reason}`);
      },
      silent: () => void this.#heal('the server has fallen silent'),
    });
  }

  #arrived(view: MessageView): void {
    const delivery = this.#delivery;
    if (!delivery.read(view.buffer, view.replyStart, view.replyEnd)) return;
    if (delivery.consumerSeq !== this.#consumerSeq + 1) {
      void this.#heal(`delivery ${this.#consumerSeq + 1} went missing`);
      return;
    }
    this.#consumerSeq = delivery.consumerSeq;
    // A stream of last messages per subject is made again from its beginning.
    if (delivery.seq <= this.#lastSeq) return;
    this.#lastSeq = delivery.seq;
    if (!this.handlers.message(view, delivery)) this.held = true;
  }

  /** Makes the consumer again until that succeeds, or it is clear that it never will. */
  async #heal(reason: string): Promise<void> {
    const signal = this.stopped;
    if (this.#creating || signal.aborted) return;
    this.#creating = true;
    this.#pulls?.stop();
    this.heals += 1;
    this.handlers.healing(reason);
    const old = this.#name;
    try {
      await this.#recreate(signal);
    } catch (error) {
      this.fail(error);
      return;
    }
    this.#creating = false;
    this.#pulls?.ask();
    void this.#remove(old);
  }

  async #recreate(signal: AbortSignal): Promise<void> {
    let sinceMs: number | undefined;
    for (;;) {
      await this.session.whenConnected(signal);
      sinceMs ??= performance.now();
      try {
        await this.#begin();
        return;
      } catch (error) {
        const connected = this.session.connected;
        if (connected && performance.now() - sinceMs > patienceMs(error)) throw error;
        if (!connected) sinceMs = undefined;
      }
      await sleep(RETRY_MS, undefined, { signal });
    }
  }

  async #remove(name: string): Promise<void> {
    const { stream } = this.plan;
    const what = `removing the consumer "${name}" of "${stream}"`;
    // It may be gone already, which is what was wanted.
    await this.api.request(`CONSUMER.DELETE.${stream}.${name}`, what).catch(() => undefined);
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
