/** Sequences from one to another, both included. */
export interface SequenceRange {
  readonly from: number;
  readonly to: number;
}

/** More holes than these are counted, but not kept. */
const MOST_HOLES = 1_000;

/** Keeps account of the sequences of a recording, so that it can be shown that nothing was skipped. */
export class SequenceAccount {
  messages = 0;
  firstSeq: number | undefined;
  lastSeq: number | undefined;
  /** Sequences that were stepped over, in order; of very many only the first. */
  readonly holes: SequenceRange[] = [];
  /** How many holes there are, those included that were not kept. */
  holeCount = 0;
  #nextSeq: number | undefined;

  /** @param nextSeq the sequence that is due first, where that is known */
  constructor(nextSeq?: number) {
    this.#nextSeq = nextSeq;
  }

  add(seq: number): void {
    this.messages += 1;
    this.firstSeq ??= seq;
    this.lastSeq = seq;
    if (this.#nextSeq !== undefined && seq !== this.#nextSeq) {
      this.holeCount += 1;
      if (this.holes.length < MOST_HOLES) this.holes.push({ from: this.#nextSeq, to: seq - 1 });
    }
    this.#nextSeq = seq + 1;
  }
}
