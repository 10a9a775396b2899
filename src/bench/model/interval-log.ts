import { COARSE_CELLS, coarsePercentileNs } from '../../core/statistics/latency-histogram.js';
import type { IntervalPoint, Stall } from './report.js';

/** The shortest interval. */
const FIRST_INTERVAL_MS = 50;
/** Without progress for this long, in this many looks, a run has stalled. */
const STALL_MS = 50;
const STALL_LOOKS = 3;
/** A sender at a low rate makes no progress between two messages. */
const STALL_GAPS = 5;
const MOST_STALLS = 100;

/** The counters of a pass at one time. */
export interface IntervalReading {
  /** Since the start of the pass. */
  readonly atMs: number;
  readonly sent: number;
  readonly received: number;
  /** What stalls are judged by: messages of the measured side. */
  readonly counted: number;
}

interface Interval {
  atMs: number;
  ms: number;
  sent: number;
  received: number;
  readonly latencies: Float64Array;
}

/**
 * What happened in each part of a pass: messages, latencies, and times without progress. The intervals become longer
 * with the pass, so that it has at most a given number of them.
 */
export class IntervalLog {
  readonly #most: number;
  readonly #stallMs: number;
  #intervals: Interval[] = [];
  #lengthMs = FIRST_INTERVAL_MS;
  #endMs = 0;
  #sent = 0;
  #received = 0;
  #latencies: Float64Array = new Float64Array(COARSE_CELLS);
  readonly #stalls: Stall[] = [];
  #progress = 0;
  #progressMs = 0;
  #stillLooks = 0;

  /** @param most of the intervals. @param gapMs between two messages, on schedule; 0 if there is no schedule */
  constructor(most: number, gapMs: number) {
    this.#most = most;
    this.#stallMs = Math.max(STALL_MS, STALL_GAPS * gapMs);
  }

  /**
   * Call it every few milliseconds.
   * @param latencies reads the counts since the start of the pass, which takes a while: called at the end of an interval
   */
  look(reading: IntervalReading, latencies: () => Float64Array): void {
    this.#watchProgress(reading);
    if (reading.atMs - this.#endMs >= this.#lengthMs) this.#close(reading, latencies());
  }

  /** Adds what is left at the end of the pass. */
  finish(reading: IntervalReading, latencies: Float64Array): void {
    this.#endStall(reading.atMs);
    if (reading.atMs > this.#endMs) this.#close(reading, latencies);
    const [before, last] = this.#intervals.slice(-2);
    // A short rest would have a rate of its own.
    if (before === undefined || last === undefined || last.ms >= this.#lengthMs / 2) return;
    this.#intervals.splice(-2, 2, joined(before, last));
  }

  get intervals(): readonly IntervalPoint[] {
    return this.#intervals.map(({ atMs, ms, sent, received, latencies }) => ({
      atMs: rounded(atMs),
      ms: rounded(ms),
      sent,
      received,
      p50Ns: coarsePercentileNs(latencies, 50),
      p99Ns: coarsePercentileNs(latencies, 99),
      maxNs: coarsePercentileNs(latencies, 100),
    }));
  }

  get stalls(): readonly Stall[] {
    return this.#stalls;
  }

  #close({ atMs, sent, received }: IntervalReading, counts: Float64Array): void {
    const before = this.#latencies;
    this.#intervals.push({
      atMs: this.#endMs,
      ms: atMs - this.#endMs,
      sent: sent - this.#sent,
      received: received - this.#received,
      latencies: counts.map((count, cell) => count - (before[cell] ?? 0)),
    });
    [this.#endMs, this.#sent, this.#received] = [atMs, sent, received];
    this.#latencies = counts;
    if (this.#intervals.length >= this.#most) this.#thinOut();
  }

  #thinOut(): void {
    const pairs: Interval[] = [];
    for (let index = 0; index < this.#intervals.length; index += 2) {
      const [first, second] = this.#intervals.slice(index, index + 2);
      if (first !== undefined) pairs.push(second === undefined ? first : joined(first, second));
    }
    this.#intervals = pairs;
    this.#lengthMs *= 2;
  }

  #watchProgress({ atMs, counted }: IntervalReading): void {
    if (counted === this.#progress) {
      this.#stillLooks += 1;
      return;
    }
    // What was not looked at may have gone on.
    this.#endStall(atMs);
    this.#progress = counted;
    this.#progressMs = atMs;
    this.#stillLooks = 0;
  }

  #endStall(atMs: number): void {
    const ms = atMs - this.#progressMs;
    const isStall = this.#progress > 0 && this.#stillLooks >= STALL_LOOKS && ms >= this.#stallMs;
    if (!isStall || this.#stalls.length >= MOST_STALLS) return;
    this.#stalls.push({ atMs: rounded(this.#progressMs), ms: rounded(ms) });
  }
}

function joined(first: Interval, second: Interval): Interval {
  return {
    atMs: first.atMs,
    ms: first.ms + second.ms,
    sent: first.sent + second.sent,
    received: first.received + second.received,
    latencies: first.latencies.map((count, cell) => count + (second.latencies[cell] ?? 0)),
  };
}

/** Tenths of milliseconds. */
function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
