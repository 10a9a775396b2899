import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SequenceCheck } from '../../../../src/bench/model/sequence-check.js';

function findings(sequences: readonly number[]): ReturnType<SequenceCheck['findings']> {
  const check = new SequenceCheck();
  for (const sequence of sequences) check.see(sequence);
  return check.findings();
}

describe('sequence check', () => {
  it.each([
    ['in order', [0, 1, 2, 3], { received: 4, duplicates: 0, outOfOrder: 0, missing: 0 }],
    ['a gap', [0, 1, 5], { received: 3, duplicates: 0, outOfOrder: 0, missing: 3 }],
    ['a duplicate', [0, 1, 1, 2], { received: 4, duplicates: 1, outOfOrder: 0, missing: 0 }],
    ['swapped', [0, 2, 1, 3], { received: 4, duplicates: 0, outOfOrder: 1, missing: 0 }],
    ['late and twice', [0, 3, 2, 2], { received: 4, duplicates: 1, outOfOrder: 1, missing: 1 }],
  ])('%s', (_, sequences, expected) => {
    expect(findings(sequences)).toEqual(expected);
  });

  it('agrees with a set that remembers everything', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(60), { maxLength: 200 }), (sequences) => {
        const seen = new Set<number>();
        let duplicates = 0;
        let outOfOrder = 0;
        let highest = -1;
        for (const sequence of sequences) {
          if (seen.has(sequence)) duplicates++;
          else if (sequence < highest) outOfOrder++;
          seen.add(sequence);
          highest = Math.max(highest, sequence);
        }
        expect(findings(sequences)).toEqual({
          received: sequences.length,
          duplicates,
          outOfOrder,
          missing: highest + 1 - seen.size,
        });
      }),
    );
  });
});
