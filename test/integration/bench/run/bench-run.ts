import { runBench } from '../../../../src/bench/run/engine.js';
import { makePlan } from '../../../../src/bench/model/make-plan.js';
import type { BenchRequest } from '../../../../src/bench/model/request.js';
import type { BenchPlan } from '../../../../src/bench/model/plan.js';
import type { BenchOutcome, EngineOptions } from '../../../../src/bench/model/run.js';
import type { NatsServer } from '../../../support/nats-server.js';

let runs = 0;

/** A plan with a run id of its own and without a warm-up. */
function planOf(request: Partial<BenchRequest> & Pick<BenchRequest, 'scenario'>): BenchPlan {
  return makePlan({ runId: `t${++runs}`, cores: 2, warmupMs: 0, idleMs: 15_000, ...request });
}

/** What the engine needs to reach a test's server; all lanes in this thread. */
function engineOptions(server: NatsServer, changes: Partial<EngineOptions> = {}): EngineOptions {
  return {
    dial: {
      servers: [server.url],
      name: 'natsx bench test',
      credentials: () => ({}),
      tls: undefined,
      tlsFirst: false,
      inboxPrefix: '_INBOX',
      timeoutMs: 30_000,
    },
    version: '0.0.0',
    jsApiPrefix: '$JS.API',
    signal: new AbortController().signal,
    onProgress: () => undefined,
    useExisting: false,
    inThread: true,
    ...changes,
  };
}

export function bench(
  server: NatsServer,
  request: Partial<BenchRequest> & Pick<BenchRequest, 'scenario'>,
  changes: Partial<EngineOptions> = {},
): Promise<BenchOutcome> {
  return runBench(planOf(request), engineOptions(server, changes));
}
