import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CallWindow } from '../../../../src/bench/run/roles/call-window.js';

describe('call window', () => {
  it('agrees with a map of outstanding calls', () => {
    const steps = fc.array(fc.oneof(fc.constant('send' as const), fc.nat(30)), { maxLength: 300 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 7 }),
        fc.constantFrom('fresh', 'stable'),
        steps,
        (size, numbering, actions) => {
          const window = new CallWindow(size, numbering);
          const model = new Map<number, number>();
          let time = 0;
          for (const action of actions) {
            time++;
            if (action === 'send') {
              expect(window.hasRoom).toBe(model.size < size);
              if (!window.hasRoom) continue;
              const number = window.take(time, time + 0.5);
              expect(model.has(number)).toBe(false);
              model.set(number, time);
            } else {
              const number = [...model.keys()][action % Math.max(1, model.size)] ?? action;
              const expected = model.get(number);
              const answered = window.answer(number);
              expect(answered?.intendedNs).toBe(expected);
              model.delete(number);
            }
            expect(window.outstanding).toBe(model.size);
          }
        },
      ),
    );
  });

  it('takes no late answer for the answer to a new call', () => {
    const window = new CallWindow(1, 'stable');
    const first = window.take(1, 1);
    expect(window.giveUp(2)).toBe(1);
    const second = window.take(3, 3);
    expect(window.answer(first)).toBeUndefined();
    expect(window.answer(second)).toEqual({ intendedNs: 3, sentNs: 3 });
    expect(window.answer(second)).toBeUndefined();
  });

  it('gives stable numbers again, and fresh ones never at once', () => {
    const numbersOf = (numbering: 'fresh' | 'stable'): readonly number[] => {
      const window = new CallWindow(2, numbering);
      return [1, 2, 3].map(() => {
        const number = window.take(0, 0);
        window.answer(number);
        return number;
      });
    };
    expect(new Set(numbersOf('stable')).size).toBe(1);
    expect(new Set(numbersOf('fresh')).size).toBe(3);
  });

  it('gives up only what is old', () => {
    const window = new CallWindow(3, 'stable');
    window.take(1, 10);
    window.take(1, 20);
    expect(window.giveUp(15)).toBe(1);
    expect(window.outstanding).toBe(1);
  });

  it('keeps its numbers within eight digits', () => {
    const window = new CallWindow(30_000_000, 'fresh');
    for (let call = 0; call < 20; call++) {
      const number = window.take(0, 0);
      expect(number).toBeLessThan(1e8);
      window.answer(number);
    }
  });
});
