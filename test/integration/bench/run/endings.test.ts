import { StorageType } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterEach, describe, expect, it } from 'vitest';
import type { BenchRequest } from '../../../../src/bench/model/request.js';
import type { BenchProgress } from '../../../../src/bench/model/run.js';
import { answersFirst, FIRST, noFolder } from '../../../support/answers-first.js';
import { startCluster } from '../../../support/cluster.js';
import { eventually } from '../../../support/eventually.js';
import { startNatsServer } from '../../../support/nats-server.js';
import type { NatsServer, ServerOptions } from '../../../support/nats-server.js';
import { patientManager } from '../../../support/patient-jetstream.js';
import { dialTo } from '../../wire/dialled.js';
import { bench, onceCarried, streamsOn, streamWatch } from './bench-run.js';

let server: NatsServer | undefined;

async function serve(options: ServerOptions = {}): Promise<NatsServer> {
  server = await startNatsServer({ jetstream: true, ...options });
  return server;
}

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function streamNames(one: NatsServer): Promise<readonly string[]> {
  return (await streamsOn(one)).map(({ name }) => name);
}

type Request = Partial<BenchRequest> & Pick<BenchRequest, 'scenario'>;

/** Ends the server once, while the run carries messages; says when. */
function killer(
  dying: NatsServer,
  scenario: Request['scenario'],
): {
  readonly onProgress: (progress: BenchProgress) => void;
  readonly killedAt: () => number;
} {
  let killed = 0;
  return {
    killedAt: () => killed,
    onProgress: onceCarried(scenario, 200e6, () => {
      killed = Date.now();
      void dying.kill();
    }),
  };
}

describe('a server that dies', () => {
  it.each<[string, Request]>([
    ['sub', { scenario: 'sub', pubs: 1, durationMs: 90_000 }],
    ['queue', { scenario: 'queue', durationMs: 90_000 }],
    ['js-get', { scenario: 'js-get', durationMs: 90_000 }],
    ['js-consume', { scenario: 'js-consume', messages: 150_000, batch: 1, storage: 'memory' }],
  ])('ends %s soon, with what was measured', async (_, request) => {
    const dying = await serve();
    const { onProgress, killedAt } = killer(dying, request.scenario);
    const { failure, report } = await bench(dying, request, { onProgress });
    expect(killedAt()).toBeGreaterThan(0);
    expect(Date.now() - killedAt()).toBeLessThan(60_000);
    expect(failure?.kind).toBe('connection');
    expect(report.outcome).toBe('failed');
    expect(report.totals.received).toBeGreaterThan(0);
    const left = report.notes.filter((note) => note.endsWith('could not be removed.'));
    expect(left.some((note) => note.startsWith('NATSX_BENCH_'))).toBe(
      request.scenario.startsWith('js-'),
    );
  });

  it.each<[string, Request]>([
    ['pub', { scenario: 'pub', durationMs: 90_000 }],
    [
      'pub at a rate',
      { scenario: 'pub', durationMs: 90_000, pace: { ratePerS: 5_000, kind: 'constant' } },
    ],
    ['pub with the client', { scenario: 'pub', durationMs: 90_000, engine: 'client' }],
    ['pubsub', { scenario: 'pubsub', durationMs: 90_000 }],
    ['request', { scenario: 'request', durationMs: 90_000 }],
    ['request with the client', { scenario: 'request', durationMs: 90_000, engine: 'client' }],
    ['js-pub', { scenario: 'js-pub', durationMs: 90_000, storage: 'memory' }],
  ])('leaves %s its rate until then', async (_, request) => {
    const dying = await serve();
    const { onProgress, killedAt } = killer(dying, request.scenario);
    const { failure, report } = await bench(dying, request, { onProgress });
    expect(killedAt()).toBeGreaterThan(0);
    expect(failure?.kind).toBe('connection');
    expect(report.outcome).toBe('failed');
    const { totals, verdict } = report;
    expect(totals.elapsedNs).toBeGreaterThan(100e6);
    expect(totals.ratePerS).toBeGreaterThan(0);
    expect(totals.ratePerS).toBeCloseTo(
      ((request.scenario === 'pub' ? totals.sent : totals.received) * 1e9) / totals.elapsedNs,
      3,
    );
    expect(verdict.sentence).not.toContain('Nothing was measured');
  });

  it.each<[string, Request]>([
    ['pub', { scenario: 'pub', durationMs: 90_000 }],
    ['pub with the client', { scenario: 'pub', durationMs: 90_000, engine: 'client' }],
    ['request', { scenario: 'request', durationMs: 90_000 }],
    ['request with the client', { scenario: 'request', durationMs: 90_000, engine: 'client' }],
  ])('and when it falls silent, %s as well', async (_, request) => {
    const stalled = await serve();
    let pausedNs = 0;
    const { failure, report } = await bench(
      stalled,
      { ...request, idleMs: 2_000 },
      {
        onProgress: onceCarried(request.scenario, 300e6, ({ elapsedNs }) => {
          pausedNs = elapsedNs;
          stalled.pause();
        }),
      },
    );
    stalled.resume();
    expect(failure).toBeDefined();
    // The silence is no part of what was measured.
    expect(report.totals.elapsedNs).toBeGreaterThan(100e6);
    expect(report.totals.elapsedNs).toBeLessThan(pausedNs + 1.5e9);
    expect(report.totals.ratePerS).toBeGreaterThan(0);
    expect(report.verdict.sentence).not.toContain('Nothing was measured');
  });

  it('ends a lone responder', async () => {
    const dying = await serve();
    const answering = { scenario: 'reply', subject: 'service' } as const;
    const reply = bench(dying, answering);
    const asking = { scenario: 'request', subject: 'service', responders: 0 } as const;
    await eventually('the responder answers', async () => {
      const asked = await bench(dying, { ...asking, messages: 1 });
      return asked.failure === undefined;
    });
    const { onProgress, killedAt } = killer(dying, 'request');
    const request = await bench(dying, { ...asking, durationMs: 90_000 }, { onProgress });
    const { failure, report } = await reply;
    expect(Date.now() - killedAt()).toBeLessThan(60_000);
    expect([failure?.kind, request.failure?.kind]).toEqual(['connection', 'connection']);
    expect(report.totals.received).toBeGreaterThanOrEqual(request.report.totals.received);
  });

  // Slowly, since a server that has to read a big stream again is not back in the time that bench waits for it.
  it.each<Request>([
    { scenario: 'js-pub', durationMs: 90_000, pace: { ratePerS: 2_000, kind: 'constant' } },
    { scenario: 'js-get', durationMs: 90_000 },
  ])('has no stream of $scenario any more when it is back', async (request) => {
    const dying = await serve();
    let restarted: Promise<void> | undefined;
    let awayMs = 0;
    const { failure, report } = await bench(dying, request, {
      onProgress: ({ elapsedNs, sent }) => {
        if (elapsedNs < 200e6 || sent === 0) return;
        const killedAt = Date.now();
        restarted ??= dying.kill().then(async () => {
          await dying.restart();
          awayMs = Date.now() - killedAt;
        });
      },
    });
    await restarted;
    expect(failure?.kind).toBe('connection');
    const left = report.notes.filter((note) => note.endsWith('could not be removed.'));
    expect(await streamNames(dying)).toHaveLength(left.length);
    // Nothing is left unless this machine was slower than bench waits.
    expect(left).toEqual(awayMs < 2_000 ? [] : left);
  });

  it('is told in the warm-up as well, with what that has measured', async () => {
    const dying = await serve();
    const { onProgress, killedAt } = killer(dying, 'pub');
    const request = { scenario: 'pub', warmupMs: 90_000, messages: 10 } as const;
    const { failure, report } = await bench(dying, request, { onProgress });
    expect(killedAt()).toBeGreaterThan(0);
    expect(Date.now() - killedAt()).toBeLessThan(60_000);
    expect(failure?.kind).toBe('connection');
    expect(report.outcome).toBe('failed');
    expect(report.totals.sent).toBeGreaterThan(10);
    expect(report.notes.join()).toContain('warm-up');
  });
});

describe('a temporary stream', () => {
  it('is created although the folder of the previous one is just being removed', async () => {
    const own = await serve();
    const connection = await connect({ servers: own.url });
    await answersFirst(connection, 'STREAM.CREATE', [noFolder]);
    const request = { scenario: 'js-pub', messages: 10 } as const;
    const { failure, report } = await bench(own, request, { jsApiPrefix: FIRST });
    await connection.close();
    expect(failure).toBeUndefined();
    expect(report.totals.received).toBe(10);
    expect(await streamNames(own)).toEqual([]);
  });

  it('exists during the run only', async () => {
    const own = await serve();
    const { onProgress, seen } = streamWatch(own);
    const request = { scenario: 'js-pub', durationMs: 300 } as const;
    const { failure } = await bench(own, request, { onProgress });
    expect(failure).toBeUndefined();
    expect(await seen()).toEqual([expect.stringMatching(/^NATSX_BENCH_/)]);
    expect(await streamNames(own)).toEqual([]);
  });
});

describe('an account that has no room', () => {
  const limited = {
    config: {
      accounts: {
        APP: { jetstream: { max_disk: 1_000_000 }, users: [{ user: 'a', password: 'b' }] },
      },
    },
  };
  const asApp = (one: NatsServer): Parameters<typeof bench>[2] => ({
    dial: dialTo(one.url, { credentials: () => ({ user: 'a', password: 'b' }) }),
  });

  it.each<Request>([
    { scenario: 'js-pub', messages: 100_000 },
    { scenario: 'js-consume', messages: 100_000 },
    { scenario: 'js-pub', messages: 5_000, repeat: 3 },
  ])('refuses %j before anything is stored', async (request) => {
    const small = await serve(limited);
    await expect(bench(small, request, asApp(small))).rejects.toMatchObject({
      kind: 'rejected',
      message: expect.stringMatching(
        /^the run would store \d+ bytes, but the account has room for 1000000 in file storage$/,
      ) as string,
    });
    expect(await streamNames(small)).toEqual([]);
  });

  it('is not filled by a run for a time', async () => {
    const small = await serve(limited);
    const size = { kind: 'fixed', bytes: 64 * 1024 } as const;
    const request = { scenario: 'js-pub', durationMs: 1_000, size } as const;
    const { onProgress, seen } = streamWatch(small);
    const { failure, report } = await bench(small, request, { ...asApp(small), onProgress });
    expect(failure).toBeUndefined();
    // More than there is room for: the oldest messages were discarded.
    expect(report.totals.received * size.bytes).toBeGreaterThan(1_000_000);
    expect(await seen()).toEqual([expect.stringMatching(/^NATSX_BENCH_/)]);
    expect(await streamNames(small)).toEqual([]);
  });

  it.each<Request>([
    { scenario: 'js-consume', durationMs: 60_000 },
    { scenario: 'js-get', messages: 50 },
  ])('is filled with what it has room for: %j', async (request) => {
    const small = await serve(limited);
    const size = { kind: 'fixed', bytes: 4 * 1024 } as const;
    const { failure, report } = await bench(small, { ...request, size }, asApp(small));
    expect(failure).toBeUndefined();
    const { received, expected, lost } = report.totals;
    expect([received, lost]).toEqual([expected, 0]);
    expect(received).toBeGreaterThan(10);
    expect(report.notes).toEqual(
      request.scenario === 'js-get'
        ? []
        : ['The end of the stream was reached before the time was over.'],
    );
    expect(await streamNames(small)).toEqual([]);
  });

  it('is told of a server without room in one sentence', async () => {
    const small = await serve({ jetstream: false, config: 'jetstream { max_file_store: 100KB }' });
    const request = { scenario: 'js-pub', messages: 100_000 } as const;
    await expect(bench(small, request)).rejects.toMatchObject({
      kind: 'rejected',
      message: expect.stringMatching(/^creating the stream "NATSX_BENCH_\w+": /) as string,
    });
    expect(await streamNames(small)).toEqual([]);
  });
});

/** A cluster that has just begun does not know yet what its members have room for. */
async function findsPlaces({ url }: NatsServer): Promise<void> {
  const connection = await connect({ servers: url });
  const { streams: made } = await patientManager(connection);
  await made.add({ name: 'FIRST', num_replicas: 3, storage: StorageType.Memory });
  await made.delete('FIRST');
  await connection.close();
}

describe('replicas', () => {
  it('are refused by one server alone', async () => {
    const alone = await serve();
    const request = { scenario: 'js-pub', messages: 10, replicas: 3 } as const;
    await expect(bench(alone, request)).rejects.toMatchObject({
      kind: 'rejected',
      message: expect.stringContaining('replicas') as string,
    });
    expect(await streamNames(alone)).toEqual([]);
  });

  it('are as many as asked for', async () => {
    const cluster = await startCluster(3, { jetstream: true });
    const [first] = cluster.servers as [NatsServer];
    await findsPlaces(first);
    const seen = new Set<number>();
    for (const scenario of ['js-pub', 'js-consume', 'js-get'] as const) {
      const run = bench(
        first,
        { scenario, messages: 3_000, replicas: 3, storage: 'memory' },
        {
          onProgress: () => {
            void streamsOn(first).then((all) =>
              all.forEach((one) => seen.add(one.config.num_replicas)),
            );
          },
        },
      );
      const { failure, report } = await run;
      expect(failure).toBeUndefined();
      expect(report.totals).toMatchObject({ received: 3_000, lost: 0 });
      expect(report.conditions.replicas).toBe(3);
    }
    expect([...seen]).toEqual([3]);
    await eventually('nothing is left', async () => (await streamNames(first)).length === 0);
  });
});

it('removes the stream of a consumer that is stopped', async () => {
  const js = await serve();
  const stop = new AbortController();
  const { report } = await bench(
    js,
    { scenario: 'js-consume', messages: 300_000, batch: 1, storage: 'memory' },
    {
      signal: stop.signal,
      onProgress: ({ received }) => {
        if (received > 0) stop.abort();
      },
    },
  );
  expect(report.outcome).toBe('interrupted');
  expect(report.totals.received).toBeGreaterThan(0);
  expect(await streamNames(js)).toEqual([]);
});
