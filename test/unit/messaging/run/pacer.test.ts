import { afterEach, describe, expect, it, vi } from 'vitest';

import { Pacer } from '../../../../src/messaging/run/pacer.js';

const over = AbortSignal.abort();

function at(ms: number): void {
  vi.spyOn(performance, 'now').mockReturnValue(ms);
}

afterEach(() => void vi.restoreAllMocks());

describe('Pacer', () => {
  it('never waits without a limit', () => {
    const pacer = new Pacer({ type: 'unlimited' });
    expect([0, 1, 1_000_000].map((index) => pacer.untilDue(index, over))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('counts from the first message that is asked for, not from when it was made', () => {
    const pacer = new Pacer({ type: 'interval', intervalMs: 100 });
    at(5_000);
    expect(pacer.untilDue(0, over)).toBeUndefined();
    expect(pacer.untilDue(1, over)).toBeInstanceOf(Promise);
    at(5_099);
    expect(pacer.untilDue(1, over)).toBeInstanceOf(Promise);
    at(5_100);
    expect(pacer.untilDue(1, over)).toBeUndefined();
  });

  it('keeps to its plan: what is late is followed by the next ones at once', () => {
    const pacer = new Pacer({ type: 'rate', perSecond: 10 });
    at(0);
    expect(pacer.untilDue(0, over)).toBeUndefined();
    at(350);
    expect([1, 2, 3].map((index) => pacer.untilDue(index, over))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(pacer.untilDue(4, over)).toBeInstanceOf(Promise);
  });
});
