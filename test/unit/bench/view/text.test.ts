import { expect, it } from 'vitest';
import { compareReports } from '../../../../src/bench/model/compare.js';
import { compareSuites } from '../../../../src/bench/model/compare-suites.js';
import type {
  BenchReport,
  SaturationReport,
  SuiteReport,
} from '../../../../src/bench/model/report.js';
import { benchProgressText } from '../../../../src/bench/view/progress-text.js';
import { benchReportText } from '../../../../src/bench/view/report-text.js';
import { comparisonText, suiteComparisonText } from '../../../../src/bench/view/compare-text.js';
import { saturationText } from '../../../../src/bench/view/saturate-text.js';
import { suiteText } from '../../../../src/bench/view/suite-text.js';
import { createStyle } from '../../../../src/terminal/text/style.js';
import { examplePass, exampleReport } from '../model/example-report.js';

const options = { style: createStyle(false), width: undefined };

it('shows a report', () => {
  expect(benchReportText(exampleReport({}, [2000, 2100]), options)).toMatchInlineSnapshot(`
    "bench pubsub  publish and deliver to each subscriber: rate, one-way latency, loss
    wire engine · 1 publisher · 1 subscriber · size 128 B · flat out
    server 2.15.2, this machine, round trip 90µs; natsx 0.1.0, Node v20.20.2, 2 cores

    rate     2k msg/s  250 KiB/s  (2 passes: 2k msg/s to 2.1k msg/s, ± 3.4%)
    messages 1,000 sent, 1,000 received, none lost, duplicated or out of order in 500ms

    latency  publish to deliver, one way (closed loop: the load waits for the system)
        Min   Mean    p50    p90    p95    p99  p99.9  p99.99    Max
       80µs  120µs  110µs  150µs  160µs  200µs      –       –  912µs

    ≤ 131µs   ████████████████████████████████████████  90%
    ≤ 1.05ms  ████▌                                     10%

    verdict  The server limited it: natsx waited 71% of the time for the server to read.
    "
  `);
});

it('breaks no line of a terminal of 79 columns, and leaves out what it has no room for', () => {
  const times = { ...exampleReport().response!, minNs: 57_412, p9999Ns: 98_123_456 };
  const slow = { ...times, count: 1e6, maxNs: 99_123_456, p50Ns: 45_412_345, meanNs: 83_123_456 };
  const late = {
    ...slow,
    p90Ns: 91_423_456,
    p95Ns: 94_123_456,
    p99Ns: 96_923_456,
    p999Ns: 97_123_456,
  };
  const wide = exampleReport({ response: late, service: late });
  const conditions = { ...wide.conditions, targetRatePerS: 2_000, window: 10_000, tls: true };
  const text = benchReportText({ ...wide, conditions }, { ...options, width: 79 });
  const lines = text.split('\n');
  expect(lines.filter((line) => line.length > 79)).toEqual([]);
  expect(lines.find((line) => line.includes('p99.99'))).toContain('Max');
  expect(text).not.toContain('p95');
  expect(benchReportText({ ...wide, conditions }, options)).toContain('p95');
});

it('breaks all lines of a terminal of 80 columns between words', () => {
  const sentence =
    'The network or the server limited it: natsx waited 71% of the time with 10000 messages unanswered.';
  const series = Array.from({ length: 300 }, (_, second) => ({ second, sent: 9, received: 1e6 }));
  const report = exampleReport({
    series,
    errors: [{ kind: 'rejected', message: `${'a long message '.repeat(9)}ends`, count: 1234 }],
    notes: [
      'The server did not confirm the last messages: some of them may not have arrived, really.',
    ],
    outcome: 'failed',
    verdict: { bottleneck: 'network', sentence },
  });
  const suite = {
    schema: 'natsx.bench-suite/1',
    labels: ['publish'],
    reports: [report],
    skipped: [{ scenario: 'stream publish, one at a time', reason: 'JetStream is off '.repeat(5) }],
  } as const;
  const conditions = { ...report.conditions, natsxVersion: '0.2.0', cpuModel: 'x '.repeat(50) };
  const comparison = compareReports(report, { ...report, conditions }, true);
  const narrow = { ...options, width: 80 };
  const texts: readonly (readonly [narrow: string, wide: string])[] = [
    [benchReportText(report, narrow), benchReportText(report, options)],
    [suiteText(suite, narrow), suiteText(suite, options)],
    [comparisonText(comparison, narrow), comparisonText(comparison, options)],
  ];
  for (const [text, wide] of texts) {
    expect(wide.split('\n').some((line) => line.length > 80)).toBe(true);
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(text).not.toMatch(/…/);
  }
  expect(texts[0]![0].replaceAll(/\s+/g, ' ')).toContain(sentence);
});

it('shows what went wrong', () => {
  const report = exampleReport({
    totals: examplePass({ received: 990, lost: 10, duplicates: 2, outOfOrder: 1 }),
    errors: [{ kind: 'auth', message: 'publishing to "x" is not permitted', count: 3 }],
    outcome: 'failed',
    response: undefined,
  });
  const text = benchReportText(report, options);
  expect(text).toContain('10 lost, 2 duplicated, 1 out of order');
  expect(text).toContain('3 × publishing to "x" is not permitted');
  expect(text).toContain('ended by a failure');
});

it('shows the suite as one table', () => {
  const suite = {
    schema: 'natsx.bench-suite/1',
    labels: ['publish → subscribe'],
    reports: [exampleReport()],
    skipped: [{ scenario: 'stream publish', reason: 'JetStream is not enabled' }],
  } as const;
  expect(suiteText(suite, options)).toMatchInlineSnapshot(`
    "wire engine · size 128 · server 2.15.2, this machine, round trip 90µs; natsx 0.1.0, Node v20.20.2, 2 cores

    Scenario                 Rate       Data    p50    p99  Lost  Limited by
    publish → subscribe  2k msg/s  250 KiB/s  110µs  200µs     0  server

    skipped: stream publish: JetStream is not enabled

    verdict  The server limited it: natsx waited 71% of the time for the server to read.
    latencies are under full load; natsx bench pubsub --rate 10k shows them at a given rate
    "
  `);
});

it('shows a comparison', () => {
  const comparison = compareReports(
    exampleReport({}, [100, 101, 99]),
    exampleReport({}, [200, 201, 199]),
    false,
  );
  expect(comparisonText(comparison, options)).toMatchInlineSnapshot(`
    "Value             Old               New  Change       p  Verdict
    rate   100 msg/s ± 1%  200 msg/s ± 0.5%   +100%  <0.001  faster
    p50        110µs ± 0%        110µs ± 0%     +0%   1.000  no significant difference
    p90        150µs ± 0%        150µs ± 0%     +0%   1.000  no significant difference
    p99        200µs ± 0%        200µs ± 0%     +0%   1.000  no significant difference
    p999       400µs ± 0%        400µs ± 0%     +0%   1.000  no significant difference

    Welch's t-test over the repeats, two-sided, corrected for the number of values (Holm), p < 0.05, and a change of at least 1%
    "
  `);
});

it('shows two suites scenario after scenario, with short verdicts where there is little room', () => {
  const slower = exampleReport({}, [10, 11]);
  const faster = exampleReport({}, [20, 21]);
  const suite = (report: BenchReport, ...labels: string[]): SuiteReport => ({
    schema: 'natsx.bench-suite/1',
    labels,
    reports: labels.map(() => report),
    skipped: [],
  });
  const comparison = compareSuites(
    suite(slower, 'publish', 'gone'),
    suite(faster, 'publish', 'new'),
    false,
  );
  const narrow = suiteComparisonText(comparison, { ...options, width: 80 });
  expect(narrow).toMatch(/^publish\nValue /);
  expect(narrow).toContain('gone: only in the old suite\nnew: only in the new suite\n');
  expect(narrow).toContain('no difference\n');
  expect(
    Math.max(
      ...narrow
        .split('\n')
        .slice(0, 6)
        .map((line) => line.length),
    ),
  ).toBeLessThanOrEqual(80);
  expect(suiteComparisonText(comparison, options)).toContain('no significant difference');
});

it('says that no rate was tried, and that lower ones were not', () => {
  const report: SaturationReport = {
    schema: 'natsx.bench-saturate/1',
    conditions: undefined,
    objectives: ['p99<5ms'],
    steps: [],
    highest: undefined,
    knee: undefined,
    ended: 'interrupted',
  };
  expect(saturationText(report, options)).toBe('no step was completed\n');
  const step = { ratePerS: 9, achievedPerS: 5, p50Ns: 1, p99Ns: 2, held: false, reason: 'no' };
  expect(saturationText({ ...report, steps: [step], ended: 'out-of-time' }, options)).toContain(
    'the search ended early (out of time): a lower rate may hold',
  );
});

it('shows the curve of a saturation', () => {
  const step = { achievedPerS: 1000, p50Ns: 100_000, held: true, reason: undefined };
  const steps = [
    { ...step, ratePerS: 1000, p99Ns: 200_000 },
    { ...step, ratePerS: 4000, p99Ns: 9_000_000, held: false, reason: 'not p99<5ms' },
    { ...step, ratePerS: 2000, p99Ns: 210_000 },
  ];
  const [, , knee] = steps;
  const report = {
    schema: 'natsx.bench-saturate/1',
    conditions: undefined,
    objectives: ['p99<5ms'],
    steps,
    highest: knee,
    knee,
    ended: 'resolved',
  } as const;
  expect(saturationText(report, options)).toMatchInlineSnapshot(`
    "    Rate   Reached    p50    p99  p99, logarithmic
    1k msg/s  1k msg/s  100µs  200µs  █▌                              held
    2k msg/s  1k msg/s  100µs  210µs  █▉                              held, knee
    4k msg/s  1k msg/s  100µs    9ms  ██████████████████████████████  not p99<5ms

    highest rate that held p99<5ms: 2k msg/s; the latency starts to rise at 2k msg/s
    "
  `);
});

it('shows progress with the time that is left', () => {
  const progress = {
    phase: 'measuring',
    pass: 2,
    passes: 3,
    sent: 10,
    received: 10,
    ratePerS: 1_234_567,
    share: 0.4,
    elapsedNs: 2e9,
  } as const;
  expect(benchProgressText('bench pub', progress)).toBe(
    'bench pub · pass 2 of 3 · ████████             40% · 1.23M msg/s · 3s left',
  );
  expect(benchProgressText('bench pub', { ...progress, share: 0.999 })).toMatch(/ · 100ms left$/);
});
