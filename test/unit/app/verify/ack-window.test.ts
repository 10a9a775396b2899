import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { AckWindow } from '../../../../src/app/verify/ack-window.js';

describe('the window of acknowledgements', () => {
  it('agrees with a naive one, whatever the order of the answers', () => {
    const answers = fc.array(fc.tuple(fc.nat(60), fc.boolean()), { maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), answers, (size, steps) => {
        const window = new AckWindow(size);
        const waiting = new Map<number, number>();
        let next = 1;
        const floor = (): number => Math.min(next, ...waiting.keys());
        for (const [number, send] of steps) {
          if (send && window.room > 0) {
            window.sent(next, 10 * next, 10 * next);
            waiting.set(next, 10 * next);
            next += 1;
          } else {
            expect(window.settle(number)).toBe(waiting.get(number));
            waiting.delete(number);
          }
          expect(window.room).toBe(size - (next - floor()));
          expect(window.isEmpty).toBe(waiting.size === 0);
          const outstanding = [...window.outstanding()].map((one) => one.number);
          expect(outstanding).toEqual([...waiting.keys()]);
        }
      }),
    );
  });

  it('knows what was not heard until it was sent again', () => {
    const window = new AckWindow(4);
    window.sent(1, 5, 5);
    window.unheard(1, 7);
    expect([...window.outstanding()]).toEqual([
      { number: 1, sentAtMs: 5, triedAtMs: 7, unheard: true },
    ]);
    window.triedAgain(1, 9);
    expect([...window.outstanding()]).toEqual([
      { number: 1, sentAtMs: 5, triedAtMs: 9, unheard: false },
    ]);
    window.settle(1);
    window.unheard(1, 11);
    expect([...window.outstanding()]).toEqual([]);
  });
});
