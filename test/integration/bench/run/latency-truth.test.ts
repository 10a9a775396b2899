import { connect } from '@nats-io/transport-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { startNatsServer } from '../../../support/nats-server.js';
import type { NatsServer } from '../../../support/nats-server.js';
import { bench } from './bench-run.js';

let server: NatsServer;

beforeAll(async () => {
  server = await startNatsServer();
});

const MS = 1e6;

describe('latency', () => {
  it('keeps a known rate, and sends no more than was due', async () => {
    const pace = { ratePerS: 4_000, kind: 'constant' } as const;
    const before = await server.monitor('/varz');
    const { report } = await bench(server, {
      scenario: 'pubsub',
      durationMs: 1_000,
      pace,
      pubs: 3,
    });
    const after = await server.monitor('/varz');
    for (const count of ['in_msgs', 'out_msgs']) {
      expect(Number(after[count]) - Number(before[count])).toBe(4_000);
    }
    expect(report.totals.sent).toBe(4_000);
    expect(report.totals.received).toBe(4_000);
    expect(report.response!.count).toBe(4_000);
  });

  it('sends no faster than a random schedule allows', async () => {
    const pace = { ratePerS: 200, kind: 'poisson' } as const;
    const startedAt = performance.now();
    const { report } = await bench(server, { scenario: 'pubsub', messages: 1_000, pace });
    const seconds = (performance.now() - startedAt) / 1_000;
    expect(report.totals.sent).toBe(1_000);
    // Five standard deviations of the sum of 1,000 exponential gaps of 5 ms; a busy machine may be slower, never faster.
    expect(seconds).toBeGreaterThan(5 * (1 - 5 / Math.sqrt(1_000)));
  });

  it('measures the delay of a service as the service itself does', async () => {
    const service = await connect({ servers: server.url });
    const held: number[] = [];
    const arrivedMs: number[] = [];
    service.subscribe('slow', {
      callback: (_error, request) => {
        const startedMs = performance.now();
        arrivedMs.push(startedMs);
        setTimeout(() => {
          held.push(performance.now() - startedMs);
          request.respond(request.data);
        }, 25);
      },
    });
    await service.flush();
    const request = { scenario: 'request', subject: 'slow', responders: 0, messages: 40 } as const;
    const { report } = await bench(server, request);
    await service.close();
    const { count, meanNs, minNs, maxNs } = report.response!;
    expect([count, held.length]).toEqual([40, 40]);
    const sumMs = (meanNs * count) / MS;
    // One request at a time: each round trip contains its delay, on a machine of any speed. The service does not see the
    // way of the first request and the round trip of the last one.
    expect(sumMs).toBeGreaterThan(held.reduce((sum, ms) => sum + ms, 0) - 0.001);
    expect(sumMs).toBeLessThan(arrivedMs.at(-1)! - arrivedMs[0]! + (2 * maxNs) / MS);
    expect(minNs / MS).toBeGreaterThan(Math.min(...held) - 0.001);
  });

  it('measures the delay of its own responder, and no more than the run took', async () => {
    const { report } = await bench(server, { scenario: 'request', messages: 20, replyDelayMs: 25 });
    const { count, meanNs, minNs } = report.response!;
    expect(count).toBe(20);
    // Timers may fire a millisecond early.
    expect(minNs / MS).toBeGreaterThan(24);
    expect(meanNs * count).toBeLessThanOrEqual(report.totals.elapsedNs);
  });

  it.each(['pubsub', 'request'] as const)(
    'has a pause of the server in the percentiles of a paced %s',
    async (scenario) => {
      const pace = { ratePerS: 200, kind: 'constant' } as const;
      let paused = false;
      let pausedMs = 0;
      const { report, failure } = await bench(
        server,
        { scenario, durationMs: 2_000, pace, ...(scenario === 'request' ? { window: 5_000 } : {}) },
        {
          onProgress: ({ elapsedNs }) => {
            if (paused || elapsedNs < 600 * MS) return;
            paused = true;
            server.pause();
            const pausedAt = performance.now();
            setTimeout(() => {
              pausedMs = performance.now() - pausedAt;
              server.resume();
            }, 500);
          },
        },
      );
      expect(failure).toBeUndefined();
      expect(paused).toBe(true);
      const { maxNs, p90Ns, p50Ns } = report.response!;
      // A quarter of the messages falls into the pause and waits for 250 ms on average.
      expect(maxNs / MS).toBeGreaterThan(pausedMs - 10);
      expect(p90Ns / MS).toBeGreaterThan(200);
      expect(p50Ns / MS).toBeLessThan(pausedMs / 2);
      expect(report.totals.lost).toBe(0);
    },
  );

  it('shows a stalled client in the response time, which a clock from the actual send hides', async () => {
    const pace = { ratePerS: 500, kind: 'constant' } as const;
    const request = {
      scenario: 'request',
      durationMs: 600,
      pace,
      window: 1,
      replyDelayMs: 10,
    } as const;
    const { report } = await bench(server, request);
    // One request at a time with 10 ms each reaches 100 a second at most: the rest queues up.
    expect(report.response!.p99Ns / MS).toBeGreaterThan(200);
    expect(report.service!.p50Ns).toBeLessThan(report.response!.p99Ns / 4);
    expect(report.notes.join()).toContain('was not reached');
  });
});
