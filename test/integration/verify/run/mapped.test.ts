import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { runSend } from '../../../../src/verify/run/run-send.js';
import { runReceive } from '../../../../src/verify/run/run-receive.js';
import { runVerify } from '../../../../src/verify/run/run-verify.js';
import { eventually } from '../../../support/eventually.js';
import { startNatsServer } from '../../../support/nats-server.js';
import { requires } from '../../../support/server-version.js';
import { temporaryFolder } from '../../../support/shut-down.js';
import { makeCertificates } from '../../../support/tls.js';
import { CLEAN, managerOf, planOf, silent, targetOf, verified } from './runs.js';

interface Leafz {
  readonly leafs: readonly { readonly subscriptions_list?: readonly string[] }[];
}

const never = new AbortController().signal;

describe('a subject that a server maps to another one', () => {
  const config = { mappings: { 'in.>': 'out.>' } };

  it('is followed where it is named, also into a stream', async () => {
    const server = await startNatsServer({ jetstream: true, config });
    const mapped = { subject: 'in.a', receiveSubject: 'out.a', messages: 2_000 };
    const core = await verified(targetOf(server.url), planOf(mapped));
    expect(core.outcome).toMatchObject({ ...CLEAN, sent: 2_000, delivered: 2_000 });
    expect(core.notes).toEqual([]);
    const manager = await managerOf(server.url);
    await manager.streams.add({ name: 'S', subjects: ['out.>'] });
    const stored = await verified(targetOf(server.url), planOf({ ...mapped, stream: 'S' }));
    expect(stored.outcome).toMatchObject({ ...CLEAN, acknowledged: 2_000, delivered: 2_000 });
  });

  it('is followed in two halves, by the ledger too', async () => {
    const server = await startNatsServer({ jetstream: true, config });
    const manager = await managerOf(server.url);
    await manager.streams.add({ name: 'S', subjects: ['out.>'] });
    const ledger = join(temporaryFolder('verify'), 'run.ledger');
    const plan = planOf({ stream: 'S', subject: 'in.a', messages: 500, ledger });
    await expect(runSend(targetOf(server.url), plan, silent, never)).rejects.toMatchObject({
      hint: expect.stringContaining('--receive-subject') as string,
    });
    const named = { ...plan, receiveSubject: 'out.a' };
    const sent = await runSend(targetOf(server.url), named, silent, never);
    expect(sent.report.outcome).toMatchObject({ sent: 500, acknowledged: 500 });
    const receive = { ...named, runId: undefined, subject: undefined, stream: undefined };
    const read = await runReceive(
      targetOf(server.url),
      { ...receive, idleMs: 60_000 },
      silent,
      never,
    );
    expect(read.failure).toBeUndefined();
    expect(read.report.outcome).toMatchObject({ ...CLEAN, acknowledged: 500, delivered: 500 });
  });

  it('is told as the likely reason when nothing comes', async () => {
    const server = await startNatsServer({ config });
    const plan = planOf({ subject: 'in.a', messages: 100, timeoutMs: 300 });
    const { outcome, notes } = await verified(targetOf(server.url), plan);
    expect(outcome).toMatchObject({ sent: 100, lost: 100 });
    expect(notes).toEqual([
      'messages of publisher 1 did not reach subscriber 1 before the start; if a server maps in.a to another subject, name that with --receive-subject',
    ]);
  });
});

describe('a stream that transforms subjects', () => {
  it('is refused until it is said to which one, and then counts zeros', async () => {
    await requires('2.10');
    const server = await startNatsServer({ jetstream: true });
    const manager = await managerOf(server.url);
    const subject_transform = { src: 'raw.*', dest: 'kept.$1' };
    await manager.streams.add({ name: 'S', subjects: ['raw.*'], subject_transform });
    const plan = planOf({ stream: 'S', subject: 'raw.a', messages: 500 });
    await expect(verified(targetOf(server.url), plan)).rejects.toThrow(
      /stores raw.a under another subject: its subject transform is kept/,
    );
    const report = await verified(targetOf(server.url), { ...plan, receiveSubject: 'kept.a' });
    expect(report.outcome).toMatchObject({ ...CLEAN, acknowledged: 500, delivered: 500 });
  });
});

describe('a server that does not support headers', () => {
  const config = { no_header_support: true };

  it('ends a run with message ids at once, in words', async () => {
    const server = await startNatsServer({ jetstream: true, config });
    const manager = await managerOf(server.url);
    await manager.streams.add({ name: 'S', subjects: ['s'] });
    const plan = planOf({ stream: 'S' });
    for (const run of [runVerify, runSend]) {
      const refused = run(targetOf(server.url), plan, silent, never);
      await expect(refused).rejects.toMatchObject({
        kind: 'rejected',
        message: expect.stringMatching(/does not support headers/) as string,
        hint: expect.stringMatching(/--no-msg-id/) as string,
      });
    }
  });

  it('verifies without ids, and without JetStream', async () => {
    const server = await startNatsServer({ jetstream: true, config });
    const manager = await managerOf(server.url);
    await manager.streams.add({ name: 'S', subjects: ['s'] });
    const plan = planOf({ stream: 'S', messageIds: false });
    const { outcome } = await verified(targetOf(server.url), plan);
    expect(outcome).toMatchObject({ ...CLEAN, acknowledged: 5_000, delivered: 5_000 });
    const core = await verified(targetOf(server.url), planOf());
    expect(core.outcome).toMatchObject({ ...CLEAN, delivered: 5_000 });
  });
});

describe('ways through other networks', () => {
  it('TLS changes nothing', async () => {
    const { ca, serverTls } = await makeCertificates();
    const server = await startNatsServer({ tls: serverTls });
    const target = targetOf(server.url);
    const secure = { ...target, dial: { ...target.dial, tls: { ca } } };
    const report = await verified(secure, planOf({ publishers: 2, subscribers: 2 }));
    expect(report.outcome).toMatchObject({ ...CLEAN, sent: 5_000, delivered: 5_000 });
  });

  it('what is published at a leaf node arrives at its hub', async () => {
    const hub = await startNatsServer({ leafnode: true });
    const leaf = await startNatsServer({ leafnode: { remote: hub.leafUrl ?? '' } });
    await leaf.waitForLog(/Leafnode connection created/);
    const plan = planOf({ messages: 3_000, publishers: 2, ratePerSecond: 6_000 });
    let ready = false;
    const hooks = { ...silent, ready: () => void (ready = true) };
    const receiving = runReceive(targetOf(hub.url), { ...plan, idleMs: 10_000 }, hooks, never);
    await eventually('the receiver stands', () => ready);
    const subscribed = async (): Promise<boolean> => {
      const { leafs } = (await leaf.monitor('/leafz?subs=1')) as unknown as Leafz;
      return leafs.some(({ subscriptions_list: list = [] }) =>
        list.some((subject) => subject.includes(plan.runId)),
      );
    };
    await eventually('the leaf node has heard of it', subscribed);
    const sent = await runSend(targetOf(leaf.url), plan, silent, never);
    expect(sent.report.outcome.sent).toBe(3_000);
    const { report, failure } = await receiving;
    expect(failure).toBeUndefined();
    expect(report.outcome).toMatchObject({ ...CLEAN, sent: 3_000, delivered: 3_000 });
  });
});
