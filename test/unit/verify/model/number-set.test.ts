import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { NumberSet, type NumberRange } from '../../../../src/verify/model/number-set.js';

const numbers = fc.array(fc.integer({ min: 0, max: 70_000 }), { maxLength: 60 });
const ranges = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 120_000 }), fc.integer({ min: 0, max: 40_000 })),
  { maxLength: 4 },
);

function setOf(singles: readonly number[], spans: readonly (readonly [number, number])[] = []) {
  const set = new NumberSet();
  const naive = new Set<number>();
  for (const number of singles) {
    expect(set.add(number)).toBe(!naive.has(number));
    naive.add(number);
  }
  for (const [from, length] of spans) {
    set.addRange({ from, to: from + length });
    for (let number = from; number <= from + length; number++) naive.add(number);
  }
  return { set, naive };
}

function rangesOf(sorted: readonly number[]): readonly NumberRange[] {
  const found: { from: number; to: number }[] = [];
  for (const number of sorted) {
    const last = found.at(-1);
    if (last?.to === number - 1) last.to = number;
    else found.push({ from: number, to: number });
  }
  return found;
}

const sorted = (set: Iterable<number>): number[] => [...set].sort((one, other) => one - other);

describe('a set of numbers', () => {
  it('agrees with a naive one', () => {
    fc.assert(
      fc.property(numbers, ranges, numbers, (singles, spans, asked) => {
        const { set, naive } = setOf(singles, spans);
        expect(set.size).toBe(naive.size);
        expect(set.highest).toBe(sorted(naive).at(-1) ?? -1);
        for (const number of [...asked, ...singles])
          expect(set.has(number)).toBe(naive.has(number));
      }),
      { numRuns: 20 },
    );
  });

  it('tells what another lacks, in as few ranges as possible', () => {
    fc.assert(
      fc.property(numbers, ranges, numbers, ranges, (a, b, c, d) => {
        const one = setOf(a, b);
        const other = setOf(c, d);
        const lacking = sorted(one.naive).filter((number) => !other.naive.has(number));
        expect([...one.set.missingFrom(other.set)]).toEqual(rangesOf(lacking));
      }),
      { numRuns: 20 },
    );
  });

  it('finds what several have in common', () => {
    fc.assert(
      fc.property(ranges, ranges, numbers, (a, b, c) => {
        const sets = [setOf([], a), setOf(c, b), setOf(c, a)];
        const common = sorted(sets[0]!.naive).filter((number) =>
          sets.every(({ naive }) => naive.has(number)),
        );
        const found = NumberSet.common(sets.map(({ set }) => set));
        expect([...found.missingFrom(new NumberSet())]).toEqual(rangesOf(common));
      }),
      { numRuns: 20 },
    );
    expect(NumberSet.common([]).size).toBe(0);
  });

  it('stays small while it fills up', () => {
    const set = new NumberSet();
    set.addRange({ from: 1, to: 3_000_000_000 });
    expect(set.size).toBe(3_000_000_000);
    expect(set.add(2_999_999_999)).toBe(false);
    expect(set.add(3_000_000_001)).toBe(true);
  });
});
