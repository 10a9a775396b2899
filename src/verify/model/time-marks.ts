/** Marks closer than this, in milliseconds, tell nobody more. */
const FIRST_SPACING_MS = 20;
const MOST_MARKS = 65_536;

/**
 * When which number was sent, to a small part of a second, without a time for each number: marks at intervals that grow
 * with the length of the run, and a straight line between two of them.
 */
export class TimeMarks {
  #numbers: number[] = [];
  #timesMs: number[] = [];
  #spacingMs = FIRST_SPACING_MS;

  /** Marks that are kept. */
  get size(): number {
    return this.#numbers.length;
  }

  /** `timeMs`: milliseconds since the epoch. A number below the last one tells nothing new. */
  note(number: number, timeMs: number): void {
    const last = this.#timesMs.length - 1;
    if (number < (this.#numbers[last] ?? 0)) return;
    // The last mark moves along, so that what was sent last has its time as well.
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

  /** Milliseconds since the epoch; undefined when nothing was noted. */
  at(number: number): number | undefined {
    const above = this.#firstFrom(number);
    const right = this.#timesMs[above];
    const left = this.#timesMs[above - 1];
    if (right === undefined || left === undefined) return right ?? left;
    const low = this.#numbers[above - 1] ?? 0;
    const high = this.#numbers[above] ?? 0;
    return high === low ? right : left + ((right - left) * (number - low)) / (high - low);
  }

  /** Index of the first mark whose number is not below `number`. */
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
