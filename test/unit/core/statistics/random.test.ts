import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillRandom, seededRandom } from '../../../../src/core/statistics/random.js';
import { fairSplit } from '../../../../src/core/statistics/statistics.js';

describe('seeded random', () => {
  it('fills every byte value about equally often', () => {
    const bytes = new Uint8Array(256 * 1000 + 3);
    fillRandom(bytes, seededRandom(42));
    const counts = new Array<number>(256).fill(0);
    for (const byte of bytes) counts[byte]! += 1;
    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(Math.max(...counts)).toBeLessThan(1150);
  });

  it('gives each stream of a seed its own numbers', () => {
    expect(seededRandom(1, 0)()).not.toBe(seededRandom(1, 1)());
    expect(seededRandom(1, 0)()).toBe(seededRandom(1, 0)());
  });
});

it('splits fairly: the sum is kept and no two shares differ by more than one', () => {
  fc.assert(
    fc.property(fc.nat(1_000_000), fc.integer({ min: 1, max: 100 }), (total, parts) => {
      const shares = fairSplit(total, parts);
      expect(shares).toHaveLength(parts);
      expect(shares.reduce((sum, share) => sum + share, 0)).toBe(total);
      expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
    }),
  );
});
