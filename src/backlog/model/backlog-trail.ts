import type { BacklogReport } from './report.js';
import type { ScanWindow } from './series.js';

/** More points are not seen on a plot. */
const MOST_POINTS = 240;

export interface TrailPoint {
  readonly atMs: number;
  /** Absent where the consumer was not read. */
  readonly backlog: number | undefined;
}

/** Backlogs over time, with as many points as a plot needs, however long it is. */
export class BacklogTrail {
  #times: number[] = [];
  readonly #backlogs = new Map<string, (number | undefined)[]>();
  /** One of this many readings is kept. */
  #every = 1;
  #count = 0;

  /** Adds a reading, whose backlogs are by stream and consumer. */
  add(atMs: number, backlogs: ReadonlyMap<string, number>): void {
    this.#count += 1;
    if ((this.#count - 1) % this.#every !== 0) return;
    const place = this.#times.push(atMs) - 1;
    for (const [key, backlog] of backlogs) {
      const own = this.#backlogs.get(key) ?? [];
      own[place] = backlog;
      this.#backlogs.set(key, own);
    }
    if (this.#times.length >= MOST_POINTS) this.#thinOut();
  }

  /** The consumers with the largest backlogs at any time, those first that are largest now. */
  largest(most: number): readonly string[] {
    const sizes = [...this.#backlogs].map(([key, points]) => ({
      key,
      last: points[this.#times.length - 1] ?? 0,
      peak: points.reduce<number>((peak, one) => Math.max(peak, one ?? 0), 0),
    }));
    return sizes
      .filter(({ peak }) => peak > 0)
      .toSorted((a, b) => b.last - a.last || b.peak - a.peak || (a.key < b.key ? -1 : 1))
      .slice(0, most)
      .map(({ key }) => key);
  }

  points(key: string): readonly TrailPoint[] {
    const own = this.#backlogs.get(key) ?? [];
    return this.#times.map((atMs, place) => ({ atMs, backlog: own[place] }));
  }

  #thinOut(): void {
    const isKept = (_: unknown, place: number): boolean => place % 2 === 0;
    this.#times = this.#times.filter(isKept);
    for (const [key, points] of this.#backlogs) {
      // Holes would be skipped.
      const kept = Array.from(points).filter(isKept);
      if (kept.every((one) => one === undefined)) this.#backlogs.delete(key);
      else this.#backlogs.set(key, kept);
    }
    this.#every *= 2;
  }
}

/** The backlogs of the latest samples of a window. */
export function backlogsOfWindow({
  streams,
}: Pick<ScanWindow, 'streams'>): ReadonlyMap<string, number> {
  const backlogs = new Map<string, number>();
  for (const { consumers } of streams) {
    for (const { stream, name, samples } of consumers) {
      const last = samples.at(-1);
      if (last !== undefined) backlogs.set(`${stream} ${name}`, last.pending + last.ackPending);
    }
  }
  return backlogs;
}

/** The backlogs of a report. */
export function backlogsOfReport({
  streams,
}: Pick<BacklogReport, 'streams'>): ReadonlyMap<string, number> {
  const backlogs = new Map<string, number>();
  for (const { consumers } of streams) {
    for (const { stream, name, facts } of consumers) {
      if (facts !== undefined) backlogs.set(`${stream} ${name}`, facts.backlog);
    }
  }
  return backlogs;
}
