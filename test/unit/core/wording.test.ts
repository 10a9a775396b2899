import { expect, it } from 'vitest';
import { bar, barChart } from '../../../src/terminal/text/bar.js';
import {
  formatCompact,
  formatCount,
  formatPercent,
  formatRate,
  formatThroughput,
  plural,
} from '../../../src/core/wording.js';
import { sparkline, trendLine } from '../../../src/terminal/text/sparkline.js';

it('writes counts', () => {
  expect([0, 999, 1234567, 1.4].map(formatCount)).toEqual(['0', '999', '1,234,567', '1']);
  expect([plural(1, 'message'), plural(2000, 'message'), plural(0, 'reply', 'replies')]).toEqual([
    '1 message',
    '2,000 messages',
    '0 replies',
  ]);
});

it.each([
  [0, '0'],
  [0.5, '0.5'],
  [12, '12'],
  [999, '999'],
  [999.7, '1k'],
  [1234, '1.23k'],
  [512_345, '512k'],
  [1_250_000, '1.25M'],
  [5e13, '50T'],
  [9e18, '9000000T'],
  [-1500, '-1.5k'],
])('%d in short is %s', (value, expected) => {
  expect(formatCompact(value)).toBe(expected);
});

it('writes rates', () => {
  expect(formatRate(512_000)).toBe('512k msg/s');
  expect(formatThroughput(64_172_851)).toBe('61.2 MiB/s');
});

it.each([
  [0, '0%'],
  [0.00001, '<0.1%'],
  [0.004, '0.4%'],
  [0.125, '12.5%'],
  [0.99999, '>99.9%'],
  [1, '100%'],
  [Number.NaN, '–'],
])('a share of %d is %s', (share, expected) => {
  expect(formatPercent(share)).toBe(expected);
});

it.each([
  ['a standing backlog is low and flat', [50_000, 50_003, 49_998, 50_001], '▁▁▁▁'],
  ['an empty one as well', [0, 0, 0], '▁▁▁'],
  ['a few messages more or less are not growth', [3, 4, 3, 4], '▁▂▁▂'],
  ['growth is visible on a large one', [50_000, 52_000, 55_000, 60_000], '▁▂▅█'],
  ['a drain goes down', [60_000, 40_000, 20_000, 0], '█▆▃▁'],
  ['a gap stays a gap', [0, Number.NaN, 20], '▁ █'],
])('the course of a value: %s', (_, values, line) => {
  expect(trendLine(values)).toBe(line);
});

it('draws sparklines', () => {
  expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7])).toBe('▁▂▃▄▅▆▇█');
  expect(sparkline([0, 7, Number.NaN, 3], true)).toBe('_# =');
  expect([sparkline([]), sparkline([0, 0]), sparkline([-1, 1])]).toEqual(['', '▁▁', '▁█']);
});

it('draws bars', () => {
  const width = 8;
  const drawn = [0, 0.0001, 0.5, 0.515625, 1, 7, Number.NaN].map((share) => bar(share, { width }));
  expect(drawn).toEqual(['', '▏', '████', '████▏', '████████', '████████', '']);
  expect(bar(0.5, { width, ascii: true })).toBe('####');
  const rows = [
    { label: 'worker 1', value: 20, text: '20' },
    { label: 'w2', value: 10, text: '10' },
  ];
  expect(barChart(rows, { width: 4, ascii: true })).toBe(
    'worker 1  ####  20\nw2        ##    10\n',
  );
  expect(barChart([], { width: 4 })).toBe('');
});
