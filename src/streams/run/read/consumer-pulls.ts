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
  /** The most messages that one request asks for; fewer where the consumer allows no more. */
  readonly batch: number;
  readonly heartbeatMs: number;
  /** How many messages may be on their way at this moment, those that were asked for included. */
  readonly room: () => number;
  readonly message: (view: MessageView) => void;
  /** The server ended a request, does not answer, or has forgotten it; it is made again. */
  readonly disturbed: (reason: string) => void;
  /** The consumer is gone, or does not allow such requests: nothing more is asked for. */
  readonly failed: (error: NatsxError) => void;
}

/**
 * The most that one request may bring, unless a single message is larger: a server cuts off a client that has left
 * 64 MiB unread, and what was on its way is then delivered again only after the ack wait.
 */
const REQUEST_BYTES = 8 * 1024 * 1024;
const EXPIRES_MS = 30_000;
/** So many heartbeats may be missed. */
const MISSED = 2.5;

/**
 * Takes messages from a consumer that was there before and stays, with as many requests as there is room for: also after
 * lost connections, changes of leaders, and where a request was forgotten on the way.
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
    // A server wants at least two of them in the life of a request.
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
        else void this.#unheard();
      },
      silent: () => void this.#silent(),
    });
    this.#loop.ask();
  }

  /** Asks for more, if there is room for it. */
  ask(): void {
    this.#loop.ask();
  }

  /** The requests of a lost connection are lost with it. */
  reconnected(): void {
    this.#loop.reconnected();
  }

  /** Asks no more. What the server has sent by then is still delivered until the session was flushed. */
  drain(): void {
    this.#loop.drain();
  }

  /** Asks no more and delivers nothing more. */
  stop(): void {
    this.#loop.stop();
  }

  #refused(reason: string): void {
    if (/consumer deleted/i.test(reason)) void this.#removed();
    else if (/push based|bad request|exceeded maxrequest/i.test(reason))
      this.#options.failed(rejected(reason, this.#name));
    else this.#options.disturbed(inWords(reason, this.#name));
  }

  /** A consumer goes with its stream too, which no request for messages says. */
  async #removed(): Promise<void> {
    const { api, consumer, failed } = this.#options;
    const { stream_name: stream } = consumer;
    const streamIsGone = await findStream(api, stream)
      .then((found) => found === undefined)
      .catch(() => false);
    failed(streamIsGone ? removedStream(stream) : removed(this.#name));
  }

  /** Nobody answers while a leader is elected, and for ever when the consumer was removed unseen. */
  async #unheard(): Promise<void> {
    this.#options.disturbed('nobody answers pull requests');
    if (this.#looking) return;
    this.#looking = true;
    const { api, consumer } = this.#options;
    const looked = findConsumer(api, consumer.stream_name, consumer.name);
    const isGone = await looked.then((found) => found === undefined).catch(() => false);
    this.#looking = false;
    if (isGone) await this.#removed();
  }

  /** Servers pass over a request in silence when as many wait as the consumer allows. */
  async #silent(): Promise<void> {
    const { api, consumer, disturbed } = this.#options;
    disturbed('the server has fallen silent');
    if (this.#looking) return;
    this.#looking = true;
    const looked = findConsumer(api, consumer.stream_name, consumer.name);
    const info = await looked.catch(() => undefined);
    this.#looking = false;
    const most = info?.config.max_waiting ?? Infinity;
    if (info !== undefined && info.num_waiting >= most) disturbed(tooManyWait(this.#name));
  }

  get #name(): string {
    const { name, stream_name: stream } = this.#options.consumer;
    return `${name} of ${stream}`;
  }
}

/** A limit of the consumer for requests; without a bound where it has none. */
function limitOf(config: ConsumerConfig, name: 'max_batch' | 'max_bytes' | 'max_expires'): number {
  return Number(config[name] ?? 0) || Infinity;
}

/** What the server says in a few letters. */
function inWords(reason: string, name: string): string {
  return /exceeded maxwaiting/i.test(reason) ? tooManyWait(name) : reason;
}

function tooManyWait(name: string): string {
  return `as many pull requests wait at the consumer ${name} as it allows (max_waiting): other workers ask too`;
}

/** What asking again cannot change. */
function rejected(reason: string, name: string): NatsxError {
  return new NatsxError('rejected', `the consumer ${name} refuses to be asked: ${reason}`, {
    hint: 'natsx consumer info shows its limits; --batch asks for fewer messages at once',
  });
}

function removedStream(stream: string): NatsxError {
  return new NatsxError('not-found', `the stream ${stream} was removed meanwhile`, {
    hint: 'its consumers and messages went with it; natsx stream ls lists the streams that are there',
  });
}

function removed(name: string): NatsxError {
  return new NatsxError('not-found', `the consumer ${name} was removed meanwhile`, {
    hint: 'with --create it is made again',
  });
}
