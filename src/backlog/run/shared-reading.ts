import type { BacklogReport } from '../model/report.js';

/** One reading at a time, shared by all who ask during it and shortly after. */
export class SharedReading {
  readonly #read: () => Promise<BacklogReport>;
  readonly #cacheMs: number;
  #running: Promise<BacklogReport> | undefined;
  #last: BacklogReport | undefined;
  #freshUntilMs = 0;

  /** @param cacheMs how long a report is the answer to further questions */
  constructor(read: () => Promise<BacklogReport>, cacheMs: number) {
    this.#read = read;
    this.#cacheMs = cacheMs;
  }

  /** When the next reading may begin, by the monotonic clock. */
  get freshUntilMs(): number {
    return this.#freshUntilMs;
  }

  get(): Promise<BacklogReport> {
    if (this.#last !== undefined && performance.now() < this.#freshUntilMs) {
      return Promise.resolve(this.#last);
    }
    this.#running ??= this.#next().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #next(): Promise<BacklogReport> {
    const report = await this.#read();
    this.#last = report;
    this.#freshUntilMs = performance.now() + this.#cacheMs;
    return report;
  }
}
