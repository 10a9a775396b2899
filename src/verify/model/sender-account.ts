import type { BatchRecord } from './batch-record.js';
import { NumberSet, type NumberRange } from './number-set.js';
import { TimeMarks } from './time-marks.js';

/** What confirms messages: JetStream acknowledges each, core NATS none. */
export type Confirmation = 'acknowledged' | 'none';

/** What one publisher has sent, and what of it was acknowledged. Numbers start at 1, without gaps. */
export class SenderAccount {
  /** From 1. */
  readonly publisher: number;
  readonly confirmation: Confirmation;
  readonly acknowledged = new NumberSet();
  /** Messages that the stream has said it does not store. */
  readonly unstored = new NumberSet();
  /** The batches that ended, if messages were sent in batches. */
  readonly batches: BatchRecord[] = [];
  readonly times: TimeMarks;
  #sent = 0;
  #refused = 0;
  #resent = 0;
  #recognized = 0;

  /** @param times times of sending, if known from another source */
  constructor(publisher: number, confirmation: Confirmation, times: TimeMarks = new TimeMarks()) {
    this.publisher = publisher;
    this.confirmation = confirmation;
    this.times = times;
  }

  /** The highest number that was sent, which is also their count. */
  get sent(): number {
    return this.#sent;
  }

  /** Messages that JetStream refused. */
  get refused(): number {
    return this.#refused;
  }

  /** Messages that were sent again because the acknowledgement did not arrive. */
  get resent(): number {
    return this.#resent;
  }

  /** Duplicates that the stream detected by their message id. */
  get recognized(): number {
    return this.#recognized;
  }

  /** @param timeMs milliseconds since the epoch */
  noteSent(number: number, timeMs: number): void {
    if (number <= this.#sent) return;
    this.#sent = number;
    this.times.note(number, timeMs);
  }

  noteRefused(): void {
    this.#refused += 1;
  }

  noteResent(): void {
    this.#resent += 1;
  }

  noteRecognized(): void {
    this.#recognized += 1;
  }

  /** A message that arrived was sent, even if the account does not have it. */
  noteSeen(number: number): void {
    if (number > this.#sent) this.#sent = number;
  }

  /** What has to arrive: all acknowledged messages or, without acknowledgements, all sent ones. */
  promised(): NumberSet {
    if (this.confirmation === 'acknowledged') return this.acknowledged;
    const all = new NumberSet();
    if (this.#sent > 0) all.addRange({ from: 1, to: this.#sent });
    return all;
  }

  /** Messages that were sent and not acknowledged. */
  inDoubt(): readonly NumberRange[] {
    const all = new NumberSet();
    if (this.#sent > 0) all.addRange({ from: 1, to: this.#sent });
    return [...all.missingFrom(this.promised())];
  }
}
