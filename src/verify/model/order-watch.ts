/**
 * Finds what one reader gets too late: a message after one with a higher number of the same publisher on the same
 * subject. Order is promised to one reader only, so each has its own watch.
 */
export class OrderWatch {
  readonly #bySubject = new Map<string, number[]>();
  #subject: string | undefined;
  #highest: number[] = [];

  /** @returns whether a higher number was there before. Only first copies should be shown. */
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
