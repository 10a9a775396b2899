import { describe, expect, it } from 'vitest';
import { findSaturation } from '../../../src/bench/saturation.js';
import { createHistogram } from '../../../src/domain/bench/latency-histogram.js';
import { makePlan } from '../../../src/domain/bench/make-plan.js';
import { parseBenchThreshold } from '../../../src/domain/bench/report-thresholds.js';
import type { EngineOptions, RunBench } from '../../../src/domain/bench/run.js';
import type { LoadStep } from '../../../src/domain/bench/saturate.js';
import { NatsxError } from '../../../src/domain/errors.js';
import { examplePass, exampleReport } from '../domain/bench/example-report.js';

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

async function search(
  run: RunBench,
): Promise<{ readonly best: number | undefined; readonly steps: readonly LoadStep[] }> {
  const steps: LoadStep[] = [];
  const outcome = await findSaturation(
    {
      plan,
      objectives: [parseBenchThreshold('p99<5ms')],
      search: { startRatePerS: 1000, resolution: 0.05, maxRatePerS: 1e9 },
      maxTimeMs: 60_000,
      onStep: (step) => steps.push(step),
    },
    run,
    options,
  );
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

  it('takes a loss for a rate that did not hold', async () => {
    const lossy = new NatsxError('unhealthy', '3 of 10 messages were lost');
    const run: RunBench = () =>
      Promise.resolve({ report: exampleReport(), failure: lossy, response: createHistogram() });
    const { best, steps } = await search(run);
    expect(best).toBeUndefined();
    expect(steps.at(-1)).toMatchObject({ held: false, reason: lossy.message });
  });
});
