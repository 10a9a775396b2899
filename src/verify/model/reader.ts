import type { LatencyHistogram } from '../../core/statistics/latency-histogram.js';
import { recordLatency } from '../../core/statistics/latency-histogram.js';
import type { EndMark } from './end-mark.js';
import { decodeEndMark } from './end-mark.js';
import { ENVELOPE_BYTES, EnvelopeReader } from './envelope.js';
import type { ReceiverTally } from './receiver-tally.js';
import { TimeMarks } from './time-marks.js';

/** A message, read in place. */
export interface Arrival {
  readonly buffer: Uint8Array;
  readonly payloadStart: number;
  readonly payloadEnd: number;
  readonly subject: string;
}

/** What is known about a run from messages that arrived at any reader. */
export interface ArrivalLog {
  /** Milliseconds since the epoch of the last message of the run; 0 before the first. */
  lastArrivalMs: number;
  foreign: number;
  /** By publisher. */
  readonly endMarks: Map<number, EndMark>;
  /** Times of sending, by publisher; for receivers that do not know them otherwise. */
  readonly sentTimes?: Map<number, TimeMarks>;
  /** From sending to the first copy that arrived, in ns. */
  readonly latency: LatencyHistogram;
  /** Called for each first copy; times are milliseconds since the epoch. */
  onArrival?: ((sentAtMs: number, nowMs: number) => void) | undefined;
}

export interface ReaderOptions {
  readonly runId: string;
  readonly tally: ReceiverTally;
  readonly log: ArrivalLog;
  /** Whether no other client uses the subject, so that whatever cannot be read is a corrupted message of the run. */
  readonly exclusive: boolean;
  /** Called with the publisher of each probe. */
  readonly onProbe?: ((publisher: number) => void) | undefined;
}

/** The kind of a message; `foreign`: not of the run. */
export type ArrivalKind = 'ours' | 'foreign';

/** Handles what arrives on one connection: reads envelopes, checks the order, and adds to the tally. */
export class Reader {
  readonly #options: ReaderOptions;
  readonly #envelope: EnvelopeReader;
  readonly #order = new OrderWatch();

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#envelope = new EnvelopeReader(options.runId);
  }

  /** Handles a message; the hot path. `nowMs`: milliseconds since the epoch, with fractions. */
  take(message: Arrival, nowMs: number): ArrivalKind {
    const { log, exclusive } = this.#options;
    const { buffer, payloadStart, payloadEnd } = message;
    const state = this.#envelope.read(buffer, payloadStart, payloadEnd);
    if (state === 'foreign' && !exclusive) {
      log.foreign += 1;
      return 'foreign';
    }
    log.lastArrivalMs = nowMs;
    if (state === 'whole') this.#takeWhole(message, nowMs);
    else this.#takeCorrupted(state === 'corrupted', nowMs);
    return 'ours';
  }

  #takeWhole(message: Arrival, nowMs: number): void {
    const { tally, log, onProbe } = this.#options;
    const { kind, publisher, number, sentAtMs } = this.#envelope;
    if (kind === 'probe') {
      onProbe?.(publisher);
    } else if (kind === 'end') {
      const text = message.buffer.subarray(
        message.payloadStart + ENVELOPE_BYTES,
        message.payloadEnd,
      );
      log.endMarks.set(publisher, decodeEndMark(text));
    } else if (tally.arrived(publisher, number)) {
      if (log.sentTimes !== undefined) noteTime(log.sentTimes, publisher, number, sentAtMs);
      recordLatency(log.latency, Math.round((nowMs - sentAtMs) * 1e6));
      log.onArrival?.(sentAtMs, nowMs);
      if (this.#order.isLate(message.subject, publisher, number)) tally.arrivedLate();
    }
  }

  #takeCorrupted(isRead: boolean, atMs: number): void {
    const { publisher, number, kind } = this.#envelope;
    if (isRead && kind !== 'message') return;
    const place = isRead ? { publisher, number, atMs } : { publisher: 0, number: 0, atMs };
    this.#options.tally.arrivedCorrupted(place);
  }
}

function noteTime(
  times: Map<number, TimeMarks>,
  publisher: number,
  number: number,
  sentAtMs: number,
): void {
  let marks = times.get(publisher);
  if (marks === undefined) {
    marks = new TimeMarks();
    times.set(publisher, marks);
  }
  marks.note(number, sentAtMs);
}

/**
 * Detects messages that a reader gets out of order: after a message with a higher number of the same publisher on the
 * same subject. NATS only guarantees order to each single reader, so each has its own watch.
 */
export class OrderWatch {
  readonly #bySubject = new Map<string, number[]>();
  #subject: string | undefined;
  #highest: number[] = [];

  /** @returns whether a higher number arrived before. To be called for first copies only. */
  isLate(subject: string, publisher: number, number: number): boolean {
    if (subject !== this.#subject) this.#turnTo(subject);
    if (number < (this.#highest[publisher] ?? 0)) return true;
    this.#highest[publisher] = number;
    return false;
  }

  #turnTo(subject: string): void {
    let highest = this.#bySubject.get(subject);
    if (highest === undefined) {
      highest = [];
      this.#bySubject.set(subject, highest);
    }
    this.#subject = subject;
    this.#highest = highest;
  }
}
