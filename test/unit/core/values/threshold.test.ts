import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crosses, parseThreshold } from '../../../../src/core/values/threshold.js';

const FIELDS = { backlog: Number, p99: Number };
const parse = (text: string) => parseThreshold(text, FIELDS, 'backlog>1');

describe('a threshold', () => {
  it.each([
    ['backlog>10', 11, true],
    ['backlog>10', 10, false],
    ['backlog >= 10', 10, true],
    ['backlog<10', 9, true],
    ['backlog<=10', 11, false],
  ])('%s, value %d', (text, value, crossed) => {
    expect(crosses(parse(text), value)).toBe(crossed);
  });

  it('compares with an earlier run', () => {
    expect(crosses(parse('p99>baseline+10%'), 111, 100)).toBe(true);
    expect(crosses(parse('p99>baseline+10%'), 109, 100)).toBe(false);
    expect(crosses(parse('p99<baseline-5%'), 94, 100)).toBe(true);
    expect(crosses(parse('p99>baseline'), 101, 100)).toBe(true);
  });

  it('is undecided without a value or the baseline that it names', () => {
    expect(crosses(parse('backlog>10'), undefined)).toBeUndefined();
    expect(crosses(parse('p99>baseline'), 1)).toBeUndefined();
  });

  it.each(['backlog', '>10', 'backlog>', 'backlog=10', 'constructor>1', 'other>1'])(
    'refuses %s',
    (text) => {
      expect(() => parse(text)).toThrow(expect.objectContaining({ kind: 'usage' }));
    },
  );

  it('agrees with the comparison that it is made of', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (limit, value) => {
        expect(crosses(parse(`backlog>${String(limit)}`), value)).toBe(value > limit);
        expect(crosses(parse(`backlog<=${String(limit)}`), value)).toBe(value <= limit);
      }),
    );
  });
});
