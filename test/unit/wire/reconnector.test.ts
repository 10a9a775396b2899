import fc from 'fast-check';
import { expect, it } from 'vitest';
import { reconnectDelayMs } from '../../../src/wire/reconnector.js';

it('grows, spreads and stays below five seconds', () => {
  expect(reconnectDelayMs(1, 0)).toBe(0);
  expect(reconnectDelayMs(2, 1)).toBe(200);
  expect(reconnectDelayMs(4, 0)).toBe(400);
  expect(reconnectDelayMs(1000, 1)).toBe(5000);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e6 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (attempt, random) => {
        const delayMs = reconnectDelayMs(attempt, random);
        expect(delayMs).toBeGreaterThanOrEqual(0);
        expect(delayMs).toBeLessThanOrEqual(5000);
      },
    ),
  );
});
