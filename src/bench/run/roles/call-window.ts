import { REPLY_NUMBERS } from '../../../wire/reply-inbox.js';

/** A call that was answered. */
export interface AnsweredCall {
  readonly intendedNs: number;
  readonly sentNs: number;
}

const NOTHING = -1;

/** When a slot gets a new number: at each call, or only after a call that was not answered. */
export type Numbering = 'fresh' | 'stable';

/**
 * The unanswered calls of one client, with one slot for each place in the window. Numbers are part of the reply
 * subjects: if each call has exactly one answer, stable numbers let the server use its cached routes.
 */
export class CallWindow {
  readonly #size: number;
  readonly #numbering: Numbering;
  readonly #numbers: Float64Array;
  readonly #intendedNs: Float64Array;
  readonly #sentNs: Float64Array;
  readonly #rounds: Float64Array;
  readonly #free: number[] = [];

  constructor(size: number, numbering: Numbering) {
    this.#size = size;
    this.#numbering = numbering;
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

  /** Forgets all calls; late answers are not mistaken for answers to new calls. */
  clear(): void {
    this.#free.length = 0;
    for (let place = this.#size - 1; place >= 0; place--) {
      if (this.#numbers[place] !== NOTHING) this.#renumber(place);
      this.#release(place);
    }
  }

  /** Takes a free slot, which must exist, and returns the number of the call. */
  take(intendedNs: number, sentNs: number): number {
    const place = this.#free.pop() ?? 0;
    if (this.#numbering === 'fresh') this.#renumber(place);
    const number = (this.#rounds[place] ?? 0) * this.#size + place;
    this.#numbers[place] = number;
    this.#intendedNs[place] = intendedNs;
    this.#sentNs[place] = sentNs;
    return number;
  }

  /** Frees the slot of an answered call; `undefined` if the answer was late or repeated. */
  answer(number: number): AnsweredCall | undefined {
    const place = number % this.#size;
    if (this.#numbers[place] !== number) return undefined;
    this.#release(place);
    return { intendedNs: this.#intendedNs[place] ?? 0, sentNs: this.#sentNs[place] ?? 0 };
  }

  /** Frees the slots of calls sent before `oldestNs`; returns how many. */
  giveUp(oldestNs: number): number {
    let given = 0;
    for (let place = 0; place < this.#size; place++) {
      if (this.#numbers[place] === NOTHING || (this.#sentNs[place] ?? 0) >= oldestNs) continue;
      this.#renumber(place);
      this.#release(place);
      given++;
    }
    return given;
  }

  #renumber(place: number): void {
    const rounds = Math.max(1, Math.floor(REPLY_NUMBERS / this.#size) - 1);
    this.#rounds[place] = ((this.#rounds[place] ?? 0) + 1) % rounds;
  }

  #release(place: number): void {
    this.#numbers[place] = NOTHING;
    this.#free.push(place);
  }
}
