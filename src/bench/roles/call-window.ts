/** A call that was answered. */
export interface AnsweredCall {
  readonly intendedNs: number;
  readonly sentNs: number;
}

const NOTHING = -1;

/** The calls of one client that are not answered yet, in as many places as the window has. */
export class CallWindow {
  readonly #size: number;
  readonly #numbers: Float64Array;
  readonly #intendedNs: Float64Array;
  readonly #sentNs: Float64Array;
  readonly #rounds: Float64Array;
  readonly #free: number[] = [];

  constructor(size: number) {
    this.#size = size;
    this.#numbers = new Float64Array(size).fill(NOTHING);
    this.#intendedNs = new Float64Array(size);
    this.#sentNs = new Float64Array(size);
    this.#rounds = new Float64Array(size);
    this.clear();
  }

  get hasRoom(): boolean {
    return this.#free.length > 0;
  }

  get outstanding(): number {
    return this.#size - this.#free.length;
  }

  /** Forgets all calls; late answers to them are not taken for answers to new ones. */
  clear(): void {
    this.#numbers.fill(NOTHING);
    this.#free.length = 0;
    for (let place = this.#size - 1; place >= 0; place--) this.#free.push(place);
  }

  /** Takes a place; there must be room. Numbers stay below 10^8, as a reply subject holds eight digits. */
  take(intendedNs: number, sentNs: number): number {
    const place = this.#free.pop() ?? 0;
    const rounds = Math.floor(1e8 / this.#size) - 1;
    const round = ((this.#rounds[place] ?? 0) + 1) % Math.max(1, rounds);
    this.#rounds[place] = round;
    const number = round * this.#size + place;
    this.#numbers[place] = number;
    this.#intendedNs[place] = intendedNs;
    this.#sentNs[place] = sentNs;
    return number;
  }

  /** Frees the place of an answered call; `undefined` when the answer came too late or twice. */
  answer(number: number): AnsweredCall | undefined {
    const place = number % this.#size;
    if (this.#numbers[place] !== number) return undefined;
    this.#release(place);
    return { intendedNs: this.#intendedNs[place] ?? 0, sentNs: this.#sentNs[place] ?? 0 };
  }

  /** Frees the places of calls sent before `oldestNs`; gives their number. */
  giveUp(oldestNs: number): number {
    let given = 0;
    for (let place = 0; place < this.#size; place++) {
      if (this.#numbers[place] === NOTHING || (this.#sentNs[place] ?? 0) >= oldestNs) continue;
      this.#release(place);
      given++;
    }
    return given;
  }

  #release(place: number): void {
    this.#numbers[place] = NOTHING;
    this.#free.push(place);
  }
}
