import { describe, expect, it } from 'vitest';
import { isSame, SharedValues } from '../../../src/core/shared-values.js';

describe('shared values', () => {
  it('are one object for equal ones', () => {
    const shared = new SharedValues<object>();
    const first = { id: 'OK', evidence: { pending: 0 }, remedy: [] };
    expect(shared.share(first)).toBe(first);
    expect(shared.share({ id: 'OK', evidence: { pending: 0 }, remedy: [] })).toBe(first);
    const other = { id: 'OK', evidence: { pending: 1 }, remedy: [] };
    expect(shared.share(other)).toBe(other);
  });

  it('are remembered as many as wanted, the latest used', () => {
    const shared = new SharedValues<{ readonly n: number }>(2);
    const [a, b, c] = [{ n: 1 }, { n: 2 }, { n: 3 }];
    shared.share(a);
    shared.share(b);
    expect(shared.share({ n: 1 })).toBe(a);
    shared.share(c);
    expect(shared.share({ n: 1 })).toBe(a);
    expect(shared.share({ n: 2 })).not.toBe(b);
  });

  it.each([
    [{ a: undefined }, {}],
    [{ a: [1, 2] }, { a: [1] }],
    [{ a: { b: 1 } }, { a: { c: 1 } }],
    [{ a: null }, { a: {} }],
    [{ a: '1' }, { a: 1 }],
  ])('%j is not %j', (a, b) => {
    expect(isSame(a, b)).toBe(false);
    expect(isSame(b, a)).toBe(false);
    expect(isSame(a, structuredClone(a))).toBe(true);
  });
});
