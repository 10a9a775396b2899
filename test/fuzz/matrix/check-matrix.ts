import fc from 'fast-check';
import { startNatsServer } from '../../support/nats-server.js';
import { fuzzSettings, leaveFigures } from '../settings.js';
import { anyRun, coveredPairs, coveringRuns, possiblePairs } from './covering-runs.js';
import { parseRun, runText, type Run } from './dimensions.js';
import { Matrix } from './matrix.js';
import { MAX_PAYLOAD, messagesOf } from './messages.js';

/** Runs at the same time: each is a process or two, on machines with two cores. */
const AT_ONCE = 3;
const BATCH = 60;
/** More would be the same fault again. */
const ENOUGH_FAULTS = 200;

/**
 * Runs the matrix: every pair of values once, and with `NATSX_FUZZ_MINUTES` whatever comes until then.
 *
 * @returns a line for each run that went wrong, with its fault
 */
export async function checkMatrix(): Promise<readonly string[]> {
  const { seed, minutes, only } = fuzzSettings();
  const server = await startNatsServer({ jetstream: true, maxPayload: MAX_PAYLOAD });
  const matrix = await Matrix.on(server);
  const startedAt = performance.now();
  const done: Run[] = [];
  const faults: string[] = [];
  const runAll = async (runs: readonly Run[], untilMs: number): Promise<void> => {
    const waiting = [...runs];
    const work = async (): Promise<void> => {
      for (;;) {
        if (performance.now() > untilMs || faults.length >= ENOUGH_FAULTS) return;
        const run = waiting.shift();
        if (run === undefined) return;
        done.push(run);
        const fault = await matrix.faultOf(run);
        if (fault !== undefined) faults.push(await smallest(matrix, run, fault));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  };

  console.log(`matrix: seed ${seed}`);
  if (only !== undefined) await runAll([parseRun(only)], Infinity);
  else {
    await runAll(coveringRuns(seed), Infinity);
    const end = startedAt + (minutes ?? 0) * 60_000;
    for (let batch = 1; performance.now() < end && faults.length < ENOUGH_FAULTS; batch++) {
      await runAll(fc.sample(anyRun, { seed: seed + batch, numRuns: BATCH }), end);
    }
  }
  matrix.close();
  const figures = {
    seed,
    runs: done.length,
    messages: done.reduce((sum, run) => sum + messagesOf(run).length, 0),
    pairs: coveredPairs(done).size,
    possible_pairs: possiblePairs().size,
    faults: faults.length,
    seconds: Math.round((performance.now() - startedAt) / 1000),
  };
  leaveFigures('matrix', figures);
  console.log(`matrix: ${JSON.stringify(figures)}`);
  return faults;
}

/** The same fault with one message alone, where that is enough. */
async function smallest(matrix: Matrix, run: Run, fault: string): Promise<string> {
  const smaller = [
    ...(run.times > 1 ? [{ ...run, times: 1 }] : []),
    ...(run.shapes.length > 1
      ? run.shapes.map((shape) => ({ ...run, shapes: [shape], times: 1 }))
      : []),
  ];
  for (const one of smaller.reverse()) {
    const found = await matrix.faultOf(one);
    if (found !== undefined) return `${runText(one)} — ${found}`;
  }
  return `${runText(run)} — ${fault}`;
}
