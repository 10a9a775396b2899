import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { redeliveryDelayMs, verdictBody } from '../../../../src/core/message/verdict.js';

describe('redeliveryDelayMs', () => {
  it('doubles from a second to a minute', () => {
    const delays = [1, 2, 3, 6, 7, 8, 1_000].map((delivered) => redeliveryDelayMs(delivered));
    expect(delays).toEqual([1_000, 2_000, 4_000, 32_000, 60_000, 60_000, 60_000]);
  });

  it("keeps to the consumer's own backoff, whose last wait holds on", () => {
    const backoffNs = [5e9, 30e9];
    const delays = [1, 2, 3].map((delivered) => redeliveryDelayMs(delivered, backoffNs));
    expect(delays).toEqual([5_000, 30_000, 30_000]);
  });

  it('never shrinks', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), (delivered) => {
        expect(redeliveryDelayMs(delivered + 1)).toBeGreaterThanOrEqual(
          redeliveryDelayMs(delivered),
        );
      }),
    );
  });
});

describe('verdictBody', () => {
  it('is what the server reads', () => {
    expect(verdictBody({ type: 'ack' })).toBe('+ACK');
    expect(verdictBody({ type: 'nak', delayMs: 0 })).toBe('-NAK');
    expect(verdictBody({ type: 'nak', delayMs: 1_500 })).toBe('-NAK {"delay":1500000000}');
  });
});
