import type { BacklogReport } from '../../backlog/model/report.js';

/** How the chosen consumers stood at one reading. */
export interface TrackedReading {
  readonly atMs: number;
  /** Of all chosen consumers. */
  readonly backlog: number;
  /** Until the first loss of unread messages; absent if none is foreseen. */
  readonly lossS?: number | undefined;
}

/** More would not fit into a plot. */
const MOST = 400;

/** The readings of a stretch in order; of a long one, every second, fourth … of them, with the largest backlogs. */
export class ReadingTrack {
  #readings: TrackedReading[] = [];
  #stride = 1;
  #skipped: TrackedReading[] = [];

  add({ atMs, streams }: Pick<BacklogReport, 'atMs' | 'streams'>): void {
    const consumers = streams.flatMap((stream) => stream.consumers);
    const losses = streams.flatMap(({ timeToLossS }) => timeToLossS ?? []);
    this.#skipped.push({
      atMs,
      backlog: consumers.reduce((sum, { facts }) => sum + (facts?.backlog ?? 0), 0),
      lossS: losses.length === 0 ? undefined : Math.min(...losses),
    });
    if (this.#skipped.length < this.#stride) return;
    this.#readings.push(worstOf(this.#skipped));
    this.#skipped = [];
    if (this.#readings.length < MOST) return;
    const pairs = Array.from({ length: MOST / 2 }, (_, index) =>
      worstOf(this.#readings.slice(2 * index, 2 * index + 2)),
    );
    this.#readings = pairs;
    this.#stride *= 2;
  }

  get readings(): readonly TrackedReading[] {
    return this.#skipped.length === 0
      ? this.#readings
      : [...this.#readings, worstOf(this.#skipped)];
  }
}

/** A peak must not be thinned out. */
function worstOf(readings: readonly TrackedReading[]): TrackedReading {
  return readings.reduce((worst, one) => (one.backlog > worst.backlog ? one : worst));
}
