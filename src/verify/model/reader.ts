import type { LatencyHistogram } from '../../core/statistics/latency-histogram.js';
import { recordLatency } from '../../core/statistics/latency-histogram.js';
import type { EndMark } from './end-mark.js';
import { decodeEndMark } from './end-mark.js';
import { ENVELOPE_BYTES, EnvelopeReader } from './envelope.js';
import { OrderWatch } from './order-watch.js';
import type { ReceiverTally } from './receiver-tally.js';
import { TimeMarks } from './time-marks.js';

/** A message where it lies. */
export interface Arrival {
  readonly buffer: Uint8Array;
  readonly payloadStart: number;
  readonly payloadEnd: number;
  readonly subject: string;
}

/** What is known of a run by what came in, whichever reader it came to. */
export interface ArrivalLog {
  /** Milliseconds since the epoch of the last message of the run; 0 before the first. */
  lastArrivalMs: number;
  foreign: number;
  /** By publisher. */
  readonly endMarks: Map<number, EndMark>;
  /** When what was sent, by publisher; kept by those who do not know it otherwise. */
  readonly sentTimes?: Map<number, TimeMarks>;
  /** From sending to the first copy that arrived, in ns. */
  readonly latency: LatencyHistogram;
}

export interface ReaderOptions {
  readonly runId: string;
  readonly tally: ReceiverTally;
  readonly log: ArrivalLog;
  /** Nobody else uses the subject, so that whatever cannot be read is a spoilt message of ours. */
  readonly exclusive: boolean;
  /** Called for a probe, with the publisher that sent it. */
  readonly onProbe?: ((publisher: number) => void) | undefined;
}

/** What a message was: `foreign` ones are none of our business. */
export type ArrivalKind = 'ours' | 'foreign';

/** One connection's view of what arrives: reads envelopes, watches the order, and tells the tally. */
export class Reader {
  readonly #options: ReaderOptions;
  readonly #envelope: EnvelopeReader;
  readonly #order = new OrderWatch();

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#envelope = new EnvelopeReader(options.runId);
  }

  /** Takes a message; the hot path. `nowMs`: milliseconds since the epoch, with fractions. */
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
