/** Marks closer than this, in milliseconds, would not be useful. */
const FIRST_SPACING_MS = 20;
const MOST_MARKS = 65_536;

/**
 * Times of sending, accurate to a fraction of a second, without storing a time for each number: marks at intervals that
 * grow with the length of the run, with linear interpolation.
 */
export class TimeMarks {
  #numbers: number[] = [];
  #timesMs: number[] = [];
  #spacingMs = FIRST_SPACING_MS;

  /** Number of marks that are kept. */
  get size(): number {
    return this.#numbers.length;
  }

  /** `timeMs`: milliseconds since the epoch. A number below the last one is ignored. */
  note(number: number, timeMs: number): void {
    const last = this.#timesMs.length - 1;
    if (number < (this.#numbers[last] ?? 0)) return;
    // The last mark moves, so that the last number also has its time.
    const close = last > 0 && timeMs - (this.#timesMs[last - 1] ?? 0) < this.#spacingMs;
    if (close) {
      this.#numbers[last] = number;
      this.#timesMs[last] = timeMs;
      return;
    }
    this.#numbers.push(number);
    this.#timesMs.push(timeMs);
    if (this.#numbers.length > MOST_MARKS) this.#thinOut();
  }

  /** Milliseconds since the epoch; undefined if nothing was noted. */
  at(number: number): number | undefined {
    const above = this.#firstFrom(number);
    const right = this.#timesMs[above];
    const left = this.#timesMs[above - 1];
    if (right === undefined || left === undefined) return right ?? left;
    const low = this.#numbers[above - 1] ?? 0;
    const high = this.#numbers[above] ?? 0;
    return high === low ? right : left + ((right - left) * (number - low)) / (high - low);
  }

  /** Index of the first mark with a number of at least `number`. */
  #firstFrom(number: number): number {
    let low = 0;
    let high = this.#numbers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#numbers[middle] ?? 0) < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #thinOut(): void {
    const last = this.#numbers.length - 1;
    const keep = (_: number, index: number): boolean => index % 2 === 0 || index === last;
    this.#numbers = this.#numbers.filter(keep);
    this.#timesMs = this.#timesMs.filter(keep);
    this.#spacingMs *= 2;
  }
}
