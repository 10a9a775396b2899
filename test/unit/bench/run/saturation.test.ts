import { describe, expect, it } from 'vitest';
import { findSaturation } from '../../../../src/bench/run/saturation.js';
import { createHistogram } from '../../../../src/core/statistics/latency-histogram.js';
import { makePlan } from '../../../../src/bench/model/make-plan.js';
import { parseBenchThreshold } from '../../../../src/bench/model/report-thresholds.js';
import type { EngineOptions, RunBench } from '../../../../src/bench/model/run.js';
import type { SaturationRequest } from '../../../../src/bench/model/run.js';
import type { LoadStep } from '../../../../src/bench/model/saturate.js';
import { NatsxError } from '../../../../src/core/errors.js';
import { examplePass, exampleReport } from '../model/example-report.js';

const options = { signal: new AbortController().signal } as EngineOptions;
const plan = makePlan({ scenario: 'pubsub', runId: 'r', cores: 2, durationMs: 10 });

/** A system whose p99 leaps beyond its capacity. */
function systemOf(capacityPerS: number, hiccupAt = -1): RunBench {
  let run = 0;
  return (asked) => {
    const ratePerS = asked.pace?.ratePerS ?? 0;
    const late = ratePerS > capacityPerS || run++ === hiccupAt;
    const base = exampleReport();
    const response = { ...base.response!, p99Ns: late ? 50e6 : 1e6 };
    const totals = examplePass({ ratePerS });
    return Promise.resolve({
      report: { ...base, totals, response },
      failure: undefined,
      response: createHistogram(),
    });
  };
}

function requestFor(onStep: (step: LoadStep) => void): SaturationRequest {
  return {
    plan,
    objectives: [parseBenchThreshold('p99<5ms')],
    search: { startRatePerS: 1000, resolution: 0.05, maxRatePerS: 1e9 },
    maxTimeMs: 60_000,
    onStep,
  };
}

async function search(
  run: RunBench,
): Promise<{ readonly best: number | undefined; readonly steps: readonly LoadStep[] }> {
  const steps: LoadStep[] = [];
  const request = requestFor((step) => steps.push(step));
  const outcome = await findSaturation(request, run, options);
  if (outcome.failure !== undefined) throw outcome.failure;
  return { best: outcome.report.highest?.ratePerS, steps };
}

describe('saturation', () => {
  it('finds the capacity of a system', async () => {
    const { best, steps } = await search(systemOf(23_000));
    expect(best).toBeLessThanOrEqual(23_000);
    expect(best).toBeGreaterThan(23_000 / 1.05 - 1);
    expect(steps.find((step) => !step.held)?.reason).toBe('not p99<5ms');
  });

  it('takes one hiccup for no limit', async () => {
    const { best } = await search(systemOf(23_000, 2));
    expect(best).toBeGreaterThan(23_000 / 1.05 - 1);
  });

  it('ends with a failure that is no answer', async () => {
    const refused = new NatsxError('auth', 'no');
    const run: RunBench = () =>
      Promise.resolve({ report: exampleReport(), failure: refused, response: createHistogram() });
    await expect(search(run)).rejects.toBe(refused);
  });

  it('tells what it has found when the server is gone', async () => {
    const gone = new NatsxError('connection', 'refused');
    const system = systemOf(23_000);
    let runs = 0;
    const run: RunBench = (...asked) => (++runs > 2 ? Promise.reject(gone) : system(...asked));
    const outcome = await findSaturation(
      requestFor(() => undefined),
      run,
      options,
    );
    expect(outcome.failure).toBe(gone);
    expect(outcome.report).toMatchObject({ ended: 'failed', highest: { ratePerS: 2000 } });
    runs = 2;
    await expect(search(run)).rejects.toBe(gone);
  });

  it('takes a step without an answer for a rate that did not hold', async () => {
    const silent = new NatsxError('timeout', '5 of 5 calls were never answered');
    const report = exampleReport({ response: undefined });
    const run: RunBench = () =>
      Promise.resolve({ report, failure: silent, response: createHistogram() });
    const { best, steps } = await search(run);
    expect(best).toBeUndefined();
    expect(steps.at(-1)?.reason).toBe(silent.message);
  });

  it('takes a loss for a rate that did not hold', async () => {
    const lossy = new NatsxError('unhealthy', '3 of 10 messages were lost');
    const run: RunBench = () =>
      Promise.resolve({ report: exampleReport(), failure: lossy, response: createHistogram() });
    const { best, steps } = await search(run);
    expect(best).toBeUndefined();
    expect(steps.at(-1)).toMatchObject({ held: false, reason: lossy.message });
  });
});
