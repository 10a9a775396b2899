import { randomBytes } from 'node:crypto';

import { NatsxError } from '../../../core/errors.js';
import type { ConsumerConfig, ConsumerInfo } from '../../model/consumer-info.js';
import type { JetStreamApi } from '../api/jetstream-api.js';
import { findConsumer, findStream } from '../api/jetstream-entities.js';
import type { MessageView } from '../../../wire/message-view.js';
import type { Session } from '../../../wire/session.js';
import { PullLoop } from './pull-loop.js';

export interface ConsumerPullOptions {
  readonly api: JetStreamApi;
  readonly inboxPrefix: string;
  readonly consumer: Pick<ConsumerInfo, 'stream_name' | 'name' | 'config'>;
  /** Most messages per pull request; fewer if the consumer limits it. */
  readonly batch: number;
  readonly heartbeatMs: number;
  /** How many messages may be outstanding at this moment, requested ones included. */
  readonly room: () => number;
  readonly message: (view: MessageView) => void;
  /** The server ended or lost a pull request, or does not answer; it is sent again. */
  readonly disturbed: (reason: string) => void;
  /** The consumer was removed, or rejects such requests: no more are sent. */
  readonly failed: (error: NatsxError) => void;
}

/**
 * Most bytes per pull request, unless a single message is larger: a server disconnects a client that has left 64 MiB
 * unread, and what was in transit is then redelivered only after the ack wait.
 */
const REQUEST_BYTES = 8 * 1024 * 1024;
const EXPIRES_MS = 30_000;
/** Heartbeats that may be missed. */
const MISSED = 2.5;

/**
 * Pulls messages from a durable consumer, with as many requests as there is room for, across lost connections, leader
 * changes and lost requests.
 */
export class ConsumerPulls {
  readonly #options: ConsumerPullOptions;
  readonly #loop: PullLoop;
  #looking = false;

  constructor(session: Session, options: ConsumerPullOptions) {
    const { api, inboxPrefix, consumer, batch, room, message } = options;
    const { stream_name: stream, name, config } = consumer;
    this.#options = options;
    const expiresMs = Math.max(1, Math.min(EXPIRES_MS, limitOf(config, 'max_expires') / 1e6));
    // A server requires at least two heartbeats before a request expires.
    const heartbeatMs = Math.min(options.heartbeatMs, expiresMs / 2);
    this.#loop = new PullLoop(session, {
      subject: `${api.apiPrefix}.CONSUMER.MSG.NEXT.${stream}.${name}`,
      inbox: `${inboxPrefix}.${randomBytes(9).toString('base64url')}`,
      batch: Math.min(batch, limitOf(config, 'max_batch')),
      maxBytes: Math.min(REQUEST_BYTES, limitOf(config, 'max_bytes')),
      expiresMs,
      heartbeatMs,
      silenceMs: MISSED * heartbeatMs,
      room,
      message,
      refused: (status) => {
        if (status.type === 'refused') this.#refused(status.reason);
        else void this.#noResponders();
      },
      silent: () => void this.#silent(),
    });
    this.#loop.ask();
  }

  /** Requests more messages, if there is room. */
  ask(): void {
    this.#loop.ask();
  }

  /** Pull requests are lost with their connection. */
  reconnected(): void {
    this.#loop.reconnected();
  }

  /** Requests no more. Messages that the server has already sent are still delivered, until the session is flushed. */
  drain(): void {
    this.#loop.drain();
  }

  /** Requests and delivers nothing more. */
  stop(): void {
    this.#loop.stop();
  }

  #refused(reason: string): void {
    if (/consumer deleted/i.test(reason)) void this.#removed();
    else if (/push based|bad request|exceeded maxrequest/i.test(reason))
      this.#options.failed(rejected(reason, this.#name));
    else this.#options.disturbed(inWords(reason, this.#name));
  }

  /** A consumer is also removed with its stream, which the status does not say. */
  async #removed(): Promise<void> {
    const { consumer, failed } = this.#options;
    failed(
      (await this.#streamIsGone()) ? removedStream(consumer.stream_name) : removed(this.#name),
    );
  }

  /** There are no responders while a leader is elected, and after the consumer was removed unnoticed. */
  async #noResponders(): Promise<void> {
    this.#options.disturbed('pull requests have no responders');
    await this.#look();
  }

  /** Servers ignore a pull request without a reply when the consumer's max_waiting is reached. */
  async #silent(): Promise<void> {
    const { disturbed } = this.#options;
    disturbed('the server has stopped responding');
    const info = await this.#look();
    const most = info?.config.max_waiting ?? Infinity;
    if (info !== undefined && info.num_waiting >= most) disturbed(tooManyWait(this.#name));
  }

  /** Reads the consumer, one request at a time, and ends if it was removed; undefined if it could not be read. */
  async #look(): Promise<ConsumerInfo | undefined> {
    if (this.#looking) return undefined;
    this.#looking = true;
    const { api, consumer, failed } = this.#options;
    const { stream_name: stream, name } = consumer;
    try {
      const info = await findConsumer(api, stream, name);
      if (info === undefined) await this.#removed();
      return info;
    } catch {
      // That is also the answer for a consumer whose stream is gone.
      if (await this.#streamIsGone()) failed(removedStream(stream));
      return undefined;
    } finally {
      this.#looking = false;
    }
  }

  #streamIsGone(): Promise<boolean> {
    const { api, consumer } = this.#options;
    return findStream(api, consumer.stream_name)
      .then((found) => found === undefined)
      .catch(() => false);
  }

  get #name(): string {
    const { name, stream_name: stream } = this.#options.consumer;
    return `${name} of ${stream}`;
  }
}

/** A limit of the consumer for pull requests; Infinity if it has none. */
function limitOf(config: ConsumerConfig, name: 'max_batch' | 'max_bytes' | 'max_expires'): number {
  return Number(config[name] ?? 0) || Infinity;
}

/** The server's short status text in words. */
function inWords(reason: string, name: string): string {
  return /exceeded maxwaiting/i.test(reason) ? tooManyWait(name) : reason;
}

function tooManyWait(name: string): string {
  return `the consumer ${name} has as many waiting pull requests as it allows (max_waiting): other workers are pulling too`;
}

/** Asking again cannot change this. */
function rejected(reason: string, name: string): NatsxError {
  return new NatsxError('rejected', `the consumer ${name} rejects pull requests: ${reason}`, {
    hint: 'natsx consumer info shows its limits; --batch requests fewer messages at once',
  });
}

function removedStream(stream: string): NatsxError {
  return new NatsxError('not-found', `the stream ${stream} was removed in the meantime`, {
    hint: 'its consumers and messages were removed with it; natsx stream ls lists existing streams',
  });
}

function removed(name: string): NatsxError {
  return new NatsxError('not-found', `the consumer ${name} was removed in the meantime`, {
    hint: '--create creates it again',
  });
}
