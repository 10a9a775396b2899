/** What the sequence numbers of one publisher show about the messages that one subscriber received. */
export interface SequenceFindings {
  readonly received: number;
  /** Numbers that arrived more than once. */
  readonly duplicates: number;
  /** Messages that arrived after a later one of the same publisher. */
  readonly outOfOrder: number;
  /** Numbers that were skipped and have not arrived. */
  readonly missing: number;
}

/** At most this many gaps are kept, so that memory stays bounded if most messages are lost. */
const MAX_GAPS = 4096;

interface Gap {
  /** First missing number. */
  from: number;
  /** The number after the last missing one. */
  to: number;
}

/**
 * Checks the sequence numbers of one publisher at one subscriber. Numbers have 32 bits and may wrap. The expected number
 * costs one comparison.
 */
export class SequenceCheck {
  #expected = 0;
  #received = 0;
  #duplicates = 0;
  #outOfOrder = 0;
  #missing = 0;
  readonly #gaps: Gap[] = [];

  /** @param sequence the low 32 bits of the publisher's count, from 0 */
  see(sequence: number): void {
    this.#received++;
    if (sequence === this.#expected) {
      this.#expected = (sequence + 1) >>> 0;
      return;
    }
    const ahead = (sequence - this.#expected) | 0;
    if (ahead > 0) this.#skipTo(sequence, ahead);
    else this.#late(sequence);
  }

  #skipTo(sequence: number, skipped: number): void {
    this.#missing += skipped;
    if (this.#gaps.length < MAX_GAPS) this.#gaps.push({ from: this.#expected, to: sequence });
    this.#expected = (sequence + 1) >>> 0;
  }

  #late(sequence: number): void {
    const index = this.#gaps.findIndex((gap) => sequence >= gap.from && sequence < gap.to);
    const gap = this.#gaps[index];
    if (gap === undefined) {
      this.#duplicates++;
      return;
    }
    this.#outOfOrder++;
    this.#missing--;
    const before = { from: gap.from, to: sequence };
    const after = { from: sequence + 1, to: gap.to };
    this.#gaps.splice(index, 1, ...[before, after].filter((part) => part.from < part.to));
  }

  findings(): SequenceFindings {
    return {
      received: this.#received,
      duplicates: this.#duplicates,
      outOfOrder: this.#outOfOrder,
      missing: this.#missing,
    };
  }
}

/**
 * A hash of 20 bits for each message of each publisher. If sent and received messages have the same count and the same
 * sum of hashes, no duplicate hides a loss (with an error of one in a million). Sums are exact up to eight billion
 * messages.
 */
export function sequenceMix(publisher: number, sequence: number): number {
  let mixed = Math.imul(sequence ^ Math.imul(publisher + 1, 0x9e3779b1), 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) & 0xfffff;
}
