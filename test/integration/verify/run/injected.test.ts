import { describe, expect, it } from 'vitest';

import type { FaultPlan } from '../../../../src/faults/model/fault-plan.js';
import { parseFaults } from '../../../../src/faults/model/parse-faults.js';
import type { VerifyReport } from '../../../../src/verify/model/report.js';
import { startCluster } from '../../../support/cluster.js';
import { startFrameProxy } from '../../../support/frame-proxy.js';
import { startNatsServer } from '../../../support/nats-server.js';
import { makeCertificates } from '../../../support/tls.js';
import { managerOf, messageNumber, planOf, targetOf, verified } from './runs.js';

const faultsOf = (spec: string): FaultPlan => ({
  spec,
  seed: 7,
  faults: parseFaults(spec),
  command: undefined,
});

/** Each message has one fate, and the costs explain no more than what was lost. */
function expectTruth({ outcome, injected }: VerifyReport): void {
  expect(outcome.delivered + outcome.lost + outcome.inDoubt).toBe(outcome.sent);
  const explained = injected?.costs.reduce((sum, { lost }) => sum + lost, 0);
  expect(explained).toBeLessThanOrEqual(outcome.lost);
}

describe('a run with injected faults', () => {
  it('keeps what a stream promises through a cut and a black hole, and says what each one cost', async () => {
    const server = await startNatsServer({ jetstream: true });
    const manager = await managerOf(server.url);
    await manager.streams.add({ name: 'S', subjects: ['s.>'] });
    const consumer = {
      kind: 'own',
      ackPolicy: 'explicit',
      ackWaitMs: 500,
      maxDeliver: -1,
    } as const;
    const faults = faultsOf('cut 150ms every 400ms, blackhole 100ms every 700ms');
    const plan = planOf({ stream: 'S', consumer, faults, messages: 1_500, ratePerSecond: 1_500 });
    const report = await verified(targetOf(server.url), plan);
    expectTruth(report);
    expect(report.outcome).toMatchObject({ sent: 1_500, lost: 0, corrupted: 0 });
    expect(report.outcome.inDoubt).toBeLessThanOrEqual(150);
    // An independent count: what the stream holds.
    const { state } = await manager.streams.info('S');
    expect(state.messages).toBe(report.outcome.acknowledged);
    expect(report.injected?.schedule).toEqual([
      { kind: 'cut', atMs: 400 },
      { kind: 'blackhole', atMs: 700 },
      { kind: 'cut', atMs: 800 },
    ]);
    const [cut, hole] = report.injected?.costs ?? [];
    expect(cut).toMatchObject({ kind: 'cut', times: 2, lost: 0 });
    expect(hole).toMatchObject({ kind: 'blackhole', times: 1, lost: 0 });
    for (const cost of [cut, hole]) {
      expect(cost?.recoveredMs).toBeGreaterThanOrEqual(0);
      // Messages waited for the end of the fault.
      expect(cost?.p99Ns).toBeGreaterThan(50e6);
    }
  });

  it('says which core messages a cut has cost', async () => {
    const server = await startNatsServer();
    const faults = faultsOf('cut 200ms every 500ms');
    const plan = planOf({ faults, messages: 2_000, ratePerSecond: 2_000, subscribers: 2 });
    const report = await verified(targetOf(server.url), plan);
    expectTruth(report);
    expect(report.verdict?.kept).toBe(true);
    expect(report.outcome.inDoubt).toBe(0);
    expect(report.injected?.costs).toMatchObject([{ kind: 'cut', lost: report.outcome.lost }]);
  });

  it('resets connections after their bytes are used up, and still delivers everything', async () => {
    const server = await startNatsServer({ jetstream: true });
    const manager = await managerOf(server.url);
    await manager.streams.add({ name: 'S', subjects: ['s.>'] });
    const consumer = {
      kind: 'own',
      ackPolicy: 'explicit',
      ackWaitMs: 500,
      maxDeliver: -1,
    } as const;
    const faults = faultsOf('reset after 48KiB');
    const plan = planOf({ stream: 'S', consumer, faults, messages: 1_000 });
    const report = await verified(targetOf(server.url), plan);
    expectTruth(report);
    expect(report.outcome).toMatchObject({ sent: 1_000, delivered: 1_000, lost: 0, inDoubt: 0 });
    expect(report.injected?.costs[0]?.times).toBeGreaterThan(1);
  });

  it('checks the certificate of the server behind its proxy', async () => {
    const certificates = await makeCertificates({ hosts: ['localhost'] });
    const server = await startNatsServer({ tls: certificates.serverTls });
    const faults = faultsOf('cut 100ms every 300ms');
    const plan = planOf({ faults, messages: 500, ratePerSecond: 1_000 });
    const target = targetOf(`tls://localhost:${server.port}`);
    const dial = { ...target.dial, tls: { ca: certificates.ca } };
    const report = await verified({ ...target, dial }, plan);
    expectTruth(report);
    expect(report.faults.some(({ kind }) => kind === 'reconnected')).toBe(true);
    const wrong = targetOf(`tls://127.0.0.1:${server.port}`);
    const refused = verified({ ...wrong, dial: { ...wrong.dial, tls: dial.tls } }, plan);
    await expect(refused).rejects.toMatchObject({ kind: 'connection' });
  });

  it('reaches the servers that a cluster advertises through proxies too', async () => {
    const cluster = await startCluster(3);
    const [first = ''] = cluster.urls;
    const faults = faultsOf('cut 100ms every 300ms');
    const plan = planOf({ faults, messages: 500, ratePerSecond: 1_000 });
    const report = await verified(targetOf(first), plan);
    expectTruth(report);
    const places = new Set(
      report.faults.filter(({ kind }) => kind === 'reconnected').map(({ where }) => where),
    );
    const known = new Set(cluster.urls.map((url) => url.replace('nats://', '')));
    expect([...places].every((place) => known.has(place))).toBe(true);
    expect(places.size).toBeGreaterThan(0);
  });

  it('catches what acknowledges and drops, with and without a fault that could be blamed', async () => {
    const server = await startNatsServer({ jetstream: true });
    const manager = await managerOf(server.url);
    await manager.streams.add({ name: 'S', subjects: ['s.>'] });
    const plan = planOf({
      stream: 'S',
      faults: faultsOf('cut 100ms every 300ms'),
      messages: 600,
      ratePerSecond: 1_000,
      consumer: { kind: 'own', ackPolicy: 'explicit', ackWaitMs: 500, maxDeliver: -1 },
    });
    const dropped = new Set<number>();
    // The server stores and acknowledges them; nobody ever reads them.
    const stub = await startFrameProxy(server.port, {
      toClient: ({ payload, bytes }) => {
        const number = messageNumber(plan.runId, payload);
        if (number === undefined || number % 100 !== 7) return [bytes];
        dropped.add(number);
        return [];
      },
    });
    const consumer = { kind: 'own', ackPolicy: 'none', ackWaitMs: 500, maxDeliver: -1 } as const;
    const expectation = 'at-least-once' as const;
    const report = await verified(targetOf(stub.url), { ...plan, consumer, expectation });
    expectTruth(report);
    expect(report.verdict?.kept).toBe(false);
    expect(report.outcome.lost).toBeGreaterThanOrEqual(dropped.size);
  });
});
