import { describe, expect, it } from 'vitest';
import { latenciesIn, latenciesBytes, CELL, MeterBoard } from '../../../../src/bench/run/meters.js';
import { passResult } from '../../../../src/bench/run/outcome.js';
import { jobsOf } from '../../../../src/bench/run/worker-pool.js';
import { sequenceMix } from '../../../../src/bench/model/sequence-check.js';
import { makePlan } from '../../../../src/bench/model/make-plan.js';
import type { PassResult } from '../../../../src/bench/model/report.js';
import type { Scenario } from '../../../../src/bench/model/scenario.js';

type Cells = Readonly<Partial<Record<keyof typeof CELL, number>>>;

/** The result of a pass whose lanes counted that, from time 1e9 on. */
function resultOf(
  scenario: Scenario,
  lanes: readonly Cells[],
  expected: number,
  settled = true,
): PassResult {
  const publishers = scenario === 'queue' ? 1 : undefined;
  const plan = makePlan({ scenario, runId: 'r', cores: 2, pubs: publishers });
  const jobs = jobsOf(plan);
  const board = new MeterBoard(jobs.length);
  const counts = jobs.map((job, index) => {
    const cells = board.client(job.slot);
    for (const [name, value] of Object.entries(lanes[index] ?? {})) {
      cells[CELL[name as keyof typeof CELL]] = value;
    }
    return { job, cells };
  });
  const latencies = latenciesIn(new SharedArrayBuffer(latenciesBytes(0)));
  return passResult({ plan, counts, startNs: 1e9, latencies, expected, settled });
}

describe('result of a pass', () => {
  it('rates deliveries from the start to the last one', () => {
    const lanes = [
      { sent: 1000 },
      { received: 1000, bytes: 64_000, firstNs: 1.1e9, lastNs: 1.5e9 },
    ];
    expect(resultOf('pubsub', lanes, 1000)).toMatchObject({
      ratePerS: 2000,
      bytesPerS: 128_000,
      elapsedNs: 5e8,
      lost: 0,
    });
  });

  it('does not count the first read of a lone subscriber', () => {
    const lanes = [{ received: 1100, firstCount: 100, firstNs: 2e9, lastNs: 3e9, bytes: 1100 }];
    expect(resultOf('sub', lanes, Infinity)).toMatchObject({
      ratePerS: 1000,
      lost: 0,
      received: 1100,
      expected: 1100,
    });
  });

  it('knows of no request that nobody sent', () => {
    const lanes = [{ received: 3, firstNs: 2e9, lastNs: 3e9 }];
    expect(resultOf('reply', lanes, 5)).toMatchObject({ received: 3, expected: 5, lost: 0 });
  });

  it('does not count a duplicate as the message that was lost', () => {
    const lanes = [{ sent: 10 }, { received: 10, duplicates: 2, lastNs: 2e9 }];
    expect(resultOf('pubsub', lanes, 10)).toMatchObject({ lost: 2, duplicates: 2 });
  });

  it('sees a duplicate that hides a loss in a queue group', () => {
    const sum = (sequences: readonly number[]): number =>
      sequences.reduce((total, sequence) => total + sequenceMix(0, sequence), 0);
    const lanes = (second: readonly number[]): readonly Cells[] => [
      { sent: 4, checksum: sum([0, 1, 2, 3]) },
      { received: 2, checksum: sum([0, 2]) },
      { received: 2, checksum: sum(second) },
    ];
    expect(resultOf('queue', lanes([1, 3]), 4)).toMatchObject({ lost: 0, duplicates: 0 });
    expect(resultOf('queue', lanes([1, 2]), 4)).toMatchObject({ lost: 1, duplicates: 1 });
  });

  it.each<[Scenario, readonly Cells[], number]>([
    ['js-consume', [{ received: 7, lastNs: 2e9 }], 10],
    ['pubsub', [{ sent: 10 }, { received: 7, lastNs: 2e9 }], 10],
    ['request', [{ sent: 10, received: 7, lastNs: 2e9 }], 0],
  ])('calls nothing lost that was not waited for: %s', (scenario, lanes, expected) => {
    expect(resultOf(scenario, lanes, expected)).toMatchObject({ lost: 3 });
    expect(resultOf(scenario, lanes, expected, false)).toMatchObject({ lost: 0, expected: 7 });
  });

  it('calls refused calls errors, unanswered ones lost', () => {
    const lanes = [{ sent: 10, received: 7, errors: 1, lastNs: 2e9 }];
    expect(resultOf('js-pub', lanes, 0)).toMatchObject({ lost: 2, errors: 1, ratePerS: 7 });
  });

  it('rates publishing by what was sent', () => {
    expect(resultOf('pub', [{ sent: 500, lastNs: 1.25e9 }], 0)).toMatchObject({
      ratePerS: 2000,
      received: 0,
      lost: 0,
    });
  });
});
