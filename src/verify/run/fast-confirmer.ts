import { apiFailure, type ApiError } from '../../streams/model/api-failure.js';
import { FastBatch, type BatchEnd } from '../../streams/run/publish/fast-batch.js';
import type { Session } from '../../wire/session.js';
import { BatchLog, type BatchLogOptions } from './batch-log.js';
import type { Confirmer, NumberedMessage } from './confirmer.js';

const MOST_EVERY = 100;
const TICK_MS = 250;
/** A stream ends a batch after ten seconds without a message. */
const KEEP_OPEN_MS = 3_000;

/**
 * Publishes the messages of one publisher as a fast batch that goes on after gaps (ADR-50). What the stream reports as
 * missing is not stored; what was on its way when the connection was lost is in doubt, because a report about it may be
 * lost with the connection.
 */
export class FastConfirmer implements Confirmer {
  payload: (message: NumberedMessage) => Uint8Array = () => new Uint8Array();
  readonly #session: Session;
  readonly #options: BatchLogOptions;
  readonly #log: BatchLog;
  readonly #timer: NodeJS.Timeout;
  #batch: FastBatch | undefined;
  /** The number of the message before the batch. */
  #base = 0;
  /** The last number whose fate is settled, and the last one that was sent. */
  #settled = 0;
  #sent = 0;
  /** Numbers up to here were on their way when the connection was lost. */
  #doubtUntil = 0;
  readonly #missing = new Set<number>();
  #isFinishing = false;
  #askedMs = performance.now();

  constructor(session: Session, options: BatchLogOptions) {
    this.#session = session;
    this.#options = options;
    this.#log = new BatchLog(options);
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  get room(): number {
    const limit = this.#options.window - (this.#sent - this.#settled);
    return Math.min(limit, this.#batch?.room ?? limit);
  }

  get isComplete(): boolean {
    return this.#settled === this.#sent && (!this.#isFinishing || this.#batch === undefined);
  }

  get progressMs(): number {
    return this.#log.progressMs;
  }

  publish(message: NumberedMessage): boolean {
    const batch = (this.#batch ??= this.#begin());
    const { subject } = this.#options;
    const room = batch.publish({ subject, payload: this.payload(message) });
    this.#sent = message.number;
    this.#log.sent(message.number, message.sentAtMs);
    return room;
  }

  finish(): void {
    this.#isFinishing = true;
    this.#ask();
  }

  progress(atMostMs: number): Promise<void> {
    return this.#log.progress(atMostMs);
  }

  disconnected(): void {
    this.#doubtUntil = this.#sent;
  }

  reconnected(): void {
    this.#ask();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#batch?.close();
  }

  #begin(): FastBatch {
    const { inboxPrefix, window } = this.#options;
    this.#base = this.#sent;
    const every = Math.max(1, Math.min(MOST_EVERY, Math.floor(window / 4)));
    return new FastBatch(this.#session, {
      inboxPrefix,
      gaps: 'ok',
      every,
      ahead: Math.max(1, Math.floor(window / every)),
      events: {
        acknowledged: (place) => this.#acknowledged(this.#base + place),
        gap: (from, to) => this.#gap(this.#base + from, this.#base + to),
        failed: (place, error) => this.#failed(this.#base + place, error),
        ended: (end) => this.#ended(end),
      },
    });
  }

  #tick(): void {
    if (this.isComplete && this.#batch === undefined) return;
    const waitMs = this.#settled === this.#sent ? KEEP_OPEN_MS : this.#options.timeoutMs / 3;
    const idleMs = performance.now() - Math.max(this.#askedMs, this.#log.progressMs);
    if (idleMs >= Math.min(waitMs, KEEP_OPEN_MS)) this.#ask();
  }

  /** Commits the batch if nothing more follows; else asks for the last acknowledgement. */
  #ask(): void {
    if (this.#batch === undefined || !this.#session.connected) return;
    this.#askedMs = performance.now();
    if (this.#isFinishing) this.#batch.commit();
    else this.#batch.ping();
  }

  #gap(from: number, to: number): void {
    const last = Math.min(to - 1, this.#sent);
    for (let number = from; number <= last; number++) this.#missing.add(number);
    if (last >= from) this.#log.fault(`a gap: ${last - from + 1} of a fast batch`);
  }

  #failed(number: number, error: ApiError): void {
    this.#missing.add(number);
    this.#log.refused(apiFailure(error, 'publishing a message of a fast batch'));
  }

  #acknowledged(until: number): void {
    const last = Math.min(until, this.#sent);
    while (this.#settled < last) {
      const number = ++this.#settled;
      if (this.#missing.delete(number)) this.#log.notStored(number);
      else if (number <= this.#doubtUntil) this.#log.inDoubt(number);
      else this.#log.stored(number);
    }
    this.#log.progressed();
  }

  /** Whether the stream never had the batch. */
  #wasUnknown(place: number): boolean {
    // Answers may be lost with the connection.
    return place === 1 || (this.#batch?.hasBegun === false && this.#doubtUntil <= this.#base);
  }

  /** The next message begins another batch. */
  #ended(end: BatchEnd): void {
    const from = this.#base + 1;
    if (end.type === 'refused') this.#log.refused(apiFailure(end.error, 'publishing a fast batch'));
    else if (end.type === 'no-responders') this.#log.fault('no stream accepted the message');
    const isNothing =
      end.type === 'no-responders' || (end.type === 'refused' && this.#wasUnknown(end.place));
    while (this.#settled < this.#sent) {
      const number = ++this.#settled;
      if (isNothing || this.#missing.delete(number)) this.#log.notStored(number);
      else this.#log.inDoubt(number);
    }
    this.#batch?.close();
    this.#batch = undefined;
    const state = end.type === 'committed' ? 'committed' : isNothing ? 'abandoned' : 'unknown';
    this.#log.ended(from, this.#sent, state);
  }
}
