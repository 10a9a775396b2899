import { describe, expect, it } from 'vitest';

import { drawDelayMs, parseReplyDelay } from '../../../../src/core/values/reply-delay.js';
import { dueAtMs, dueCount } from '../../../../src/core/values/pace.js';
import { parseDelimiter } from '../../../../src/core/values/delimiter.js';
import { parseShare } from '../../../../src/core/values/count.js';

describe('delays', () => {
  it.each([
    ['20ms', { type: 'uniform', minMs: 20, maxMs: 20 }],
    ['1ms..20ms', { type: 'uniform', minMs: 1, maxMs: 20 }],
    ['1ms-20ms', { type: 'uniform', minMs: 1, maxMs: 20 }],
    ['uniform 1ms..1.5s', { type: 'uniform', minMs: 1, maxMs: 1500 }],
    ['exponential 10ms', { type: 'exponential', meanMs: 10 }],
    ['exponential mean 10ms', { type: 'exponential', meanMs: 10 }],
    ['exp:10ms', { type: 'exponential', meanMs: 10 }],
  ])('%j', (text, delay) => {
    expect(parseReplyDelay(text)).toEqual(delay);
  });

  it.each(['', 'soon', '20', '20ms..1ms', '..', 'exponential', '1ms..2ms..3ms'])(
    '%j is refused',
    (text) => {
      expect(() => parseReplyDelay(text)).toThrow(/^invalid delay/);
    },
  );

  it('are drawn from their distribution', () => {
    const draws = (text: string) =>
      Array.from({ length: 10_000 }, (_, at) =>
        drawDelayMs(parseReplyDelay(text), (at + 0.5) / 10_000),
      );
    const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    expect(mean(draws('exponential 10ms'))).toBeCloseTo(10, 1);
    expect(mean(draws('10ms..30ms'))).toBeCloseTo(20, 5);
    expect(new Set(draws('20ms'))).toEqual(new Set([20]));
  });
});

describe('shares, paces and delimiters', () => {
  it.each([
    ['0', 0],
    ['0.05', 0.05],
    ['.5', 0.5],
    ['5%', 0.05],
    ['100%', 1],
    ['1', 1],
  ])('%j', (text, share) => expect(parseShare(text)).toBeCloseTo(share));

  it.each(['', '2', '101%', '-1', 'x', '%'])('%j is no share', (text) => {
    expect(() => parseShare(text)).toThrow(/^invalid share/);
  });

  it('a rate and an interval keep to the plan, however late a message was', () => {
    expect(dueAtMs({ type: 'rate', perSecond: 50 }, 100)).toBe(2000);
    expect(dueAtMs({ type: 'interval', intervalMs: 250 }, 4)).toBe(1000);
    expect(dueAtMs({ type: 'unlimited' }, 1e9)).toBe(0);
  });

  it('counts what is due', () => {
    expect([-1, 0, 19, 20].map((ms) => dueCount({ type: 'rate', perSecond: 50 }, ms))).toEqual([
      0, 1, 1, 2,
    ]);
    expect([0, 249, 250].map((ms) => dueCount({ type: 'interval', intervalMs: 250 }, ms))).toEqual([
      1, 1, 2,
    ]);
    expect(dueCount({ type: 'interval', intervalMs: 0 }, 0)).toBe(Infinity);
    expect(dueCount({ type: 'unlimited' }, 0)).toBe(Infinity);
  });

  it.each([
    ['newline', '\n'],
    ['NUL', '\0'],
    ['none', ''],
    ['\\r\\n', '\r\n'],
    ['--', '--'],
    ['\\\\', '\\'],
  ])('delimiter %j', (text, bytes) => {
    expect(Buffer.from(parseDelimiter(text)).toString()).toBe(bytes);
  });

  it('an unknown escape is refused', () => {
    expect(() => parseDelimiter('\\x')).toThrow(/unknown escape/);
  });
});
