/** Signals a failure that may happen at any time, also while nothing is waiting for it. */
export class FailureSignal {
  /** Rejects with the first failure; never resolves. */
  readonly failed: Promise<never>;
  #reject: (error: unknown) => void = () => undefined;
  #hasFailed = false;

  constructor() {
    this.failed = new Promise((_, reject) => (this.#reject = reject));
    // Otherwise the process would end when nothing is waiting for it.
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

  /** The result of the promise, unless the failure happens first. */
  orFailed<T>(promise: Promise<T>): Promise<T> {
    return Promise.race([promise, this.failed]);
  }
}
