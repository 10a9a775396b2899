import { runBench } from '../../../../src/bench/run/engine.js';
import { makePlan } from '../../../../src/bench/model/make-plan.js';
import type { BenchRequest } from '../../../../src/bench/model/request.js';
import type { BenchPlan } from '../../../../src/bench/model/plan.js';
import type {
  BenchOutcome,
  BenchProgress,
  EngineOptions,
} from '../../../../src/bench/model/run.js';
import type { NatsServer } from '../../../support/nats-server.js';

let runs = 0;

/** A plan with a run id of its own and without a warm-up. */
function planOf(request: Partial<BenchRequest> & Pick<BenchRequest, 'scenario'>): BenchPlan {
  return makePlan({ runId: `t${++runs}`, cores: 2, warmupMs: 0, idleMs: 15_000, ...request });
}

/** What the engine needs to reach a test's server; all clients in this thread. */
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

interface StreamDetail {
  readonly name: string;
  readonly config: { readonly num_replicas: number; readonly storage: string };
}

/** The streams of all accounts of a server, from its monitoring endpoint. */
export async function streamsOn(server: NatsServer): Promise<readonly StreamDetail[]> {
  const jsz = await server.monitor('/jsz?streams=true&accounts=true&config=true');
  const accounts = (jsz['account_details'] ?? []) as { stream_detail?: StreamDetail[] }[];
  return accounts.flatMap((account) => account.stream_detail ?? []);
}

/** Collects the names of the streams that exist while a run makes progress. */
export function streamWatch(server: NatsServer): {
  readonly onProgress: () => void;
  readonly seen: () => Promise<readonly string[]>;
} {
  const readings: Promise<readonly StreamDetail[]>[] = [];
  return {
    onProgress: () => void readings.push(streamsOn(server)),
    seen: async () => [
      ...new Set((await Promise.all(readings)).flatMap((all) => all.map(({ name }) => name))),
    ],
  };
}

/** Calls `act` once, as soon as the measured side has carried messages later than `afterNs`. */
export function onceCarried(
  scenario: BenchRequest['scenario'],
  afterNs: number,
  act: (progress: BenchProgress) => void,
): (progress: BenchProgress) => void {
  let before: number | undefined;
  let isDone = false;
  return (progress) => {
    if (isDone || progress.elapsedNs < afterNs) return;
    const count = scenario === 'pub' ? progress.sent : progress.received;
    before ??= count;
    if (count <= before) return;
    isDone = true;
    act(progress);
  };
}
