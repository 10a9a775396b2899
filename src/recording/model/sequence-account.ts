import type { StreamState } from '../../streams/model/stream-info.js';

/** Sequences from one to another, both included. */
export interface SequenceRange {
  readonly from: number;
  readonly to: number;
}

/** Keeps track of the sequences of a recording, to prove that nothing was skipped. */
export class SequenceAccount {
  messages = 0;
  firstSeq: number | undefined;
  lastSeq: number | undefined;
  /** Number of holes, including those that were taken. */
  holeCount = 0;
  #nextSeq: number | undefined;
  // First and last sequence of each hole, alternating: a stream may have a hole after each message.
  #ends: number[] = [];

  /** @param nextSeq the first expected sequence, if known */
  constructor(nextSeq?: number) {
    this.#nextSeq = nextSeq;
  }

  /** Holes that have not been taken yet. */
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

  /** No more messages follow: the expected sequences up to `lastSeq` are a hole. */
  end(lastSeq: number): void {
    const next = this.#nextSeq;
    if (next === undefined || next > lastSeq) return;
    this.holeCount += 1;
    this.#ends.push(next, lastSeq);
    this.#nextSeq = lastSeq + 1;
  }

  /** The open holes in order; they belong to the caller and are not kept here. */
  takeHoles(): Holes {
    const ends = this.#ends;
    this.#ends = [];
    return new Holes(ends);
  }
}

/** Skipped sequences, in order. */
export class Holes {
  readonly #ends: readonly number[];

  /** @param ends first and last sequence of each hole, alternating */
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

/**
 * What a stream has where a recording has holes: messages that were skipped.
 *
 * @param state with `deleted`: the sequences between its first and its last that it does not have
 * @param holes in order
 * @returns in order, adjacent sequences as one range
 */
export function presentInHoles(
  { first_seq: firstSeq, last_seq: lastSeq, deleted }: StreamState,
  holes: Iterable<SequenceRange>,
): readonly SequenceRange[] {
  const present: SequenceRange[] = [];
  const gone = deleted ?? [];
  let next = 0;
  for (const hole of holes) {
    let seq = Math.max(hole.from, firstSeq);
    const to = Math.min(hole.to, lastSeq);
    while (next < gone.length && (gone[next] ?? 0) < seq) next += 1;
    while (seq <= to) {
      const deletedSeq = gone[next] ?? Infinity;
      if (deletedSeq > seq) present.push({ from: seq, to: Math.min(to, deletedSeq - 1) });
      seq = deletedSeq + 1;
      if (deletedSeq <= to) next += 1;
    }
  }
  return present;
}
