const FREE = 0;
const WAITING = 1;
/** Nobody listened: it was certainly not stored, and may be sent again. */
const UNHEARD = 2;

type Slot = typeof FREE | typeof WAITING | typeof UNHEARD;

/** A message that waits for its acknowledgement. Times are on the clock of `performance.now()`. */
export interface Outstanding {
  readonly number: number;
  readonly sentAtMs: number;
  readonly triedAtMs: number;
  readonly unheard: boolean;
}

/**
 * The messages of one publisher whose acknowledgements are awaited: the numbers from the oldest of them to the newest
 * never span more than the window, so that a ring of fixed size holds them.
 */
export class AckWindow {
  readonly #size: number;
  readonly #slots: Uint8Array;
  readonly #sentAtMs: Float64Array;
  readonly #triedAtMs: Float64Array;
  #floor = 1;
  #next = 1;

  constructor(size: number) {
    this.#size = size;
    this.#slots = new Uint8Array(size);
    this.#sentAtMs = new Float64Array(size);
    this.#triedAtMs = new Float64Array(size);
  }

  /** How many more may be sent now. */
  get room(): number {
    return this.#size - (this.#next - this.#floor);
  }

  get isEmpty(): boolean {
    return this.#floor === this.#next;
  }

  /** Numbers must follow each other. */
  sent(number: number, sentAtMs: number, triedAtMs: number): void {
    const at = number % this.#size;
    this.#slots[at] = WAITING;
    this.#sentAtMs[at] = sentAtMs;
    this.#triedAtMs[at] = triedAtMs;
    this.#next = number + 1;
  }

  triedAgain(number: number, nowMs: number): void {
    if (!this.#holds(number)) return;
    this.#slots[number % this.#size] = WAITING;
    this.#triedAtMs[number % this.#size] = nowMs;
  }

  unheard(number: number, nowMs: number): void {
    if (!this.#holds(number)) return;
    this.#slots[number % this.#size] = UNHEARD;
    this.#triedAtMs[number % this.#size] = nowMs;
  }

  /** The wait is over. @returns when it was sent; undefined when nobody waited any more */
  settle(number: number): number | undefined {
    if (!this.#holds(number)) return undefined;
    this.#slots[number % this.#size] = FREE;
    while (this.#floor < this.#next && this.#slots[this.#floor % this.#size] === FREE) {
      this.#floor += 1;
    }
    return this.#sentAtMs[number % this.#size];
  }

  /** Those that wait, from the oldest on; settling them meanwhile is fine. */
  *outstanding(): Generator<Outstanding> {
    for (let number = this.#floor; number < this.#next; number++) {
      const at = number % this.#size;
      const slot = this.#slots[at] as Slot;
      if (number < this.#floor || slot === FREE) continue;
      const sentAtMs = this.#sentAtMs[at] ?? 0;
      const triedAtMs = this.#triedAtMs[at] ?? 0;
      yield { number, sentAtMs, triedAtMs, unheard: slot === UNHEARD };
    }
  }

  #holds(number: number): boolean {
    return (
      number >= this.#floor && number < this.#next && this.#slots[number % this.#size] !== FREE
    );
  }
}
