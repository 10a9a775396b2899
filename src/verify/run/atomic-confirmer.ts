import { randomBytes } from 'node:crypto';

import { apiFailure } from '../../streams/model/api-failure.js';
import { encodeHeadersBlock } from '../../core/message/headers-block.js';
import { parseBatchAnswer } from '../../streams/model/batch-answer.js';
import { BATCH_COMMIT, BATCH_ID, BATCH_SEQUENCE } from '../../streams/model/batch-headers.js';
import type { MessageView } from '../../wire/message-view.js';
import { ReplyInbox } from '../../wire/reply-inbox.js';
import type { Session } from '../../wire/session.js';
import type { BatchState } from '../model/batch-record.js';
import { BatchLog, type BatchLogOptions } from './batch-log.js';
import type { Confirmer, NumberedMessage } from './confirmer.js';

const MOST_IN_BATCH = 100;
const TICK_MS = 250;
/** At a low rate, a batch is committed before it is full: a stream gives one up after ten seconds. */
const OLDEST_MS = 1_000;

interface OpenBatch {
  readonly id: string;
  readonly from: number;
  to: number;
  readonly openedMs: number;
  committedMs: number;
}

/**
 * Publishes the messages of one publisher in atomic batches (ADR-50): each is stored as a whole, or not at all. A batch
 * whose answer does not arrive is in doubt, and not sent again.
 */
export class AtomicConfirmer implements Confirmer {
  payload: (message: NumberedMessage) => Uint8Array = () => new Uint8Array();
  readonly #session: Session;
  readonly #options: BatchLogOptions;
  readonly #log: BatchLog;
  readonly #inbox: ReplyInbox;
  readonly #timer: NodeJS.Timeout;
  readonly #size: number;
  /** By the number in the reply subject of the commit. */
  readonly #committing = new Map<number, OpenBatch>();
  #filling: OpenBatch | undefined;
  /** The last message of the batch is held back, because it may be the one that commits it. */
  #held: NumberedMessage | undefined;
  #commits = 0;

  constructor(session: Session, options: BatchLogOptions) {
    this.#session = session;
    this.#options = options;
    this.#log = new BatchLog(options);
    this.#size = Math.max(1, Math.min(MOST_IN_BATCH, Math.floor(options.window / 2)));
    this.#inbox = new ReplyInbox(session, options.inboxPrefix, (number, view) =>
      this.#answered(number, view),
    );
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  get room(): number {
    const open = [...this.#committing.values()];
    const waiting = open.reduce((sum, { from, to }) => sum + to - from + 1, 0);
    const filling = this.#filling === undefined ? 0 : this.#filling.to - this.#filling.from + 1;
    return Math.max(0, this.#options.window - waiting - filling);
  }

  get isComplete(): boolean {
    return this.#committing.size === 0 && this.#filling === undefined;
  }

  get progressMs(): number {
    return this.#log.progressMs;
  }

  publish(message: NumberedMessage, nowMs: number): boolean {
    let hasRoom = true;
    if (this.#held !== undefined) hasRoom = this.#send(this.#held, false);
    const { number } = message;
    this.#filling ??= {
      id: randomBytes(12).toString('base64url'),
      from: number,
      to: number,
      openedMs: nowMs,
      committedMs: 0,
    };
    this.#filling.to = number;
    this.#held = message;
    this.#log.sent(number, message.sentAtMs);
    return number - this.#filling.from + 1 < this.#size ? hasRoom : this.#commit();
  }

  finish(): void {
    if (this.#session.connected) this.#commit();
    else this.#abandon();
  }

  progress(atMostMs: number): Promise<void> {
    return this.#log.progress(atMostMs);
  }

  /** What was sent of the open batch may be lost, and its answers are. */
  disconnected(): void {
    this.#abandon();
    for (const number of [...this.#committing.keys()]) this.#settle(number, 'unknown');
  }

  reconnected(): void {
    this.#log.progressed();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#inbox.close();
  }

  /** Without its commit, nothing of a batch is stored. */
  #abandon(): void {
    const batch = this.#filling;
    this.#filling = undefined;
    this.#held = undefined;
    if (batch !== undefined) this.#ended(batch, 'abandoned');
  }

  #commit(): boolean {
    const batch = this.#filling;
    const last = this.#held;
    if (batch === undefined || last === undefined) return true;
    const hasRoom = this.#send(last, true);
    batch.committedMs = performance.now();
    this.#committing.set(this.#commits++, batch);
    this.#filling = undefined;
    this.#held = undefined;
    return hasRoom;
  }

  #send(message: NumberedMessage, commits: boolean): boolean {
    const { id, from } = this.#filling ?? { id: '', from: message.number };
    const headersBlock = encodeHeadersBlock(
      new Map([
        [BATCH_ID, [id]],
        [BATCH_SEQUENCE, [`${message.number - from + 1}`]],
        ...(commits ? [[BATCH_COMMIT, ['1']] as const] : []),
      ]),
    );
    const { subject } = this.#options;
    const payload = this.payload(message);
    if (!commits) return this.#session.publish({ subject, payload, headersBlock });
    const reply = this.#inbox.subject(this.#commits);
    return this.#session.publish({ subject, payload, headersBlock, reply });
  }

  #tick(): void {
    const nowMs = performance.now();
    const isOld = this.#filling !== undefined && nowMs - this.#filling.openedMs > OLDEST_MS;
    if (isOld && this.#session.connected) this.#commit();
    if (!this.#session.connected) return;
    for (const [number, { committedMs }] of [...this.#committing]) {
      if (nowMs - committedMs > this.#options.timeoutMs) this.#settle(number, 'unknown');
    }
  }

  #answered(number: number, view: MessageView): void {
    if (view.isNoResponders) {
      this.#log.fault('no stream accepted the batch');
      this.#settle(number, 'abandoned');
      return;
    }
    const answer = parseBatchAnswer(view.payload.toString());
    if (answer.type === 'refused')
      this.#log.refused(apiFailure(answer.error, 'publishing an atomic batch'));
    const state = answer.type === 'committed' ? 'committed' : 'abandoned';
    this.#settle(number, answer.type === 'foreign' ? 'unknown' : state);
  }

  #settle(number: number, state: BatchState): void {
    const batch = this.#committing.get(number);
    if (batch === undefined) return;
    this.#committing.delete(number);
    this.#ended(batch, state);
  }

  #ended({ from, to }: OpenBatch, state: BatchState): void {
    for (let number = from; number <= to; number++) {
      if (state === 'committed') this.#log.stored(number);
      else if (state === 'abandoned') this.#log.notStored(number);
      else this.#log.inDoubt(number);
    }
    this.#log.ended(from, to, state);
  }
}
