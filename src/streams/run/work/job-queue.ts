type Begin = () => Promise<void>;

/** Runs so many pieces of work at the same time; the others wait for their turn. */
export class JobQueue {
  readonly #concurrency: number;
  readonly #ended: () => void;
  readonly #running = new Set<Promise<void>>();
  #waiting: Begin[] = [];

  /** @param ended called after each piece of work */
  constructor(concurrency: number, ended: () => void) {
    this.#concurrency = concurrency;
    this.#ended = ended;
  }

  get busy(): boolean {
    return this.#running.size > 0 || this.#waiting.length > 0;
  }

  /** @param begin never rejects */
  add(begin: Begin): void {
    this.#waiting.push(begin);
    this.#next();
  }

  /** Begins nothing more. */
  forgetWaiting(): void {
    this.#waiting = [];
  }

  /** Resolves when nothing runs and nothing waits. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #next(): void {
    if (this.#running.size >= this.#concurrency) return;
    const begin = this.#waiting.shift();
    if (begin === undefined) return;
    const running = begin().finally(() => {
      this.#running.delete(running);
      this.#next();
      this.#ended();
    });
    this.#running.add(running);
  }
}
