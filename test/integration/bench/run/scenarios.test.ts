import { beforeAll, describe, expect, it } from 'vitest';
import { latencyTotals } from '../../../../src/core/statistics/latency-histogram.js';
import type { BenchRequest } from '../../../../src/bench/model/request.js';
import { startNatsServer } from '../../../support/nats-server.js';
import type { NatsServer } from '../../../support/nats-server.js';
import { makeCertificates } from '../../../support/tls.js';
import { dialTo } from '../../wire/dialled.js';
import { bench, streamsOn } from './bench-run.js';

let server: NatsServer;

beforeAll(async () => {
  server = await startNatsServer({ jetstream: true });
});

async function serverCounts(): Promise<{ readonly in: number; readonly out: number }> {
  const varz = await server.monitor('/varz');
  return { in: Number(varz['in_msgs']), out: Number(varz['out_msgs']) };
}

type Request = Partial<BenchRequest> & Pick<BenchRequest, 'scenario'>;

describe.each(['wire', 'client'] as const)('with the %s engine', (engine) => {
  it('consumes large messages without being cut off as a slow consumer', async () => {
    const { report, failure } = await bench(server, {
      engine,
      scenario: 'js-consume',
      messages: 150,
      size: { kind: 'fixed', bytes: 1_000_000 },
    });
    expect(failure).toBeUndefined();
    expect(report.totals).toMatchObject({ received: 150, lost: 0 });
  });

  it('publishes as many messages as the server counts', async () => {
    const before = await serverCounts();
    const { report, failure } = await bench(server, {
      engine,
      scenario: 'pub',
      messages: 50_000,
      clients: 3,
    });
    const after = await serverCounts();
    expect(failure).toBeUndefined();
    expect(report.totals).toMatchObject({ sent: 50_000, lost: 0 });
    expect(after.in - before.in).toBe(50_000);
    expect(report.clients.map((client) => client.messages)).toEqual([16_667, 16_667, 16_666]);
  });

  it.each<[string, Request, number]>([
    [
      'each subscriber everything',
      { scenario: 'pubsub', messages: 20_000, pubs: 2, subs: 3 },
      60_000,
    ],
    [
      'each message to one member of a queue',
      { scenario: 'queue', messages: 20_000, pubs: 2, subs: 3 },
      20_000,
    ],
    [
      'bodies of mixed sizes',
      {
        scenario: 'pubsub',
        messages: 5_000,
        size: { kind: 'range', minBytes: 14, maxBytes: 3_000 },
      },
      5_000,
    ],
    [
      'empty bodies',
      { scenario: 'pubsub', messages: 5_000, size: { kind: 'fixed', bytes: 0 } },
      5_000,
    ],
    [
      'headers',
      {
        scenario: 'pubsub',
        messages: 5_000,
        headers: [
          ['Trace', 'a'],
          ['Trace', 'b'],
        ],
      },
      5_000,
    ],
    ['a lone subscriber its own feed', { scenario: 'sub', pubs: 2, messages: 5_000 }, 5_000],
    ['many subjects', { scenario: 'pubsub', messages: 5_000, subjects: 700 }, 5_000],
  ])('delivers %s', async (_, request, received) => {
    const before = await serverCounts();
    const { report, failure } = await bench(server, { engine, ...request });
    const after = await serverCounts();
    expect(failure).toBeUndefined();
    expect(report.totals).toMatchObject({
      received,
      expected: received,
      lost: 0,
      duplicates: 0,
      outOfOrder: 0,
    });
    expect(after.out - before.out).toBe(received);
  });

  it.each<[string, Request]>([
    ['requests one at a time', { scenario: 'request', messages: 300 }],
    [
      'requests with a window',
      { scenario: 'request', messages: 3_000, window: 50, clients: 2, responders: 2 },
    ],
    ['stream writes one at a time', { scenario: 'js-pub', messages: 200, window: 1 }],
    [
      'stream writes with a window',
      { scenario: 'js-pub', messages: 5_000, storage: 'memory', clients: 2 },
    ],
    ['stream reads', { scenario: 'js-get', messages: 500, window: 10 }],
  ])('answers %s', async (_, request) => {
    const { report, failure, response } = await bench(server, { engine, ...request });
    expect(failure).toBeUndefined();
    expect(report.totals).toMatchObject({
      sent: request.messages,
      received: request.messages,
      lost: 0,
      errors: 0,
    });
    expect(latencyTotals(response).count).toBe(request.messages);
    expect(report.response!.minNs).toBeGreaterThan(1_000);
    expect(await streamsOn(server)).toEqual([]);
  });

  it.each(['none', 'explicit', 'all'] as const)('consumes a stream with ack %s', async (ack) => {
    const request = {
      scenario: 'js-consume',
      messages: 5_000,
      ack,
      batch: 200,
      clients: 2,
    } as const;
    const { report, failure } = await bench(server, { engine, ...request });
    expect(failure).toBeUndefined();
    expect(report.totals).toMatchObject({ received: 5_000, lost: 0, duplicates: 0 });
    expect(await streamsOn(server)).toEqual([]);
  });
});

it('repeats on the same connections, after a warm-up that does not count', async () => {
  const { report } = await bench(server, {
    scenario: 'pubsub',
    messages: 2_000,
    repeat: 3,
    warmupMs: 50,
  });
  expect(report.repeats.map((pass) => pass.received)).toEqual([2_000, 2_000, 2_000]);
  expect(report.totals).toMatchObject({ sent: 6_000, received: 6_000, lost: 0, duplicates: 0 });
});

it('tells the passes of a fed subscriber apart', async () => {
  const { report, failure } = await bench(server, {
    scenario: 'sub',
    pubs: 1,
    durationMs: 100,
    repeat: 3,
    warmupMs: 100,
  });
  expect(failure).toBeUndefined();
  expect(report.repeats).toHaveLength(3);
  for (const { sent, received } of report.repeats) {
    expect(received).toBe(sent);
    expect(sent).toBeGreaterThan(0);
  }
});

it('measures for a time', async () => {
  const { report } = await bench(server, { scenario: 'pub', durationMs: 400 });
  expect(report.totals.elapsedNs / 1e6).toBeGreaterThan(395);
  expect(report.totals.elapsedNs / 1e6).toBeLessThan(10_000);
});

it('says under which conditions it ran', async () => {
  const { report } = await bench(server, { scenario: 'pubsub', messages: 100 });
  expect(report.conditions).toMatchObject({
    scenario: 'pubsub',
    engine: 'wire',
    goal: 'messages 100',
    size: '128',
    schedule: 'flat out',
    server: { local: true },
  });
  expect(report.conditions.server.version).toMatch(/^2\./);
  expect(report.conditions.server.roundTripNs).toBeGreaterThan(1_000);
});

it.each(['wire', 'client'] as const)('runs over TLS with a password: %s engine', async (engine) => {
  const certificates = await makeCertificates();
  const secured = await startNatsServer({
    tls: certificates.serverTls,
    authorization: { user: 'a', password: 's3cret' },
  });
  const dial = dialTo(secured.url, {
    tls: { ca: certificates.ca },
    credentials: () => ({ user: 'a', password: 's3cret' }),
  });
  const request = { engine, scenario: 'pubsub', messages: 50_000, clients: 2 } as const;
  const { report, failure } = await bench(secured, request, { dial });
  expect(failure).toBeUndefined();
  expect(report.conditions.tls).toBe(true);
  expect(report.totals).toMatchObject({ received: 100_000, lost: 0, duplicates: 0, outOfOrder: 0 });
  expect(JSON.stringify(report)).not.toContain('s3cret');
});
