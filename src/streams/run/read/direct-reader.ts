import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { NatsxError } from '../../../core/errors.js';
import { API_CODE, apiCodeOf } from '../../model/api-failure.js';
import { isAtLeast } from '../../../core/server-needs.js';
import { KeptMessage } from '../../../core/message/message-in-place.js';
import { storedDelivery } from '../../model/direct-message.js';
import { countable } from '../../model/sequence.js';
import { parsePlaceTime } from '../../../core/message/stream-place.js';
import { readStream } from '../api/jetstream-entities.js';
import { readMessage } from '../api/jetstream-streams.js';
import type { MessageView } from '../../../wire/message-view.js';
import { Notifier } from '../../../connection/notifier.js';
import { StreamReader, type ReaderParts, type StreamDelivery } from './stream-reader.js';
import { shellWord } from '../../../core/printable.js';

export interface DirectReaderPlan {
  readonly stream: string;
  readonly filters: readonly string[];
  /** The first wanted sequence. */
  readonly fromSeq: number;
  /** Whether the stream supports direct gets. */
  readonly allowDirect: boolean;
  readonly inboxPrefix: string;
}

/** Several messages per request; older servers return one. */
const HAS_BATCHES = '2.11';
const BATCH_MESSAGES = 1_000;
const BATCH_BYTES = 8 * 1024 * 1024;
const POLL_MS = 500;
const SILENCE_MS = 5_000;
/** Status of a direct get without a match. */
const NO_MESSAGE = 404;

/**
 * Reads a stream without a consumer, and changes nothing: the way to look at a work queue, where a consumer would take
 * messages from its workers.
 */
export class DirectReader extends StreamReader<DirectReaderPlan> {
  readonly #room = new Notifier();
  #nextSeq: number;
  /** A direct get cannot return the headers of the next message exactly, because they do not end properly. */
  #nextIsOdd = false;
  /** The server has reported that no wanted message follows. */
  #caughtUp = false;

  constructor(parts: ReaderParts<DirectReaderPlan>) {
    super(parts);
    this.#nextSeq = parts.plan.fromSeq;
  }

  async start(): Promise<void> {
    const { messages, last_seq: last } = (await readStream(this.api, this.plan.stream)).state;
    this.handlers.created(this.#nextSeq > last ? 0 : messages, false);
    this.#run().catch((error: unknown) => this.fail(error));
  }

  /** Nothing is kept on the server, so nothing has to be created again. */
  reconnected(): void {
    this.heals += 1;
    this.handlers.healing('the connection was lost');
  }

  override resume(): void {
    super.resume();
    this.#room.notify();
  }

  async pending(): Promise<number | undefined> {
    if (this.#caughtUp) return 0;
    const { state } = await readStream(this.api, this.plan.stream);
    return state.last_seq < this.#nextSeq ? 0 : undefined;
  }

  async #run(): Promise<void> {
    const signal = this.stopped;
    const inBatches = this.plan.allowDirect && isAtLeast(this.api.serverVersion, HAS_BATCHES);
    while (!signal.aborted) {
      await this.session.whenConnected(signal);
      const found = inBatches && !this.#nextIsOdd ? await this.#batch() : await this.#one();
      if (!found) {
        this.handlers.idle();
        await sleep(POLL_MS, undefined, { signal });
      }
      await this.#untilWanted();
    }
  }

  async #untilWanted(): Promise<void> {
    while (this.held && !this.stopped.aborted) {
      await this.#room.next(this.stopped);
    }
  }

  /** The filter for the server, which takes only one: of several, the caller drops what does not match. */
  get #nextBySubject(): string {
    const [only, ...more] = this.plan.filters;
    return only === undefined || more.length > 0 ? '>' : only;
  }

  async #one(): Promise<boolean> {
    this.#nextIsOdd = false;
    const choice = { by: 'next', subject: this.#nextBySubject, seq: this.#nextSeq } as const;
    try {
      const { message, seq, time } = await readMessage(this.api, this.plan.stream, choice);
      if (message.subject.includes('\ufffd'))
        throw unreadableSubject(this.plan.stream, countable(seq));
      const at = parsePlaceTime(time) ?? { timeMs: 0, restNs: 0 };
      // For single messages, servers do not report how many are left.
      const { stream } = this.plan;
      this.#hand(new KeptMessage(message), {
        stream,
        seq: countable(seq),
        ...at,
        pending: Infinity,
      });
      return true;
    } catch (error) {
      if (error instanceof NatsxError && error.kind === 'connection') return false;
      if (!isNoMessage(error)) throw error;
      this.#caughtUp = true;
      return false;
    }
  }

  /** One request, many answers. @returns whether there were any */
  #batch(): Promise<boolean> {
    const { stream, inboxPrefix } = this.plan;
    const inbox = `${inboxPrefix}.${randomBytes(12).toString('base64url')}`;
    const query = {
      seq: this.#nextSeq,
      next_by_subj: this.#nextBySubject,
      batch: BATCH_MESSAGES,
      max_bytes: BATCH_BYTES,
    };
    return new Promise((resolve) => {
      let found = false;
      const end = (): void => {
        clearTimeout(timer);
        subscription.unsubscribe();
        resolve(found);
      };
      const subscription = this.session.subscribe(inbox, {}, (view) => {
        timer.refresh();
        if (!this.#answer(view)) end();
        else found = true;
      });
      // Answers that were lost with a connection are requested again.
      const timer = setTimeout(end, SILENCE_MS);
      const subject = `${this.api.apiPrefix}.DIRECT.GET.${stream}`;
      const payload = Buffer.from(JSON.stringify(query));
      if (this.session.connected) this.session.publish({ subject, reply: inbox, payload });
    });
  }

  /** @returns false for the end of a batch */
  #answer(view: MessageView): boolean {
    const stored = storedDelivery(view.toMessage(Date.now()), this.plan.stream);
    if (stored === undefined) {
      this.#caughtUp ||= view.status?.code === NO_MESSAGE;
      this.#nextIsOdd = view.status === undefined;
      return false;
    }
    this.#hand(new KeptMessage(stored.message), stored.delivery);
    return true;
  }

  #hand(message: KeptMessage, delivery: StreamDelivery): void {
    if (this.stopped.aborted || delivery.seq < this.#nextSeq) return;
    this.#nextSeq = delivery.seq + 1;
    this.#caughtUp = false;
    if (!this.handlers.message(message, delivery)) this.held = true;
  }
}

/** In JSON, bytes that are not UTF-8 become a replacement character: the message would get another subject. */
function unreadableSubject(stream: string, seq: number): NatsxError {
  return new NatsxError(
    'unhealthy',
    `the subject of message ${seq} of "${stream}" has bytes that are not valid UTF-8, and this stream cannot return them exactly`,
    {
      hint: `direct gets can: natsx stream edit ${shellWord(stream)} --allow-direct (server 2.11 and newer)`,
      details: { stream, seq },
    },
  );
}

function isNoMessage(error: unknown): boolean {
  return error instanceof NatsxError && error.kind === 'not-found' && isAbsence(error);
}

/** The stream exists, and has no such message. */
function isAbsence(error: NatsxError): boolean {
  return error.details?.['last_seq'] !== undefined || apiCodeOf(error) === API_CODE.noMessage;
}
