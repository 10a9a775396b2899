import { NatsxError, expectedError } from '../../../core/errors.js';
import type { AcknowledgedResult } from '../../model/acknowledged-result.js';
import type { JetStreamScope } from '../../../connection/model/api-scope.js';
import { checkScheduleNeeds, type NewSchedule } from '../../model/message-schedule.js';
import { notKeptBy, type NotKept } from '../../model/not-kept.js';
import { PublishAccount, type AcknowledgedTotals } from '../../model/publish-account.js';
import type { PublishFate } from '../../model/publish-fate.js';
import type { StoredSubjects } from '../../model/stored-subjects.js';
import { checkTimeToLive } from '../../../core/message/publish-headers.js';
import type { OutgoingMessage } from '../../../core/message/message.js';
import type { Pace } from '../../../core/values/pace.js';
import { unlessAborted } from '../../../connection/abortable.js';
import type { SessionTarget } from '../../../wire/open-session.js';
import { Pacer } from '../../../messaging/run/pacer.js';
import type { MessageSource } from '../../../messaging/run/publish.js';
import type { JetStreamApi } from '../api/jetstream-api.js';
import { consumerConfigs } from '../api/jetstream-consumers.js';
import { readStream } from '../api/jetstream-entities.js';
import { PublisherLink } from './publisher-link.js';

export interface AcknowledgedRequest {
  readonly source: MessageSource;
  readonly pace: Pace;
  readonly scope: JetStreamScope;
  readonly window: number;
  readonly retryForMs: number | undefined;
  /** Continue with the next message when one is refused. */
  readonly keepGoing: boolean;
  /** Read the input to its end even if nothing more can be published, so that every message gets its fate. */
  readonly readToEnd: boolean;
  /** Time to live of the messages, to check that the server supports it. */
  readonly ttl: string | undefined;
  /** To check that the server supports it; the messages have its headers. */
  readonly schedule?: NewSchedule | undefined;
  /** Gets each message with its number, from 0, in order. */
  readonly onSettled: (number: number, message: OutgoingMessage, fate: PublishFate) => void;
  /** Resolves when the receiver of the fates takes more. */
  readonly ready: () => Promise<void>;
  /** Called once, with a function that returns the totals so far. */
  readonly watch?: ((totals: () => AcknowledgedTotals) => void) | undefined;
}

/**
 * Publishes all messages of a source to streams, and ends when each is acknowledged. Ends early, with a partial result,
 * on the signal, when a message is refused, when nothing is acknowledged for long, and when the source fails.
 *
 * @throws {NatsxError} connection, auth — the first connection, unless the input is to be read to its end
 */
export async function publishAcknowledged(
  target: SessionTarget,
  request: AcknowledgedRequest,
  signal: AbortSignal,
): Promise<AcknowledgedResult> {
  const run = new Run(request, signal);
  request.watch?.(() => run.account.totals);
  const startedMs = performance.now();
  try {
    await run.open(target);
    checkTimeToLive(request.ttl, run.serverVersion);
    checkScheduleNeeds(request.schedule, run.serverVersion);
    await run.publishAll();
  } catch (error) {
    if (!request.readToEnd || signal.aborted) throw error;
    run.fail(expectedError(error));
    await run.readRest();
  } finally {
    await run.close();
  }
  const { account, failure, notKept } = run;
  const durationMs = (run.endedMs ?? performance.now()) - startedMs;
  const { totals, range, unacknowledged } = account;
  return { ...kept(totals, notKept), range, notKept, unacknowledged, durationMs, failure };
}

function kept(totals: AcknowledgedTotals, notKept: readonly NotKept[]): AcknowledgedTotals {
  let { stored, payloadBytes } = totals;
  for (const { messages, bytes } of notKept) {
    stored -= messages;
    payloadBytes -= bytes;
  }
  return { ...totals, stored, payloadBytes };
}

class Run {
  readonly account = new PublishAccount();
  failure: NatsxError | undefined;
  notKept: readonly NotKept[] = [];
  /** When the last message was settled. */
  endedMs: number | undefined;
  readonly #request: AcknowledgedRequest;
  readonly #signal: AbortSignal;
  readonly #batches: AsyncIterator<readonly OutgoingMessage[]>;
  readonly #stop = new AbortController();
  readonly #pacer: Pacer;
  #link: PublisherLink | undefined;
  #sent = 0;
  #settled = 0;
  /** The batch that is being published, and the index of its next message. */
  #batch: readonly OutgoingMessage[] = [];
  #at = 0;

  constructor(request: AcknowledgedRequest, signal: AbortSignal) {
    this.#request = request;
    this.#signal = signal;
    this.#pacer = new Pacer(request.pace);
    this.#batches = request.source(signal)[Symbol.asyncIterator]();
  }

  get serverVersion(): string {
    return this.#link?.session.info?.version ?? '';
  }

  async open(target: SessionTarget): Promise<void> {
    const { window, retryForMs, scope } = this.#request;
    this.#link = await PublisherLink.open(
      target,
      {
        scope,
        window,
        retryForMs,
        onSettled: (_number, message, fate) => this.#settle(message, fate),
        onEnd: (error) => this.#end(error),
      },
      this.#signal,
    );
  }

  async publishAll(): Promise<void> {
    try {
      for await (const batch of this.#remaining()) {
        await this.#publishBatch(batch);
        await this.#request.ready();
        if (this.#isOver) break;
      }
    } catch (error) {
      if (!this.#signal.aborted) this.fail(expectedError(error));
    }
    await this.#settleAll();
    this.failure ??= this.#link?.publisher.halted;
    this.endedMs = performance.now();
    await this.#explain();
    await this.#lookForKept();
    if (this.failure !== undefined || this.#signal.aborted) await this.readRest();
  }

  /** Settles what was not published as unsent; the rest of the input too, if it is to be read. */
  async readRest(): Promise<void> {
    const error =
      this.failure ?? new NatsxError('interrupted', 'interrupted before it was published');
    const unsent = (messages: readonly OutgoingMessage[]): void => {
      for (const message of messages) this.#settle(message, { type: 'unsent', error });
    };
    unsent(this.#batch.slice(this.#at));
    this.#batch = [];
    if (!this.#request.readToEnd || this.#signal.aborted || error.kind === 'usage') return;
    try {
      for await (const batch of this.#remaining()) {
        unsent(batch);
        await this.#request.ready();
      }
    } catch (fault) {
      expectedError(fault);
    }
  }

  fail(error: NatsxError): void {
    this.failure ??= error;
  }

  async close(): Promise<void> {
    await this.#link?.close();
    await this.#batches.return?.();
  }

  get #isOver(): boolean {
    return (
      this.#signal.aborted ||
      this.#stop.signal.aborted ||
      this.#link?.publisher.halted !== undefined
    );
  }

  /** The input from the current position; leaving the loop does not end it. */
  #remaining(): AsyncIterable<readonly OutgoingMessage[]> {
    const next = (): Promise<IteratorResult<readonly OutgoingMessage[]>> => this.#batches.next();
    return { [Symbol.asyncIterator]: () => ({ next }) };
  }

  async #publishBatch(batch: readonly OutgoingMessage[]): Promise<void> {
    const either = AbortSignal.any([this.#signal, this.#stop.signal]);
    const publisher = this.#link?.publisher;
    this.#batch = batch;
    this.#at = 0;
    for (const message of batch) {
      const pause = this.#pacer.untilDue(this.#sent, either);
      if (pause !== undefined) await pause;
      if (publisher?.hasRoom === false) await publisher.ready(either);
      if (this.#isOver || publisher === undefined) return;
      this.#at += 1;
      this.#sent += 1;
      const hasRoom = publisher.publish(message);
      if (!hasRoom) await unlessAborted(this.#drained(), either);
    }
  }

  async #drained(): Promise<void> {
    await this.#link?.session.drained().catch(() => undefined);
  }

  /** An interest stream also acknowledges messages that it does not keep. */
  async #lookForKept(): Promise<void> {
    const link = this.#link;
    if (link?.session.connected !== true || this.#signal.aborted) return;
    const look = lookForKept(link.api, this.account.stored);
    this.notKept = (await unlessAborted(look, this.#signal)) ?? [];
  }

  async #explain(): Promise<void> {
    if (this.failure === undefined || this.#link === undefined || this.#signal.aborted) return;
    const explained = await this.#link.explained(this.failure);
    this.account.explain(this.failure, explained);
    this.failure = explained;
  }

  /** After a signal, answers are awaited for the usual timeout. */
  async #settleAll(): Promise<void> {
    const publisher = this.#link?.publisher;
    if (publisher === undefined) return;
    await publisher.settled(AbortSignal.any([this.#signal, this.#stop.signal]));
    if (publisher.outstanding === 0) return;
    if (!this.#stop.signal.aborted) {
      await publisher.settled(AbortSignal.timeout(this.#request.scope.timeoutMs));
    }
    publisher.giveUp(
      this.failure ?? new NatsxError('interrupted', 'interrupted before it was acknowledged'),
    );
  }

  #settle(message: OutgoingMessage, fate: PublishFate): void {
    const number = this.#settled++;
    this.account.add(number, message, fate);
    this.#request.onSettled(number, message, fate);
    if (fate.type === 'refused' && !this.#request.keepGoing) {
      this.fail(fate.error);
      this.#link?.publisher.halt(fate.error);
    }
  }

  #end(error: NatsxError): void {
    this.fail(error);
    this.#stop.abort(error);
    this.#link?.publisher.giveUp(error);
  }
}

/**
 * Messages that were acknowledged and not kept, by interest streams without a consumer for them. Streams that this user
 * may not read are left out. Never rejects with an error of JetStream's API.
 */
async function lookForKept(api: JetStreamApi, stored: StoredSubjects): Promise<readonly NotKept[]> {
  const looks = stored.streams.map((stream) => notKeptIn(api, stream, stored));
  return (await Promise.all(looks)).filter((found) => found !== undefined);
}

async function notKeptIn(
  api: JetStreamApi,
  stream: string,
  stored: StoredSubjects,
): Promise<NotKept | undefined> {
  try {
    const info = await readStream(api, stream);
    if (info.config.retention !== 'interest') return undefined;
    const consumers = info.state.consumer_count === 0 ? [] : await consumerConfigs(api, stream);
    return notKeptBy(info, consumers, stored.of(stream));
  } catch (error) {
    if (error instanceof NatsxError) return undefined;
    throw error;
  }
}
