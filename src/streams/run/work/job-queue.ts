type Start = () => Promise<void>;

/** Runs a limited number of jobs at the same time; the others wait for their turn. */
export class JobQueue {
  readonly #concurrency: number;
  readonly #ended: () => void;
  readonly #running = new Set<Promise<void>>();
  #waiting: Start[] = [];

  /** @param ended called after each job */
  constructor(concurrency: number, ended: () => void) {
    this.#concurrency = concurrency;
    this.#ended = ended;
  }

  get busy(): boolean {
    return this.#running.size > 0 || this.#waiting.length > 0;
  }

  /** @param start never rejects */
  add(start: Start): void {
    this.#waiting.push(start);
    this.#next();
  }

  /** Drops jobs that have not started. */
  forgetWaiting(): void {
    this.#waiting = [];
  }

  /** Resolves when no job is running or waiting. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #next(): void {
    if (this.#running.size >= this.#concurrency) return;
    const start = this.#waiting.shift();
    if (start === undefined) return;
    const running = start().finally(() => {
      this.#running.delete(running);
      this.#next();
      this.#ended();
    });
    this.#running.add(running);
  }
}
