import { REPORT_SCHEMA } from '../../../../src/bench/model/report.js';
import type { BenchReport, Conditions, PassResult } from '../../../../src/bench/model/report.js';
import type { LatencySummary } from '../../../../src/core/statistics/latency-summary.js';

const latency: LatencySummary = {
  count: 1000,
  minNs: 80_000,
  meanNs: 120_000,
  stddevNs: 9_000,
  p50Ns: 110_000,
  p75Ns: 130_000,
  p90Ns: 150_000,
  p95Ns: 160_000,
  p99Ns: 200_000,
  p999Ns: 400_000,
  p9999Ns: 900_000,
  maxNs: 912_345,
};

export function examplePass(changes: Partial<PassResult> = {}): PassResult {
  return {
    sent: 1000,
    received: 1000,
    expected: 1000,
    lost: 0,
    duplicates: 0,
    outOfOrder: 0,
    errors: 0,
    elapsedNs: 500_000_000,
    ratePerS: 2000,
    bytesPerS: 256_000,
    response: latency,
    service: undefined,
    ...changes,
  };
}

export const exampleConditions: Conditions = {
  scenario: 'pubsub',
  engine: 'wire',
  server: { version: '2.15.2', name: 'n1', cluster: undefined, local: true, roundTripNs: 90_000 },
  natsxVersion: '0.1.0',
  nodeVersion: 'v20.20.2',
  platform: 'linux x64',
  cores: 2,
  cpuModel: 'Some CPU',
  publishers: 1,
  subscribers: 1,
  requesters: 0,
  responders: 0,
  workers: 2,
  goal: 'messages 1000',
  size: '128',
  subjects: 1,
  subjectBytes: 20,
  headers: 0,
  targetRatePerS: undefined,
  schedule: 'flat out',
  window: 1,
  ack: undefined,
  mode: undefined,
  batch: undefined,
  storage: undefined,
  replicas: undefined,
  stream: undefined,
  warmupMs: 500,
  replyDelayMs: 0,
  seed: 1,
  tls: false,
};

/** A small report; `rates` gives one repeat each. */
export function exampleReport(
  changes: Partial<BenchReport> = {},
  rates: readonly number[] = [2000],
): BenchReport {
  return {
    schema: REPORT_SCHEMA,
    runId: 'r1',
    startedAt: '2026-11-22T21:00:00.000Z',
    conditions: exampleConditions,
    totals: examplePass(),
    repeats: rates.map((ratePerS) => examplePass({ ratePerS })),
    clients: [
      {
        role: 'publisher',
        index: 0,
        messages: 1000,
        bytes: 128_000,
        elapsedNs: 490_000_000,
        ratePerS: 2041,
      },
      {
        role: 'subscriber',
        index: 0,
        messages: 1000,
        bytes: 128_000,
        elapsedNs: 500_000_000,
        ratePerS: 2000,
      },
    ],
    series: [{ second: 0, sent: 1000, received: 1000 }],
    response: latency,
    service: undefined,
    distribution: [
      { upToNs: 131_072, count: 900 },
      { upToNs: 1_048_576, count: 100 },
    ],
    checks: 'sequence',
    errors: [],
    notes: [],
    verdict: {
      bottleneck: 'server',
      sentence: 'The server limited it: natsx waited 71% of the time for the server to read.',
    },
    outcome: 'complete',
    ...changes,
  };
}
