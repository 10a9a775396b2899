import { NumberSet } from './number-set.js';

/** A message that arrived with a wrong checksum; publisher and number are read from it, and may be wrong. */
export interface Corruption {
  readonly publisher: number;
  readonly number: number;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

/** Number of corrupted messages that are listed; all are counted. */
const MOST_PLACES = 1_000;

interface Seen {
  readonly once: NumberSet;
  readonly again: NumberSet;
}

/**
 * What has arrived at one receiver: a single subscriber, all members of a queue group, or all readers of a consumer, since
 * each of these should get each message once.
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

  /** Intact messages, each counted once. */
  get distinct(): number {
    return this.#distinct;
  }

  /** All messages of the run that arrived, including copies and corrupted ones. */
  get arrivals(): number {
    return this.#whole + this.#corrupted;
  }

  /** Further intact copies of messages that had already arrived. */
  get copies(): number {
    return this.#whole - this.#distinct;
  }

  get corrupted(): number {
    return this.#corrupted;
  }

  get outOfOrder(): number {
    return this.#outOfOrder;
  }

  /** Publishers of which messages arrived. */
  get publishers(): readonly number[] {
    return this.#seen.flatMap((seen, publisher) => (seen === undefined ? [] : [publisher]));
  }

  /** Adds an intact message; the hot path. @returns whether it is the first copy */
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

  /** Numbers of a publisher that arrived intact. */
  seen(publisher: number): NumberSet {
    return this.#seen[publisher]?.once ?? new NumberSet();
  }

  /** Numbers of a publisher that arrived intact more than once. */
  repeated(publisher: number): NumberSet {
    return this.#seen[publisher]?.again ?? new NumberSet();
  }
}
