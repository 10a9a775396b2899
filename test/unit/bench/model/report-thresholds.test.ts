import { describe, expect, it } from 'vitest';
import { coarseDistribution } from '../../../../src/bench/model/distribution.js';
import {
  createHistogram,
  recordLatency,
} from '../../../../src/core/statistics/latency-histogram.js';
import {
  checkThresholds,
  crossedThresholds,
  failIfCrossed,
  parseBenchThreshold,
} from '../../../../src/bench/model/report-thresholds.js';
import { makePlan } from '../../../../src/bench/model/make-plan.js';
import type { BenchPlan } from '../../../../src/bench/model/plan.js';
import type { BenchRequest } from '../../../../src/bench/model/request.js';
import { defaultSuite } from '../../../../src/bench/model/suite.js';
import { examplePass, exampleReport } from './example-report.js';

const report = exampleReport();

function planOf(request: Partial<BenchRequest>): BenchPlan {
  return makePlan({ scenario: 'pubsub', runId: 'r', cores: 2, ...request });
}

function crossed(texts: readonly string[], baseline = exampleReport()): readonly string[] {
  return crossedThresholds(report, texts.map(parseBenchThreshold), baseline).map(
    ({ text }) => text,
  );
}

describe('thresholds of a report', () => {
  it.each([
    ['rate<2001', true],
    ['rate<2k', false],
    ['rate>=2k', true],
    ['p99>199us', true],
    ['p99>200us', false],
    ['max>912us', true],
    ['mean<=120us', true],
    ['lost>0', false],
    ['p50>baseline+10%', false],
    ['p50>=baseline', true],
    ['rate<baseline+1%', true],
  ])('%s: %s', (text, expected) => {
    expect(crossed([text])).toEqual(expected ? [text] : []);
  });

  it('compares with an earlier run', () => {
    const slower = exampleReport({ totals: examplePass({ ratePerS: 3000 }) });
    expect(crossed(['rate<baseline-10%'], slower)).toEqual(['rate<baseline-10%']);
  });

  it('cannot judge what was not measured', () => {
    const pub = exampleReport({ response: undefined });
    expect(() => crossedThresholds(pub, [parseBenchThreshold('p99>1ms')], undefined)).toThrow(
      expect.objectContaining({ kind: 'usage' }),
    );
    expect(() =>
      crossedThresholds(report, [parseBenchThreshold('p99>baseline')], undefined),
    ).toThrow('no baseline');
  });

  it.each([
    ['pub', 'p99>1ms', undefined, 'bench pub measures no latency'],
    ['pubsub', 'p99>baseline', undefined, 'needs a baseline'],
    [
      'request',
      'rate<5',
      exampleReport(),
      'the baseline is a report of bench pubsub, not of bench request',
    ],
    ['pubsub', 'p99>baseline', exampleReport({ response: undefined }), 'the baseline has no p99'],
  ] as const)('are refused before the run: %s %s', (scenario, text, baseline, message) => {
    const plan = planOf({ scenario });
    expect(() => checkThresholds(plan, [parseBenchThreshold(text)], baseline)).toThrow(message);
  });

  it.each<[Partial<BenchRequest>, string | undefined]>([
    [{ size: { kind: 'fixed', bytes: 13 } }, 'bodies of less than 14 bytes carry no send time'],
    [{ size: { kind: 'range', minBytes: 4, maxBytes: 99 } }, 'bodies of less than 14 bytes'],
    [{ payload: Buffer.alloc(99) }, 'bodies from a file carry no send time'],
    [{ size: { kind: 'fixed', bytes: 14 } }, undefined],
    [{ scenario: 'request', size: { kind: 'fixed', bytes: 0 } }, undefined],
  ])('need bodies that carry a time: %j', (request, message) => {
    const check = (): void =>
      checkThresholds(planOf(request), [parseBenchThreshold('p99>1ms')], undefined);
    if (message === undefined) expect(check).not.toThrow();
    else expect(check).toThrow(message);
  });

  it.each([
    ['pub', 'rate<5'],
    ['pub', 'lost>0'],
    ['pubsub', 'p99>baseline+5%'],
    ['js-get', 'max>1s'],
  ] as const)('can be judged: %s %s', (scenario, text) => {
    const baseline = scenario === 'pubsub' ? exampleReport() : undefined;
    const plan = planOf({ scenario });
    expect(() => checkThresholds(plan, [parseBenchThreshold(text)], baseline)).not.toThrow();
  });

  it('fails with all that are crossed', () => {
    expect(() =>
      failIfCrossed([parseBenchThreshold('rate<3k'), parseBenchThreshold('p99>1us')]),
    ).toThrow(expect.objectContaining({ kind: 'unhealthy', message: 'crossed: rate<3k, p99>1us' }));
    expect(() => failIfCrossed([])).not.toThrow();
  });
});

it('the default suite has names of its own for everything, and ends within half a minute', () => {
  const suite = defaultSuite({
    runId: 'abc',
    cores: 2,
    engine: undefined,
    durationMs: 1200,
    size: undefined,
  });
  expect(suite.map(({ plan }) => plan.scenario)).toEqual(
    expect.arrayContaining(['pub', 'sub', 'pubsub', 'queue', 'request', 'js-pub', 'js-consume']),
  );
  const subjects = suite.map(({ plan }) => plan.subject);
  expect(new Set(subjects).size).toBe(suite.length);
  expect(subjects.every((subject) => subject.startsWith('natsx.bench.abc'))).toBe(true);
  const timedMs = suite.map(
    ({ plan }) => plan.warmupMs + (plan.goal.kind === 'duration' ? plan.goal.durationMs : 2000),
  );
  expect(timedMs.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(20_000);
});

it('the coarse distribution keeps every count and has no holes', () => {
  const histogram = createHistogram();
  for (let exponent = 0; exponent < 40; exponent += 3) recordLatency(histogram, 2 ** exponent);
  const points = coarseDistribution(histogram);
  expect(points.reduce((sum, point) => sum + point.count, 0)).toBe(14);
  const ratios = points.slice(1).map((point, index) => point.upToNs / points[index]!.upToNs);
  expect(Math.max(...ratios.slice(30))).toBeLessThan(1.2);
  expect(coarseDistribution(createHistogram())).toEqual([]);
});
