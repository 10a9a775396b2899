import { expect, it } from 'vitest';

import { runSuite } from '../../../../src/bench/run/suite-run.js';
import { createHistogram } from '../../../../src/core/statistics/latency-histogram.js';
import { defaultSuite } from '../../../../src/bench/model/suite.js';
import type { EngineOptions, RunBench } from '../../../../src/bench/model/run.js';
import { NatsxError } from '../../../../src/core/errors.js';
import type { ErrorKind } from '../../../../src/core/errors.js';
import { exampleReport } from '../model/example-report.js';

const options = { signal: new AbortController().signal } as EngineOptions;
const entries = defaultSuite({
  runId: 'r',
  cores: 2,
  engine: undefined,
  durationMs: 1,
  size: undefined,
});

/** Runs that end with these failures, one after the other, and then well. */
function runsWith(kinds: readonly ErrorKind[]): RunBench {
  let run = 0;
  return () => {
    const kind = kinds[run++];
    const failure = kind === undefined ? undefined : new NatsxError(kind, `run ${run}`);
    return Promise.resolve({ report: exampleReport(), response: createHistogram(), failure });
  };
}

it.each<[readonly ErrorKind[], number, string | undefined]>([
  [[], 9, undefined],
  [['unhealthy', 'timeout'], 9, 'run 1'],
  [['auth'], 1, 'run 1'],
  // What ended the suite says more than a loss before it.
  [['unhealthy', 'connection'], 2, 'run 2'],
])('a suite with %j measures %d scenarios', async (kinds, measured, message) => {
  const suite = { entries, onEntry: () => undefined };
  const { report, failure } = await runSuite(suite, runsWith(kinds), options);
  expect(report.reports).toHaveLength(measured);
  expect(failure?.message).toBe(message);
});
