/** Tells of a failure that may come at any time, also while nobody waits for it. */
export class FailureSignal {
  /** Rejects with the first failure; never resolves. */
  readonly failed: Promise<never>;
  #reject: (error: unknown) => void = () => undefined;
  #hasFailed = false;

  constructor() {
    this.failed = new Promise((_, reject) => (this.#reject = reject));
    // Otherwise the process would end when nobody waits for it.
    this.failed.catch(() => undefined);
  }

  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Only the first call counts. */
  fail(error: unknown): void {
    this.#hasFailed = true;
    this.#reject(error);
  }

  /** What the promise comes to, unless the failure is there before. */
  orFailed<T>(promise: Promise<T>): Promise<T> {
    return Promise.race([promise, this.failed]);
  }
}
