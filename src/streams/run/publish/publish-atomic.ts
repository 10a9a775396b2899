import { randomBytes } from 'node:crypto';

import { Notifier } from '../../../connection/notifier.js';
import { NatsxError } from '../../../core/errors.js';
import { mergeHeaders } from '../../../core/message/edit-headers.js';
import type { OutgoingMessage } from '../../../core/message/message.js';
import { quoted } from '../../../core/printable.js';
import { formatCount, plural } from '../../../core/wording.js';
import { FrameMaker } from '../../../messaging/run/message-frame.js';
import type { MessageView } from '../../../wire/message-view.js';
import { openPatientSession, type SessionTarget } from '../../../wire/open-session.js';
import { ReplyInbox } from '../../../wire/reply-inbox.js';
import type { Session, SessionEvent } from '../../../wire/session.js';
import type { AcknowledgedResult, BatchFacts } from '../../model/acknowledged-result.js';
import { API_CODE, apiCodeOf, apiFailure } from '../../model/api-failure.js';
import { parseBatchAnswer, type BatchAck, type BatchAnswer } from '../../model/batch-answer.js';
import { BATCH_COMMIT, BATCH_ID, BATCH_SEQUENCE } from '../../model/batch-headers.js';
import { checkBatchNeeds, MOST_IN_BATCH, tooManyForBatch } from '../../model/batch-needs.js';
import { checkScheduleNeeds } from '../../model/message-schedule.js';
import { PublishAccount } from '../../model/publish-account.js';
import type { PublishFate } from '../../model/publish-fate.js';
import { streamNames } from '../api/jetstream-names.js';
import { readStream } from '../api/jetstream-entities.js';
import { SessionJetStream } from '../manage/session-jetstream.js';
import { findBatch } from './find-batch.js';
import { notFromStream } from './loss-errors.js';
import type { AcknowledgedRequest } from './publish-acknowledged.js';
import { StreamLookup } from './stream-lookup.js';

/**
 * Publishes all messages of a source as one atomic batch (ADR-50): all are stored, or none. If the answer to the commit
 * is lost, the stream is asked for the batch.
 *
 * @throws {NatsxError} usage — more than a thousand messages; connection, auth — the first connection; rejected — the
 *   server is too old
 */
export async function publishAtomic(
  target: SessionTarget,
  request: AcknowledgedRequest,
  signal: AbortSignal,
): Promise<AcknowledgedResult> {
  const messages = await gathered(request, signal);
  const account = new PublishAccount();
  request.watch?.(() => account.totals);
  const settle = (fateOf: (index: number) => PublishFate): void => {
    for (const [index, message] of messages.entries()) {
      const fate = fateOf(index);
      account.add(index, message, fate);
      request.onSettled(index, message, fate);
    }
  };
  if (messages.length === 0 || signal.aborted) {
    const error = new NatsxError('interrupted', 'interrupted before it was published');
    settle(() => ({ type: 'unsent', error }));
    return resultOf(account, { durationMs: 0, failure: undefined, batch: facts('', 'abandoned') });
  }
  const opened: { run?: AtomicRun } = {};
  const onEvent = (event: SessionEvent): void => opened.run?.happened(event);
  const session = await openPatientSession(target, signal, onEvent);
  const run = new AtomicRun(session, request, target.dial.inboxPrefix);
  opened.run = run;
  const startedMs = performance.now();
  try {
    const version = session.info?.version ?? '';
    checkBatchNeeds('atomic', version);
    checkScheduleNeeds(request.schedule, version);
    const outcome = await run.publish(messages);
    settle((index) => outcome.fateOf(index));
    const { failure, state } = outcome;
    const durationMs = performance.now() - startedMs;
    return resultOf(account, { durationMs, failure, batch: facts(run.id, state) });
  } finally {
    await run.close();
  }
}

function facts(id: string, outcome: BatchFacts['outcome']): BatchFacts {
  return { mode: 'atomic', id, outcome, gaps: [] };
}

function resultOf(
  account: PublishAccount,
  rest: Pick<AcknowledgedResult, 'durationMs' | 'failure' | 'batch'>,
): AcknowledgedResult {
  const { totals, range, unacknowledged } = account;
  return { ...totals, range, unacknowledged, ...rest };
}

/** @throws {NatsxError} usage — there are too many */
async function gathered(
  { source }: AcknowledgedRequest,
  signal: AbortSignal,
): Promise<readonly OutgoingMessage[]> {
  const messages: OutgoingMessage[] = [];
  for await (const batch of source(signal)) {
    messages.push(...batch);
    if (messages.length > MOST_IN_BATCH) throw tooManyForBatch();
  }
  return messages;
}

interface Outcome {
  readonly state: BatchFacts['outcome'];
  readonly failure: NatsxError | undefined;
  readonly fateOf: (index: number) => PublishFate;
}

class AtomicRun {
  readonly id = randomBytes(16).toString('base64url');
  readonly #session: Session;
  readonly #request: AcknowledgedRequest;
  readonly #inbox: ReplyInbox;
  readonly #api: SessionJetStream;
  readonly #changed = new Notifier();
  #messages: readonly OutgoingMessage[] = [];
  /** What the stream said first against the batch. */
  #refusal: NatsxError | undefined;
  #unheard = false;
  #commit: BatchAnswer | undefined;
  /** The connection was lost, or refuses to publish. */
  #trouble: NatsxError | undefined;
  /** Where the stream ended before the batch. */
  #before: { readonly stream: string; readonly seq: number } | undefined;

  constructor(session: Session, request: AcknowledgedRequest, inboxPrefix: string) {
    this.#session = session;
    this.#request = request;
    this.#api = new SessionJetStream(session, request.scope, inboxPrefix);
    this.#inbox = new ReplyInbox(session, inboxPrefix, (index, view) =>
      this.#answered(index, view),
    );
    void session.closed.then((error) => {
      if (error !== undefined) this.#end(error);
    });
  }

  happened(event: SessionEvent): void {
    if (event.type === 'disconnected') this.#end(event.error);
    if (event.type !== 'async-error') return;
    // A user without permission for JetStream's API may still publish.
    const subject = event.error.details?.['subject'];
    const isAboutApi = typeof subject === 'string' && subject.startsWith(`${this.#api.apiPrefix}.`);
    if (isAboutApi) this.#api.fail(event.error);
    else this.#end(event.error);
  }

  async publish(messages: readonly OutgoingMessage[]): Promise<Outcome> {
    this.#messages = messages;
    this.#before = await this.#place();
    this.#send(messages);
    await this.#settled();
    const commit = this.#commit;
    if (commit?.type === 'committed') return this.#stored(commit.ack);
    if (commit?.type === 'foreign') return this.#unknown(notFromStream(this.#lastSubject));
    if (this.#unheard) {
      const { error } = await this.#lookup().whyUnheard(this.#lastSubject);
      return abandoned('unsent', error);
    }
    if (this.#refusal !== undefined) return abandoned('refused', this.#refusal);
    if (this.#trouble?.kind === 'auth') return abandoned('unsent', this.#trouble);
    return this.#findOut();
  }

  async close(): Promise<void> {
    this.#inbox.close();
    await this.#session.close();
  }

  get #lastSubject(): string {
    return this.#messages.at(-1)?.subject ?? '';
  }

  #lookup(): StreamLookup {
    return new StreamLookup(this.#api);
  }

  #send(messages: readonly OutgoingMessage[]): void {
    const frames = new FrameMaker();
    try {
      for (const [index, message] of messages.entries()) {
        const isLast = index === messages.length - 1;
        const added = new Map([
          [BATCH_ID, [this.id]],
          [BATCH_SEQUENCE, [`${index + 1}`]],
          ...(isLast ? ([[BATCH_COMMIT, ['1']]] as const) : []),
        ]);
        const headers = mergeHeaders(message.headers, added);
        const reply = this.#inbox.subject(index);
        this.#session.publish(frames.frame({ ...message, headers }, this.#session.info, reply));
      }
      this.#session.sendBatch();
    } catch (error) {
      if (!(error instanceof NatsxError)) throw error;
      // A message that cannot be sent: the commit was not sent either.
      if (error.kind !== 'connection') this.#refusal = error;
      this.#end(error);
    }
  }

  #answered(index: number, view: MessageView): void {
    const message = this.#messages[index];
    if (message === undefined) return;
    const isCommit = index === this.#messages.length - 1;
    if (view.isNoResponders) this.#unheard = true;
    else {
      const answer = parseBatchAnswer(view.payload.toString());
      if (answer.type === 'refused')
        this.#refusal ??= refusalOf(
          answer,
          `publishing message ${index + 1} (${quoted(message.subject)})`,
        );
      if (isCommit && answer.type !== 'received') this.#commit = answer;
    }
    if (isCommit || this.#unheard) this.#changed.notify();
  }

  #end(error: NatsxError): void {
    this.#trouble ??= error;
    this.#changed.notify();
  }

  /** Resolves when the commit is answered, and when it will not be. */
  async #settled(): Promise<void> {
    const late = AbortSignal.timeout(this.#request.scope.timeoutMs);
    while (this.#commit === undefined && this.#trouble === undefined && !this.#unheard) {
      if (late.aborted) return;
      await this.#changed.next(late);
    }
  }

  /** A batch lies in a stream without other messages in between. */
  #stored({ stream, domain, seq, count }: BatchAck): Outcome {
    const total = this.#messages.length;
    if (count !== total) {
      return this.#unknown(
        new NatsxError(
          'unhealthy',
          `the stream "${stream}" stored ${plural(count, 'message')} of a batch of ${formatCount(total)}`,
        ),
      );
    }
    const place = (index: number): number | bigint =>
      typeof seq === 'bigint' ? seq - BigInt(total - 1 - index) : seq - (total - 1 - index);
    return {
      state: 'committed',
      failure: undefined,
      fateOf: (index) => ({
        type: 'stored',
        ack: {
          stream,
          seq: place(index),
          duplicate: false,
          ...(domain === undefined ? {} : { domain }),
        },
      }),
    };
  }

  #unknown(error: NatsxError): Outcome {
    return {
      state: 'unknown',
      failure: error,
      fateOf: () => ({ type: 'in-doubt', error }),
    };
  }

  /** The stream of the batch and its last sequence, to find the batch afterwards; undefined if it cannot be read. */
  async #place(): Promise<{ readonly stream: string; readonly seq: number } | undefined> {
    try {
      const api = this.#api;
      const [stream] = await streamNames(api, this.#lastSubject);
      if (stream === undefined) return undefined;
      const { state } = await readStream(api, stream);
      return { stream, seq: state.last_seq };
    } catch (error) {
      if (error instanceof NatsxError) return undefined;
      throw error;
    }
  }

  /** The answer to the commit is lost: whether the stream has the last message of the batch says whether it has all. */
  async #findOut(): Promise<Outcome> {
    const why = this.#trouble?.message ?? 'no answer arrived in time';
    const { timeoutMs } = this.#request.scope;
    const wanted = { id: this.id, subject: this.#lastSubject, timeoutMs };
    const before = this.#before;
    const connected = (late: AbortSignal): Promise<void> => this.#session.whenConnected(late);
    const found = before && (await findBatch(this.#api, { ...wanted, ...before, connected }));
    if (found !== undefined) {
      const { stream, seq } = found;
      const total = this.#messages.length;
      const error = new NatsxError(
        'unhealthy',
        `the answer to the commit of the batch was lost (${why}), so its outcome was unknown; the stream "${stream}" has it: ${plural(total, 'message')}, up to ${seq}`,
        { hint: 'all messages are stored: do not publish them again', details: { stream, seq } },
      );
      return { ...this.#stored({ stream, domain: undefined, seq, count: total }), failure: error };
    }
    return this.#unknown(
      new NatsxError(
        'timeout',
        `it is unknown whether the batch is stored: the answer to its commit was lost (${why})`,
        {
          hint: `before you publish it again, look for messages with the header ${BATCH_ID}: ${this.id}`,
          details: { batch: this.id },
        },
      ),
    );
  }
}

function refusalOf(answer: Extract<BatchAnswer, { type: 'refused' }>, what: string): NatsxError {
  const error = apiFailure(answer.error, what);
  const code = apiCodeOf(error);
  if (code !== API_CODE.batchTooLarge && code !== API_CODE.batchIncomplete) return error;
  const hint =
    code === API_CODE.batchTooLarge
      ? 'publish the messages in several batches'
      : 'all messages of a batch must be for one stream, and arrive within ten seconds';
  return new NatsxError(error.kind, error.message, { hint, details: error.details });
}

/** Nothing of the batch is stored. */
function abandoned(type: 'refused' | 'unsent', error: NatsxError): Outcome {
  const failure = new NatsxError(error.kind, `${error.message}; nothing of the batch is stored`, {
    hint: error.hint,
    cause: error.cause,
    details: error.details,
  });
  return { state: 'abandoned', failure, fateOf: () => ({ type, error }) };
}
