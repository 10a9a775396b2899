import { describe, expect, it } from 'vitest';

import { startCluster } from '../../../support/cluster.js';
import { startNatsServer } from '../../../support/nats-server.js';
import { CLEAN, managerOf, planOf, targetOf, verified } from './runs.js';

describe('a run without faults', () => {
  it('counts zeros in core NATS, for each of several subscribers', async () => {
    const server = await startNatsServer();
    const plan = planOf({ publishers: 3, subscribers: 2, messages: 50_000 });
    const report = await verified(targetOf(server.url), plan);
    expect(report.outcome).toMatchObject({ ...CLEAN, sent: 50_000, delivered: 50_000 });
    expect(report.outcome.receivers.map(({ delivered }) => delivered)).toEqual([50_000, 50_000]);
    expect(report.faults).toEqual([]);
    expect(report.notes).toEqual([]);
    expect(report.verdict).toMatchObject({ expectation: 'at-most-once', kept: true });
    expect(report.latency.delivered?.count).toBe(100_000);
  });

  it('counts each message once in each queue group', async () => {
    const server = await startNatsServer();
    const plan = planOf({ publishers: 2, subscribers: 3, queues: ['a', 'b'], messages: 20_000 });
    const report = await verified(targetOf(server.url), plan);
    expect(report.outcome).toMatchObject({ ...CLEAN, sent: 20_000, delivered: 20_000 });
    const receivers = report.outcome.receivers.map(({ name, delivered }) => [name, delivered]);
    expect(receivers).toEqual([
      ['queue group a', 20_000],
      ['queue group b', 20_000],
    ]);
  });

  it.each(['explicit', 'all', 'none'] as const)(
    'counts zeros with a stream and ack %s, and leaves no consumer behind',
    async (ackPolicy) => {
      const server = await startNatsServer({ jetstream: true });
      const manager = await managerOf(server.url);
      await manager.streams.add({ name: 'S', subjects: ['s.>'] });
      const consumer = { kind: 'own', ackPolicy, ackWaitMs: 5_000, maxDeliver: -1 } as const;
      const plan = planOf({ stream: 'S', publishers: 2, subscribers: 2, consumer });
      const report = await verified(targetOf(server.url), plan);
      expect(report.outcome).toMatchObject({ ...CLEAN, sent: 5_000, acknowledged: 5_000 });
      expect(report.outcome.delivered).toBe(5_000);
      expect(report.latency.acknowledged?.count).toBe(5_000);
      expect(report.verdict).toMatchObject({
        expectation: ackPolicy === 'none' ? 'at-most-once' : 'at-least-once',
        kept: true,
      });
      expect((await manager.streams.info('S')).state.consumer_count).toBe(0);
    },
  );

  it('does not lose the first messages in a cluster, where subscriptions get around late', async () => {
    const cluster = await startCluster(3);
    for (let round = 0; round < 3; round++) {
      const plan = planOf({ publishers: 3, subscribers: 3, messages: 300 });
      const report = await verified(targetOf(...cluster.urls), plan);
      expect(report.outcome).toMatchObject({ ...CLEAN, sent: 300, delivered: 300 });
    }
  });

  it('holds a rate for a time', async () => {
    const server = await startNatsServer();
    const plan = planOf({ messages: undefined, durationMs: 4_000, ratePerSecond: 100 });
    const report = await verified(targetOf(server.url), plan);
    expect(report.outcome).toMatchObject(CLEAN);
    expect(report.outcome.sent).toBeGreaterThan(300);
    expect(report.outcome.sent).toBeLessThanOrEqual(401);
  });

  it('takes nothing for its own that others publish on the same subject', async () => {
    const server = await startNatsServer({ jetstream: true });
    const manager = await managerOf(server.url);
    await manager.streams.add({ name: 'S', subjects: ['s'] });
    const { nc } = manager as unknown as Publishing;
    const plan = planOf({ stream: 'S', subject: 's', messages: 100, ratePerSecond: 200 });
    const publishing = setInterval(() => nc.publish('s', 'of another client'), 20);
    const report = await verified(targetOf(server.url), plan);
    clearInterval(publishing);
    expect(report.outcome).toMatchObject({ ...CLEAN, sent: 100, delivered: 100 });
    expect(report.foreign).toBeGreaterThan(0);
  });

  it('works through a work queue, and takes nothing out of it that others put there', async () => {
    const server = await startNatsServer({ jetstream: true });
    const manager = await managerOf(server.url);
    await manager.streams.add({ name: 'Q', subjects: ['q.>'], retention: 'workqueue' });
    const report = await verified(targetOf(server.url), planOf({ stream: 'Q' }));
    expect(report.outcome).toMatchObject({ ...CLEAN, acknowledged: 5_000, delivered: 5_000 });
    await manager.jetstream().publish('q.work', 'of another client');
    const taken = verified(targetOf(server.url), planOf({ stream: 'Q', subject: 'q.work' }));
    await expect(taken).rejects.toThrow(/has 1 message on q.work that verify would remove/);
    expect((await manager.streams.info('Q')).state).toMatchObject({
      messages: 1,
      consumer_count: 0,
    });
  });
});

interface Publishing {
  readonly nc: { publish(subject: string, payload: string): void };
}
