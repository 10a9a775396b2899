/** Sequences from one to another, both included. */
export interface SequenceRange {
  readonly from: number;
  readonly to: number;
}

/** Keeps account of the sequences of a recording, so that it can be shown that nothing was skipped. */
export class SequenceAccount {
  messages = 0;
  firstSeq: number | undefined;
  lastSeq: number | undefined;
  /** How many holes there are, taken ones included. */
  holeCount = 0;
  #nextSeq: number | undefined;
  // First and last sequence by turns: a stream may have a hole behind each message.
  #ends: number[] = [];

  /** @param nextSeq the sequence that is due first, where that is known */
  constructor(nextSeq?: number) {
    this.#nextSeq = nextSeq;
  }

  /** Holes that nobody has taken yet. */
  get openHoles(): number {
    return this.#ends.length / 2;
  }

  add(seq: number): void {
    this.messages += 1;
    this.firstSeq ??= seq;
    this.lastSeq = seq;
    if (this.#nextSeq !== undefined && seq !== this.#nextSeq) {
      this.holeCount += 1;
      this.#ends.push(this.#nextSeq, seq - 1);
    }
    this.#nextSeq = seq + 1;
  }

  /** Nothing more comes: what is due up to `lastSeq` is a hole. */
  end(lastSeq: number): void {
    const next = this.#nextSeq;
    if (next === undefined || next > lastSeq) return;
    this.holeCount += 1;
    this.#ends.push(next, lastSeq);
    this.#nextSeq = lastSeq + 1;
  }

  /** The open holes in order; they belong to the caller then, and are not kept any longer. */
  takeHoles(): Holes {
    const ends = this.#ends;
    this.#ends = [];
    return new Holes(ends);
  }
}

/** Sequences that were stepped over, in order. */
export class Holes {
  readonly #ends: readonly number[];

  /** @param ends first and last sequence of each by turns */
  constructor(ends: readonly number[]) {
    this.#ends = ends;
  }

  get count(): number {
    return this.#ends.length / 2;
  }

  *[Symbol.iterator](): Generator<SequenceRange> {
    for (let at = 0; at + 1 < this.#ends.length; at += 2) {
      yield { from: this.#ends[at] ?? 0, to: this.#ends[at + 1] ?? 0 };
    }
  }
}
