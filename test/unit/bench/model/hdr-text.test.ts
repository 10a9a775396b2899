import { expect, it } from 'vitest';
import { hdrPercentileText } from '../../../../src/bench/model/hdr-text.js';
import {
  createHistogram,
  recordLatency,
} from '../../../../src/core/statistics/latency-histogram.js';

it('writes the percentile distribution in the format of HdrHistogram', () => {
  const histogram = createHistogram();
  for (let value = 1; value <= 8; value++) recordLatency(histogram, value * 1000);
  expect(hdrPercentileText(histogram)).toMatchInlineSnapshot(`
    "       Value     Percentile TotalCount 1/(1-Percentile)

           1.000 0.000000000000          1           1.00
           1.000 0.100000000000          1           1.11
           2.000 0.200000000000          2           1.25
           3.001 0.300000000000          3           1.43
           4.001 0.400000000000          4           1.67
           4.001 0.500000000000          4           2.00
           5.003 0.550000000000          5           2.22
           5.003 0.600000000000          5           2.50
           6.003 0.650000000000          6           2.86
           6.003 0.700000000000          6           3.33
           6.003 0.750000000000          6           4.00
           7.003 0.775000000000          7           4.44
           7.003 0.800000000000          7           5.00
           7.003 0.825000000000          7           5.71
           7.003 0.850000000000          7           6.67
           7.003 0.875000000000          7           8.00
           8.000 1.000000000000          8
    #[Mean    =        4.500, StdDeviation   =        2.292]
    #[Max     =        8.000, Total count    =            8]
    #[Buckets =           33, SubBuckets     =         2048]
    "
  `);
});

it('counts everything in its last row', () => {
  const histogram = createHistogram();
  for (let value = 1; value <= 100_000; value++) recordLatency(histogram, value * 37);
  const rows = hdrPercentileText(histogram)
    .split('\n')
    .filter((line) => /^ *\d/.test(line))
    .map((line) => line.trim().split(/ +/).map(Number));
  expect(rows.at(-1)).toEqual([3700, 1, 100_000]);
  for (const [value, fraction, total] of rows) {
    expect(total! / 100_000).toBeGreaterThanOrEqual(fraction! - 1e-9);
    expect(value! * 1000).toBeGreaterThanOrEqual(fraction! * 3_700_000 * 0.999 - 37);
  }
});

it('has a row even when nothing was recorded', () => {
  expect(hdrPercentileText(createHistogram())).toContain('0.000 1.000000000000          0');
});
