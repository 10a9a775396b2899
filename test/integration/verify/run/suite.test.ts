import { describe, expect, it } from 'vitest';

import { suiteKept, suiteLoad } from '../../../../src/verify/model/suite.js';
import { runPromises, type SuitePlan } from '../../../../src/verify/run/run-suite.js';
import { startFrameProxy } from '../../../support/frame-proxy.js';
import { startNatsServer } from '../../../support/nats-server.js';
import { managerOf, targetOf } from './runs.js';

const planOf = (faults: readonly string[]): SuitePlan => {
  const load = suiteLoad(60, 3);
  return {
    load: { ...load, faults: load.faults.filter(({ name }) => faults.includes(name)) },
    seed: 3,
    storage: 'memory',
    replicas: 1,
    timeoutMs: 5_000,
    jetStream: { apiPrefix: '$JS.API', timeoutMs: 5_000 },
  };
};

const hooks = { progress: () => undefined };

describe('verify suite', () => {
  it('proves each promise under faults, and leaves nothing', async () => {
    const server = await startNatsServer({ jetstream: true });
    const manager = await managerOf(server.url);
    const plan = planOf(['none', 'cut', 'reset']);
    const { signal } = new AbortController();
    const report = await runPromises(targetOf(server.url), plan, hooks, signal);
    expect(report.cells.filter(({ kept }) => !kept)).toEqual([]);
    expect(report.cells).toHaveLength(12);
    expect(suiteKept(report)).toBe(true);
    expect(report.notes).toEqual([]);
    expect((await manager.getAccountInfo()).streams).toBe(0);
  });

  it('finds the promise that is broken by what delivers messages twice, and those that survive it', async () => {
    const server = await startNatsServer({ jetstream: true });
    let count = 0;
    const stub = await startFrameProxy(server.port, {
      toClient: ({ payload, bytes }) => {
        if (!payload.includes('NXV1')) return [bytes];
        count += 1;
        // Four runs share the proxy at the same time: a number that has nothing in common with four meets each of them.
        return count % 7 === 3 ? [bytes, bytes] : [bytes];
      },
    });
    const { signal } = new AbortController();
    const report = await runPromises(targetOf(stub.url), planOf(['none']), hooks, signal);
    const kept = Object.fromEntries(report.cells.map((cell) => [cell.promise, cell.kept]));
    // Readers of a stream may get copies, or recognize them.
    expect(kept).toMatchObject({
      'at most once': false,
      'at least once': true,
      'exactly once': true,
    });
    expect(suiteKept(report)).toBe(false);
  });
});
