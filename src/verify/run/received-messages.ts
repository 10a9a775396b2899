import { createHistogram } from '../../core/statistics/latency-histogram.js';
import type { FaultLog } from '../model/fault-log.js';
import type { EndMark } from '../model/end-mark.js';
import type { ArrivalLog } from '../model/reader.js';
import type { ReceiverTally } from '../model/receiver-tally.js';
import type { TimeMarks } from '../model/time-marks.js';
import { wallNowMs } from './wall-clock.js';

/** Everything that the receivers of a run have received. */
export class ReceivedMessages {
  readonly log = {
    lastArrivalMs: 0,
    foreign: 0,
    endMarks: new Map<number, EndMark>(),
    sentTimes: new Map<number, TimeMarks>(),
    latency: createHistogram(),
    onArrival: undefined as ArrivalLog['onArrival'],
  } satisfies ArrivalLog;
  readonly tallies: ReceiverTally[] = [];
  readonly #faults: FaultLog;
  readonly #probed = new Set<string>();
  readonly #releases: (() => void)[] = [];

  constructor(faults: FaultLog) {
    this.#faults = faults;
  }

  add(tally: ReceiverTally): void {
    this.tallies.push(tally);
  }

  /** Registers a function to be called by {@link release}. */
  onRelease(release: () => void): void {
    this.#releases.push(release);
  }

  release(): void {
    for (const release of this.#releases.splice(0)) release();
  }

  noteProbe(receiver: string, publisher: number): void {
    this.#probed.add(`${publisher} ${receiver}`);
  }

  /** Receivers at which no probe of this publisher has arrived. */
  unprobed(publisher: number): readonly string[] {
    return this.tallies
      .map(({ name }) => name)
      .filter((name) => !this.#probed.has(`${publisher} ${name}`));
  }

  /** A pull request ended early; it is sent again. */
  disturbed(reader: string, reason: string): void {
    this.#faults.note('pull-ended', reader, reason, wallNowMs());
  }

  /** Number of arrivals at the slowest receiver. */
  get arrivals(): number {
    return Math.min(...this.tallies.map((tally) => tally.arrivals));
  }
}
