import { NumberSet } from './number-set.js';

/** A message that arrived with a wrong checksum; publisher and number are what the spoilt message says. */
export interface Corruption {
  readonly publisher: number;
  readonly number: number;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

/** Places of corrupted messages that are kept; all are counted. */
const MOST_PLACES = 1_000;

interface Seen {
  readonly once: NumberSet;
  readonly again: NumberSet;
}

/**
 * What has arrived at one receiver: a subscriber of its own, all members of a queue group, or all readers of a consumer,
 * since these together should get each message once.
 */
export class ReceiverTally {
  readonly name: string;
  readonly corruptions: Corruption[] = [];
  /** By publisher. */
  readonly #seen: (Seen | undefined)[] = [];
  #whole = 0;
  #distinct = 0;
  #corrupted = 0;
  #outOfOrder = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** Whole messages, each counted once. */
  get distinct(): number {
    return this.#distinct;
  }

  /** Everything of the run that came, copies and corrupted ones included. */
  get arrivals(): number {
    return this.#whole + this.#corrupted;
  }

  /** Whole messages beyond the first of each. */
  get copies(): number {
    return this.#whole - this.#distinct;
  }

  get corrupted(): number {
    return this.#corrupted;
  }

  get outOfOrder(): number {
    return this.#outOfOrder;
  }

  /** Publishers that something came from. */
  get publishers(): readonly number[] {
    return this.#seen.flatMap((seen, publisher) => (seen === undefined ? [] : [publisher]));
  }

  /** A whole message; the hot path. @returns whether it is the first copy */
  arrived(publisher: number, number: number): boolean {
    this.#whole += 1;
    const seen = (this.#seen[publisher] ??= { once: new NumberSet(), again: new NumberSet() });
    if (!seen.once.add(number)) {
      seen.again.add(number);
      return false;
    }
    this.#distinct += 1;
    return true;
  }

  arrivedLate(): void {
    this.#outOfOrder += 1;
  }

  arrivedCorrupted(place: Corruption): void {
    this.#corrupted += 1;
    if (this.corruptions.length < MOST_PLACES) this.corruptions.push(place);
  }

  /** Numbers of a publisher that arrived whole. */
  seen(publisher: number): NumberSet {
    return this.#seen[publisher]?.once ?? new NumberSet();
  }

  /** Numbers of a publisher that arrived whole more than once. */
  repeated(publisher: number): NumberSet {
    return this.#seen[publisher]?.again ?? new NumberSet();
  }
}
