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

/** The settings of a consumer that decide where it starts. */
export type ConsumerStart = Readonly<Record<string, string | number>>;

export interface OrderedConsumerPlan {
  readonly stream: string;
  /** The wanted subjects; all when empty. More than one needs server 2.10. */
  readonly filters: readonly string[];
  /** Where to start, before anything was delivered. */
  readonly start: ConsumerStart;
  /** Where to continue after the message `lastSeq`. @throws {NatsxError} when that is impossible */
  readonly resumeAt: (lastSeq: number) => Promise<ConsumerStart>;
  readonly inboxPrefix: string;
  readonly limits: PullLimits;
}

interface CreatedConsumer {
  readonly name: string;
  /** Number of messages to deliver. */
  readonly pending: number;
}

const HEARTBEAT_MS = 1_000;
/** After this long without a heartbeat, pull requests count as lost. */
const SILENCE_MS = 5_000;
/** Lifetime of a pull request. */
const EXPIRES_MS = 30_000;
const RETRY_MS = 250;
/** After this long without a pull request, the server removes the consumer. */
const INACTIVE_MS = 30_000;
const CLEAN_UP_MS = 1_000;
/** How long creating a consumer may take before another attempt is started. */
const ATTEMPT_MS = 1_000;
const MOST_ATTEMPTS = 5;
/** How long a restarted server may take to load its streams. */
const RECOVERY_MS = 10_000;
/** How long JetStream may not answer although there is a connection. */
const PATIENCE_MS = 120_000;

/**
 * Reads a stream in order through a temporary consumer. The number of each delivery is checked: if one is missing (after
 * a lost connection, a leader change, a restarted server), a new consumer continues after the last message.
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
   * A cluster may place the consumer on a server that has just died, and then does not answer. A second attempt in
   * parallel may be placed elsewhere; the first consumer that was created is used. Only the first attempt can fail.
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
      // If others are still created, the server removes them after INACTIVE_MS.
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

  /** Requests nothing before the consumer is created. */
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
        const reason = status.type === 'refused' ? status.reason : 'no responders';
        void this.#heal(`the consumer was lost: ${reason}`);
      },
      silent: () => void this.#heal('the server has stopped responding'),
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
    // A consumer with last_per_subject was recreated from its start.
    if (delivery.seq <= this.#lastSeq) return;
    this.#lastSeq = delivery.seq;
    if (!this.handlers.message(view, delivery)) this.held = true;
  }

  /** Recreates the consumer until that succeeds, or can no longer succeed. */
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
    // It may already be gone.
    await this.api.request(`CONSUMER.DELETE.${stream}.${name}`, what).catch(() => undefined);
  }
}

/** All servers support one filter; a list needs server 2.10. */
function filterConfig(filters: readonly string[]): Record<string, string | readonly string[]> {
  const [only, ...more] = filters;
  if (only === undefined) return {};
  return more.length === 0 ? { filter_subject: only } : { filter_subjects: filters };
}

/** How long an error may last before reading fails. */
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
