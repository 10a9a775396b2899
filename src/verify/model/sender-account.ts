import { NumberSet, type NumberRange } from './number-set.js';
import { TimeMarks } from './time-marks.js';

/** Whether the system confirms each message: JetStream does, core NATS does not. */
export type Confirmation = 'acknowledged' | 'none';

/** What one publisher has sent and what of it was acknowledged. Numbers count from 1, without a hole. */
export class SenderAccount {
  /** From 1. */
  readonly publisher: number;
  readonly confirmation: Confirmation;
  readonly acknowledged = new NumberSet();
  readonly times: TimeMarks;
  #sent = 0;
  #refused = 0;
  #resent = 0;
  #recognized = 0;

  /** @param times when what was sent, where that is known from elsewhere */
  constructor(publisher: number, confirmation: Confirmation, times: TimeMarks = new TimeMarks()) {
    this.publisher = publisher;
    this.confirmation = confirmation;
    this.times = times;
  }

  /** The highest number that was sent, which is how many there are. */
  get sent(): number {
    return this.#sent;
  }

  /** Messages that JetStream did not take, and said so. */
  get refused(): number {
    return this.#refused;
  }

  /** Messages that were sent once more because the first acknowledgement did not come. */
  get resent(): number {
    return this.#resent;
  }

  /** Repeats that the stream recognized by their message id. */
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

  /** A message that arrived was sent, whether or not the account knows of it. */
  noteSeen(number: number): void {
    if (number > this.#sent) this.#sent = number;
  }

  /** What has to arrive: everything acknowledged or, without acknowledgements, everything sent. */
  promised(): NumberSet {
    if (this.confirmation === 'acknowledged') return this.acknowledged;
    const all = new NumberSet();
    if (this.#sent > 0) all.addRange({ from: 1, to: this.#sent });
    return all;
  }

  /** What was sent and not acknowledged. */
  inDoubt(): readonly NumberRange[] {
    const all = new NumberSet();
    if (this.#sent > 0) all.addRange({ from: 1, to: this.#sent });
    return [...all.missingFrom(this.promised())];
  }
}
