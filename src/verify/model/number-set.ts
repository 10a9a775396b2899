/** Numbers from `from` to `to`, both included. */
export interface NumberRange {
  readonly from: number;
  readonly to: number;
}

/** Numbers per chunk. */
const CHUNK = 32_768;
const WORDS = CHUNK / 32;
const ALL = 0xffffffff;

interface Chunk {
  /** One bit per number; absent if all are in the set. */
  words: Uint32Array | undefined;
  size: number;
}

/**
 * A set of whole numbers from 0, optimized for long ranges: one bit per number, and almost no memory where all or none of
 * 32,768 neighbours are in the set.
 */
export class NumberSet {
  readonly #chunks: (Chunk | undefined)[] = [];
  #size = 0;
  #highest = -1;

  /** How many numbers are in the set. */
  get size(): number {
    return this.#size;
  }

  /** The largest number in the set; -1 if it is empty. */
  get highest(): number {
    return this.#highest;
  }

  /** @returns whether it was not in the set before */
  add(number: number): boolean {
    const index = Math.floor(number / CHUNK);
    const chunk = (this.#chunks[index] ??= { words: new Uint32Array(WORDS), size: 0 });
    if (chunk.words === undefined) return false;
    const bit = number % CHUNK;
    const before = chunk.words[bit >>> 5] ?? 0;
    const mask = 1 << (bit & 31);
    if ((before & mask) !== 0) return false;
    chunk.words[bit >>> 5] = before | mask;
    if (++chunk.size === CHUNK) chunk.words = undefined;
    this.#size += 1;
    if (number > this.#highest) this.#highest = number;
    return true;
  }

  addRange({ from, to }: NumberRange): void {
    let number = from;
    while (number <= to) {
      const index = Math.floor(number / CHUNK);
      const start = index * CHUNK;
      if (number === start && to >= start + CHUNK - 1) {
        this.#fill(index);
        number += CHUNK;
      } else {
        this.add(number);
        number += 1;
      }
    }
  }

  has(number: number): boolean {
    const chunk = this.#chunks[Math.floor(number / CHUNK)];
    if (chunk === undefined) return false;
    if (chunk.words === undefined) return true;
    const bit = number % CHUNK;
    return ((chunk.words[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0;
  }

  /** The numbers that are in this set and not in `other`, as ascending ranges. */
  *missingFrom(other: NumberSet): Generator<NumberRange> {
    let from = -1;
    let to = -1;
    for (const number of this.#numbersNotIn(other)) {
      if (number.from === to + 1 && from >= 0) {
        to = number.to;
        continue;
      }
      if (from >= 0) yield { from, to };
      ({ from, to } = number);
    }
    if (from >= 0) yield { from, to };
  }

  /** The numbers that are in all of `sets`; empty for no sets. */
  static common(sets: readonly NumberSet[]): NumberSet {
    const [first, ...others] = sets;
    const common = new NumberSet();
    if (first === undefined) return common;
    const kept = others.reduce((all, other) => intersection(all, other), first);
    for (const range of kept.missingFrom(new NumberSet())) common.addRange(range);
    return common;
  }

  #fill(index: number): void {
    const before = this.#chunks[index]?.size ?? 0;
    this.#chunks[index] = { words: undefined, size: CHUNK };
    this.#size += CHUNK - before;
    this.#highest = Math.max(this.#highest, (index + 1) * CHUNK - 1);
  }

  /** Splits a range at the boundaries of words, and at those of chunks if a whole chunk is covered. */
  *#numbersNotIn(other: NumberSet): Generator<NumberRange> {
    for (const [index, chunk] of this.#chunks.entries()) {
      if (chunk === undefined) continue;
      const theirs = other.#chunks[index];
      if (theirs !== undefined && theirs.words === undefined) continue;
      const start = index * CHUNK;
      if (chunk.words === undefined && theirs === undefined) {
        yield { from: start, to: start + CHUNK - 1 };
        continue;
      }
      for (let at = 0; at < WORDS; at++) {
        const mine = chunk.words === undefined ? ALL : (chunk.words[at] ?? 0);
        const left = mine & ~(theirs?.words?.[at] ?? 0);
        if (left !== 0) yield* bitRanges(left, start + 32 * at);
      }
    }
  }
}

function* bitRanges(word: number, base: number): Generator<NumberRange> {
  if (word >>> 0 === ALL) {
    yield { from: base, to: base + 31 };
    return;
  }
  for (let bit = 0; bit < 32; bit++) {
    if ((word & (1 << bit)) !== 0) yield { from: base + bit, to: base + bit };
  }
}

function intersection(one: NumberSet, other: NumberSet): NumberSet {
  const outside = new NumberSet();
  for (const range of one.missingFrom(other)) outside.addRange(range);
  const both = new NumberSet();
  for (const range of one.missingFrom(outside)) both.addRange(range);
  return both;
}
