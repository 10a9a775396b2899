import { setTimeout as sleep } from 'node:timers/promises';

import type { FaultLog } from '../../domain/verify/fault-log.js';
import type { Reader } from '../../domain/verify/reader.js';
import { createConsumer, deleteConsumer } from '../../nats/jetstream-consumers.js';
import type { JetStreamApi } from '../../nats/jetstream-api.js';
import { readConsumer } from '../../nats/jetstream-entities.js';
import type { MessageView } from '../../wire/message-view.js';
import type { Session } from '../../wire/session.js';
import { TurnClock } from '../turn-clock.js';
import { Pulls } from './pulls.js';
import { wallNowMs } from './wall-clock.js';

const INACTIVE_NS = 60e9;
const AGAIN_AFTER_MS = 500;

export interface StreamReaderOptions {
  readonly api: JetStreamApi;
  readonly session: Session;
  readonly stream: string;
  readonly subject: string;
  readonly runId: string;
  readonly inboxPrefix: string;
  readonly reader: Reader;
  readonly faults: FaultLog;
}

/**
 * Reads what a stream holds of a subject, from its start, in order and without a hole: after a lost connection, or when the
 * server's own count of deliveries jumps, it goes on behind the last message with a new consumer. Leaves nothing behind.
 */
export class StreamReader {
  readonly #options: StreamReaderOptions;
  readonly #clock = new TurnClock();
  #pulls: Pulls | undefined;
  #consumer: string | undefined;
  #attempts = 0;
  #sequence = 0;
  #deliveries = 0;
  #atEnd = false;
  #beginning: Promise<void> | undefined;
  #closed = false;

  constructor(options: StreamReaderOptions) {
    this.#options = options;
  }

  /** Whether the server has said that there is nothing more. */
  get atEnd(): boolean {
    return this.#atEnd;
  }

  /** @throws {NatsxError} not-found, rejected, auth, timeout */
  start(): Promise<void> {
    return this.#begin();
  }

  /** Begins again behind the last message; in the background, for as long as it takes. */
  restart(): void {
    this.#pulls?.stop();
    this.#beginning ??= this.#beginAgain().finally(() => (this.#beginning = undefined));
  }

  /** Messages that the server still has for us, by its own count; undefined when it does not answer. */
  async pending(): Promise<number | undefined> {
    const { api, stream } = this.#options;
    if (this.#consumer === undefined) return undefined;
    const info = await readConsumer(api, stream, this.#consumer).catch(() => undefined);
    return info?.num_pending;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#pulls?.stop();
    await this.#forget();
  }

  async #beginAgain(): Promise<void> {
    while (!this.#closed) {
      try {
        await this.#begin();
        return;
      } catch {
        await sleep(AGAIN_AFTER_MS);
      }
    }
  }

  async #begin(): Promise<void> {
    const { api, session, stream, subject, runId, inboxPrefix } = this.#options;
    await this.#forget();
    const name = `natsx-verify-${runId}-r${++this.#attempts}`;
    const made = await createConsumer(api, stream, {
      name,
      description: 'made by natsx verify; safe to delete',
      deliver_policy: 'by_start_sequence',
      opt_start_seq: this.#sequence + 1,
      ack_policy: 'none',
      filter_subject: subject,
      inactive_threshold: INACTIVE_NS,
      mem_storage: true,
      num_replicas: 1,
    });
    this.#consumer = name;
    this.#deliveries = 0;
    this.#atEnd = made.num_pending === 0;
    this.#pulls = new Pulls(session, {
      inboxPrefix,
      apiPrefix: api.apiPrefix,
      stream,
      consumer: name,
      onMessage: this.#take,
      onStatus: (code, text) => this.#ended(code, text),
    });
  }

  async #forget(): Promise<void> {
    const { api, stream } = this.#options;
    const name = this.#consumer;
    this.#consumer = undefined;
    if (name !== undefined) await deleteConsumer(api, stream, name).catch(() => undefined);
  }

  readonly #take = (view: MessageView): void => {
    const place = placeOf(view.reply ?? '');
    if (place.delivery !== this.#deliveries + 1) {
      this.restart();
      return;
    }
    this.#deliveries = place.delivery;
    this.#sequence = place.sequence;
    this.#options.reader.take(view, performance.timeOrigin + this.#clock.nowMs());
    this.#atEnd = place.pending === 0;
  };

  #ended(code: number, text: string): void {
    const { faults, stream } = this.#options;
    const reason = code === 503 ? 'nobody answers pull requests' : text;
    faults.note('pull-ended', stream, reason, wallNowMs());
    this.restart();
  }
}

/** From the reply subject: `$JS.ACK[.domain.account].stream.consumer.times.sequence.delivery.time.pending[.token]`. */
function placeOf(reply: string): {
  readonly sequence: number;
  readonly delivery: number;
  readonly pending: number;
} {
  const tokens = reply.split('.');
  const skip = tokens.length > 9 ? 2 : 0;
  const at = (index: number): number => Number(tokens[index + skip]);
  return { sequence: at(5), delivery: at(6), pending: at(8) };
}
