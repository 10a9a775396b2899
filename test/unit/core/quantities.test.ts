import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatByteSize,
  formatByteSizeExact,
  parseByteSize,
} from '../../../src/core/values/byte-size.js';
import { parseCount } from '../../../src/core/values/count.js';
import {
  formatDuration,
  formatDurationMs,
  formatDurationPrecise,
  parseDurationMs,
  parseDurationNs,
} from '../../../src/core/values/duration.js';
import { parseRate } from '../../../src/core/values/rate.js';
import { complaint } from '../../support/complaint.js';

describe('durations', () => {
  it.each([
    ['0', 0],
    ['0s', 0],
    ['1ns', 1e-6],
    ['5us', 0.005],
    ['5µs', 0.005],
    ['5μs', 0.005],
    ['250ms', 250],
    ['1.5s', 1500],
    ['.5s', 500],
    ['1h30m', 5_400_000],
    ['1m', 60_000],
    ['1M', 30 * 86_400_000],
    ['1w2d', 9 * 86_400_000],
    ['1Y', 365 * 86_400_000],
    ['0.1d', 8_640_000],
  ])('%s is %d ms', (text, expected) => {
    expect(parseDurationMs(text)).toBe(expected);
  });

  it('says what is wrong', () => {
    const bad = ['', '5', '1.5', '-5s', '5x', '1h30', 's', '1 h', '5s\u001b[2J', '1e3s'];
    expect(bad.map((text) => complaint(() => parseDurationNs(text)))).toMatchInlineSnapshot(`
      [
        "usage: the duration is empty | write a number and a unit: 250ms, 1.5s, 5m, 1h30m, 7d",
        "usage: invalid duration "5": it has no unit | did you mean 5s?",
        "usage: invalid duration "1.5": it has no unit | did you mean 1.5s?",
        "usage: invalid duration "-5s": it is negative | write a number and a unit: 250ms, 1.5s, 5m, 1h30m, 7d",
        "usage: invalid duration "5x": "5x" is not a number with a unit | write a number and a unit: 250ms, 1.5s, 5m, 1h30m, 7d",
        "usage: invalid duration "1h30": "30" is not a number with a unit | write a number and a unit: 250ms, 1.5s, 5m, 1h30m, 7d",
        "usage: invalid duration "s": "s" is not a number with a unit | write a number and a unit: 250ms, 1.5s, 5m, 1h30m, 7d",
        "usage: invalid duration "1 h": "1 h" is not a number with a unit | write a number and a unit: 250ms, 1.5s, 5m, 1h30m, 7d",
        "usage: invalid duration "5s\\x1b[2J": "\\x1b[2J" is not a number with a unit | write a number and a unit: 250ms, 1.5s, 5m, 1h30m, 7d",
        "usage: invalid duration "1e3s": "1e3s" is not a number with a unit | write a number and a unit: 250ms, 1.5s, 5m, 1h30m, 7d",
      ]
    `);
  });

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 19n }), (durationNs) => {
        expect(parseDurationNs(formatDurationPrecise(durationNs))).toBe(durationNs);
      }),
    );
  });

  it('is within 6 % when short', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1e18, noNaN: true }), (durationNs) => {
        const read = Number(parseDurationNs(formatDuration(durationNs)));
        expect(Math.abs(read - durationNs) / durationNs).toBeLessThan(
          durationNs < 3 ? 0.5 : durationNs < 100 ? 0.2 : 0.06,
        );
      }),
    );
  });

  it.each([
    [0, '0s'],
    [0.0003, '300ns'],
    [0.224, '224µs'],
    [0.9996, '1ms'],
    [12.34, '12.3ms'],
    [1.234, '1.23ms'],
    [999.7, '1s'],
    [1234, '1.2s'],
    [59_960, '1m'],
    [252_000, '4m12s'],
    [41 * 60_000 + 20_000, '41m'],
    [3_599_000, '1h'],
    [190 * 60_000, '3h10m'],
    [51 * 3_600_000, '2d3h'],
    [86_399_000, '1d'],
    [120.2 * 86_400_000, '120d'],
    [-1234, '-1.2s'],
    [Number.NaN, '–'],
  ])('%d ms is %s', (durationMs, expected) => {
    expect(formatDurationMs(durationMs)).toBe(expected);
  });
});

describe('byte sizes', () => {
  it.each([
    ['0', 0],
    ['128', 128],
    ['128B', 128],
    ['16K', 16_384],
    ['16kb', 16_384],
    ['16 KiB', 16_384],
    ['1.5MB', 1_572_864],
    ['1G', 2 ** 30],
    ['2TiB', 2 ** 41],
    ['0.3K', 307],
    ['1_000', 1000],
  ])('%s is %d', (text, expected) => {
    expect(parseByteSize(text)).toBe(expected);
  });

  it('says what is wrong', () => {
    const bad = ['', 'x', '-1', '1X', '1KK', '1e3', '9999P', 'Kb', '1iB2'];
    expect(bad.map((text) => complaint(() => parseByteSize(text)))).toMatchInlineSnapshot(`
      [
        "usage: invalid size "": it is not a number of bytes with an optional unit | write for example 512, 16K, 1.5MB or 1GiB; units are powers of 1024",
        "usage: invalid size "x": it is not a number of bytes with an optional unit | write for example 512, 16K, 1.5MB or 1GiB; units are powers of 1024",
        "usage: invalid size "-1": it is not a number of bytes with an optional unit | write for example 512, 16K, 1.5MB or 1GiB; units are powers of 1024",
        "usage: invalid size "1X": it is not a number of bytes with an optional unit | write for example 512, 16K, 1.5MB or 1GiB; units are powers of 1024",
        "usage: invalid size "1KK": it is not a number of bytes with an optional unit | write for example 512, 16K, 1.5MB or 1GiB; units are powers of 1024",
        "usage: invalid size "1e3": it is not a number of bytes with an optional unit | write for example 512, 16K, 1.5MB or 1GiB; units are powers of 1024",
        "usage: the size "9999P" is too large",
        "usage: invalid size "Kb": it is not a number of bytes with an optional unit | write for example 512, 16K, 1.5MB or 1GiB; units are powers of 1024",
        "usage: invalid size "1iB2": it is not a number of bytes with an optional unit | write for example 512, 16K, 1.5MB or 1GiB; units are powers of 1024",
      ]
    `);
  });

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (bytes) => {
        expect(parseByteSize(formatByteSizeExact(bytes))).toBe(bytes);
        const shown = parseByteSize(formatByteSize(Math.floor(bytes / 8))) * 8;
        expect(Math.abs(shown - bytes)).toBeLessThanOrEqual(bytes * 0.006 + 8);
      }),
    );
  });

  it.each([
    [0, '0 B'],
    [512, '512 B'],
    [1000, '0.98 KiB'],
    [1024, '1 KiB'],
    [1536, '1.5 KiB'],
    [20 * 2 ** 20, '20 MiB'],
    [123_456_789, '118 MiB'],
    [-2048, '-2 KiB'],
  ])('%d is %s', (bytes, expected) => {
    expect(formatByteSize(bytes)).toBe(expected);
  });
});

describe('counts', () => {
  it.each([
    ['0', 0],
    ['500', 500],
    ['1_000', 1000],
    ['500k', 500_000],
    ['1M', 1_000_000],
    ['1.1M', 1_100_000],
    ['2G', 2e9],
  ])('%s is %d', (text, expected) => {
    expect(parseCount(text)).toBe(expected);
  });

  it('says what is wrong', () => {
    const bad = ['', '1.5', '-1', '1__0', 'many', '99999999999G', '1.0001k', '1e6'];
    expect(bad.map((text) => complaint(() => parseCount(text)))).toMatchInlineSnapshot(`
      [
        "usage: invalid number "": it is not a whole number | write for example 500, 1_000, 500k or 1.5M",
        "usage: invalid number "1.5": it is not a whole number | write for example 500, 1_000, 500k or 1.5M",
        "usage: invalid number "-1": it is not a whole number | write for example 500, 1_000, 500k or 1.5M",
        "usage: invalid number "1__0": it is not a whole number | write for example 500, 1_000, 500k or 1.5M",
        "usage: invalid number "many": it is not a whole number | write for example 500, 1_000, 500k or 1.5M",
        "usage: the number "99999999999G" is too large",
        "usage: invalid number "1.0001k": it is not a whole number | write for example 500, 1_000, 500k or 1.5M",
        "usage: invalid number "1e6": it is not a whole number | write for example 500, 1_000, 500k or 1.5M",
      ]
    `);
  });

  it('reads every whole number', () => {
    fc.assert(fc.property(fc.maxSafeNat(), (count) => parseCount(String(count)) === count));
  });
});

describe('rates', () => {
  it.each([
    ['500', 500],
    ['10k', 10_000],
    ['1.5M', 1_500_000],
    ['100/s', 100],
    ['6000/m', 100],
    ['36k/h', 10],
    ['0.5', 0.5],
  ])('%s is %d per second', (text, expected) => {
    expect(parseRate(text)).toBe(expected);
  });

  it.each(['', '0', '-1', 'fast', '10/d', '1/', '1 k'])('refuses %j', (text) => {
    expect(complaint(() => parseRate(text))).toMatch(/^usage: invalid rate/);
  });
});
