import { connect, type NatsConnection } from '@nats-io/transport-node';
import { describe, expect, it, onTestFinished } from 'vitest';

import type { VerifyReport } from '../../../../src/verify/model/report.js';
import { startCluster } from '../../../support/cluster.js';
import { eventually } from '../../../support/eventually.js';
import { startFrameProxy } from '../../../support/frame-proxy.js';
import { startNatsServer } from '../../../support/nats-server.js';
import { patientClient } from '../../../support/patient-jetstream.js';
import { managerOf, messageNumber, planOf, targetOf, verified, whenSent } from './runs.js';

function kinds(report: VerifyReport): readonly string[] {
  return report.faults.map(({ kind }) => kind);
}

describe('a server that is killed and restarted meanwhile', () => {
  it('loses nothing acknowledged of a stream with ids, and the faults are told', async () => {
    const server = await startNatsServer({ jetstream: true });
    const manager = await managerOf(server.url);
    await manager.streams.add({ name: 'S', subjects: ['s'] });
    const plan = planOf({
      stream: 'S',
      publishers: 2,
      messages: 30_000,
      ratePerSecond: 10_000,
      expectation: 'at-least-once',
    });
    const hooks = whenSent(5_000, () => server.restart({ signal: 'SIGKILL' }));
    const report = await verified(targetOf(server.url), plan, hooks);
    const { outcome } = report;
    expect(outcome).toMatchObject({ sent: 30_000, acknowledged: 30_000, lost: 0, corrupted: 0 });
    expect(outcome.delivered).toBe(30_000);
    // What the stream holds is what was sent: no repeat was stored.
    expect((await manager.streams.info('S')).state.messages).toBe(30_000);
    expect(kinds(report)).toEqual(expect.arrayContaining(['disconnected', 'reconnected']));
    expect(report.verdict?.kept).toBe(true);
  });

  it('keeps what was not acknowledged in doubt where messages have no ids', async () => {
    const server = await startNatsServer({ jetstream: true });
    const manager = await managerOf(server.url);
    await manager.streams.add({ name: 'S', subjects: ['s'] });
    const plan = planOf({
      stream: 'S',
      messages: 30_000,
      ratePerSecond: 15_000,
      messageIds: false,
    });
    const hooks = whenSent(5_000, () => server.restart({ signal: 'SIGKILL' }));
    const { outcome } = await verified(targetOf(server.url), plan, hooks);
    const stored = (await manager.streams.info('S')).state.messages;
    expect(outcome).toMatchObject({ lost: 0, resent: 0, sent: 30_000 });
    expect(outcome.delivered).toBe(stored);
    expect(outcome.delivered + outcome.inDoubt).toBe(30_000);
  });

  it('loses exactly what did not arrive without JetStream, in places that are told', async () => {
    const server = await startNatsServer();
    const plan = planOf({ messages: 20_000, ratePerSecond: 10_000, expectation: 'at-least-once' });
    const hooks = whenSent(5_000, () => server.restart({ signal: 'SIGKILL' }));
    const report = await verified(targetOf(server.url), plan, hooks);
    const { outcome } = report;
    expect(outcome).toMatchObject({ sent: 20_000, duplicated: 0, outOfOrder: 0, corrupted: 0 });
    expect(outcome.lost).toBeGreaterThan(0);
    expect(outcome.delivered + outcome.lost).toBe(20_000);
    const inGaps = outcome.gaps.reduce((sum, { from, to }) => sum + to - from + 1, 0);
    expect(inGaps).toBe(outcome.lost);
    const cutAtMs = report.faults.find(({ kind }) => kind === 'disconnected')?.firstAtMs ?? 0;
    const backAtMs = report.faults.findLast(({ kind }) => kind === 'reconnected')?.lastAtMs ?? 0;
    for (const { firstAtMs = 0, lastAtMs = 0 } of outcome.gaps) {
      expect(firstAtMs).toBeGreaterThan(cutAtMs - 5_000);
      expect(lastAtMs).toBeLessThan(backAtMs + 5_000);
    }
  });
});

describe('the leader of an R3 stream that is killed under load', () => {
  it('loses nothing acknowledged', async () => {
    const cluster = await startCluster(3, { jetstream: true });
    const manager = await managerOf(cluster.urls.join(','));
    await manager.streams.add({ name: 'S', subjects: ['s'], num_replicas: 3 });
    const leader = (await manager.streams.info('S')).cluster?.leader;
    const server = cluster.servers[Number(leader?.slice(1)) - 1];
    const plan = planOf({
      stream: 'S',
      publishers: 3,
      subscribers: 2,
      messages: 30_000,
      ratePerSecond: 4_000,
      settleMs: 6_000,
    });
    const hooks = whenSent(6_000, () => server?.kill());
    const report = await verified(targetOf(...cluster.urls), plan, hooks);
    expect(report.outcome).toMatchObject({ sent: 30_000, acknowledged: 30_000, lost: 0 });
    expect(report.outcome.corrupted).toBe(0);
    expect(kinds(report)).toContain('leader-changed');
    expect(report.verdict).toMatchObject({ expectation: 'at-least-once', kept: true });
  });
});

describe('a consumer that acknowledges before its work is done', () => {
  it('loses what it took, with number and place', async () => {
    const server = await startNatsServer({ jetstream: true });
    const manager = await managerOf(server.url);
    await manager.streams.add({ name: 'S', subjects: ['s'] });
    await manager.consumers.add('S', { durable_name: 'W', ack_policy: 'explicit' });
    const worker = await connectTo(server.url);
    const consumer = await patientClient(worker).consumers.get('S', 'W');
    const taken: number[] = [];
    const crash = async (): Promise<void> => {
      const batch = await consumer.fetch({ max_messages: 40, expires: 2_000 });
      for await (const message of batch) {
        taken.push(message.seq);
        message.ack();
      }
      await worker.flush();
      await worker.close();
    };
    const hooks = whenSent(500, crash);
    const plan = planOf({
      stream: 'S',
      messages: 5_000,
      ratePerSecond: 2_500,
      consumer: { kind: 'existing', name: 'W' },
    });
    const { outcome, verdict, conditions } = await verified(targetOf(server.url), plan, hooks);
    expect(taken.length).toBeGreaterThan(0);
    expect(outcome).toMatchObject({ acknowledged: 5_000, lost: taken.length, duplicated: 0 });
    // With one publisher and nothing else in the stream, numbers are sequences.
    const lost = outcome.gaps.flatMap(({ from, to }) =>
      Array.from({ length: to - from + 1 }, (_, index) => from + index),
    );
    expect(lost).toEqual(taken.sort((one, other) => one - other));
    expect(verdict).toMatchObject({ expectation: 'at-least-once', kept: false });
    expect(conditions.consumer).toMatchObject({ name: 'W', own: false });
    expect((await manager.consumers.info('S', 'W')).name).toBe('W');
  });
});

describe('a consumer that is removed meanwhile', () => {
  it('loses what it has not delivered, and is told, without a wait for it', async () => {
    const server = await startNatsServer({ jetstream: true });
    const manager = await managerOf(server.url);
    await manager.streams.add({ name: 'S', subjects: ['s'] });
    await manager.consumers.add('S', {
      durable_name: 'W',
      ack_policy: 'explicit',
      ack_wait: 600e9,
    });
    const plan = planOf({
      stream: 'S',
      messages: 4_000,
      ratePerSecond: 4_000,
      consumer: { kind: 'existing', name: 'W' },
    });
    const hooks = whenSent(2_000, () => manager.consumers.delete('S', 'W'));
    const report = await verified(targetOf(server.url), plan, hooks);
    const { outcome, faults, durationMs } = report;
    expect(outcome).toMatchObject({ acknowledged: 4_000, duplicated: 0 });
    expect(outcome.lost).toBeGreaterThan(0);
    expect(outcome.gaps).toMatchObject([{ publisher: 1, from: outcome.delivered + 1, to: 4_000 }]);
    // A request on its way may meet nobody first.
    expect(faults.map(({ kind, detail }) => [kind, detail])).toContainEqual([
      'pull-ended',
      'the consumer W of S was removed in the meantime',
    ]);
    // Its ack wait of ten minutes is over with it.
    expect(durationMs).toBeLessThan(170_000);
  });
});

describe('a network that is cut', () => {
  it('costs an acknowledged stream nothing', async () => {
    const server = await startNatsServer({ jetstream: true });
    const manager = await managerOf(server.url);
    await manager.streams.add({ name: 'S', subjects: ['s'] });
    const proxy = await startFrameProxy(server.port, {});
    const plan = planOf({ stream: 'S', messages: 20_000, ratePerSecond: 8_000, publishers: 2 });
    const hooks = whenSent(5_000, () => proxy.cut());
    const report = await verified(targetOf(proxy.url), plan, hooks);
    expect(report.outcome).toMatchObject({ sent: 20_000, acknowledged: 20_000, lost: 0 });
    const cuts = report.faults.filter(({ kind }) => kind === 'disconnected');
    // One for stderr and the API, two publishers, one subscriber; not all need to see the same end of the connection.
    expect(cuts.reduce((sum, { count }) => sum + count, 0)).toBe(4);
    expect((await manager.streams.info('S')).state.messages).toBe(20_000);
  });
});

describe('a slow consumer that the server cuts off', () => {
  it('costs core NATS exactly what did not come, and is told', async () => {
    const limits = { max_pending: 2_000_000, write_deadline: '1s' };
    const server = await startNatsServer({ config: limits });
    const runId = 'slow';
    const arrived = new Set<number>();
    const proxy = await startFrameProxy(server.port, {
      toClient: (frame) => {
        const number = messageNumber(runId, frame.payload);
        if (number !== undefined) arrived.add(number);
        return [frame.bytes];
      },
    });
    const slowConsumers = async (): Promise<boolean> =>
      Number((await server.monitor('/varz'))['slow_consumers']) > 0;
    const hooks = whenSent(2_000, async () => {
      proxy.stall();
      await eventually('the server has cut somebody off', slowConsumers, { timeoutMs: 30_000 });
      proxy.flow();
    });
    const plan = planOf({
      runId,
      sizeBytes: 16_000,
      messages: undefined,
      durationMs: 6_000,
      ratePerSecond: 10_000,
      expectation: 'at-least-once',
      settleMs: 5_000,
    });
    const report = await verified(targetOf(proxy.url), plan, hooks);
    const { outcome, verdict, faults } = report;
    expect(await slowConsumers()).toBe(true);
    expect(outcome.lost).toBeGreaterThan(0);
    expect(outcome).toMatchObject({ duplicated: 0, outOfOrder: 0, corrupted: 0 });
    expect(outcome.delivered).toBe(arrived.size);
    expect(outcome.lost).toBe(outcome.sent - arrived.size);
    const missing = new Set<number>();
    for (let number = 1; number <= outcome.sent; number++) {
      if (!arrived.has(number)) missing.add(number);
    }
    const inGaps = outcome.gaps.flatMap(({ from, to }) =>
      Array.from({ length: to - from + 1 }, (_, index) => from + index),
    );
    expect(new Set(inGaps)).toEqual(missing);
    expect(verdict?.kept).toBe(false);
    expect(kinds(report)).toContain('disconnected');
    const back = faults.find(({ kind }) => kind === 'reconnected');
    expect(back?.detail).toContain('it disconnects slow readers');
  });
});

describe('a server that stands still for a while', () => {
  it('is told as stalled acknowledgements, and costs nothing', async () => {
    const server = await startNatsServer({ jetstream: true });
    const manager = await managerOf(server.url);
    await manager.streams.add({ name: 'S', subjects: ['s'] });
    const plan = planOf({ stream: 'S', messages: 10_000, ratePerSecond: 5_000, timeoutMs: 1_000 });
    const hooks = whenSent(2_000, () => {
      server.pause();
      setTimeout(() => server.resume(), 2_500);
    });
    const report = await verified(targetOf(server.url), plan, hooks);
    const { outcome } = report;
    expect(outcome).toMatchObject({ acknowledged: 10_000, lost: 0, delivered: 10_000 });
    expect(outcome.resent).toBeGreaterThan(0);
    expect((await manager.streams.info('S')).state.messages).toBe(10_000);
    expect(kinds(report)).toContain('acks-stalled');
    // With a rate, latency counts from the planned time: the stall shows.
    expect(report.latency.acknowledged?.maxNs).toBeGreaterThan(2e9);
  });
});

async function connectTo(url: string): Promise<NatsConnection> {
  const connection = await connect({ servers: url });
  onTestFinished(() => connection.close());
  return connection;
}
