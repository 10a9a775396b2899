import type { JetStreamManager } from '@nats-io/jetstream';
import { beforeEach, describe, expect, it } from 'vitest';

import { parseFaults } from '../../../../src/faults/model/parse-faults.js';
import { startFrameProxy, type FrameTreatment } from '../../../support/frame-proxy.js';
import { startNatsServer, type NatsServer } from '../../../support/nats-server.js';
import { requires, serverIsAtLeast } from '../../../support/server-version.js';
import { managerOf, messageNumber, planOf, targetOf, verified } from './runs.js';

let server: NatsServer;
let manager: JetStreamManager;

beforeEach(async () => {
  server = await startNatsServer({ jetstream: true });
  manager = await managerOf(server.url);
  const allowed = (await serverIsAtLeast('2.14')) && { allow_atomic: true, allow_batched: true };
  await manager.streams.add({ name: 'S', subjects: ['s.>'], ...allowed });
});

const stored = async (): Promise<number> => (await manager.streams.info('S')).state.messages;

/** The server behind a proxy that loses some numbered messages on their way. */
async function losing(runId: string, isLost: (number: number) => boolean) {
  const toServer: FrameTreatment = ({ subject, payload, bytes }) => {
    const number = subject.startsWith('s.') ? messageNumber(runId, payload) : undefined;
    return number !== undefined && isLost(number) ? [] : [bytes];
  };
  const { url } = await startFrameProxy(server.port, { toServer });
  return targetOf(url);
}

describe.each(['atomic', 'fast'] as const)('verify --mode %s', (mode) => {
  const plan = { stream: 'S', mode, messages: 2_000, messageIds: false } as const;

  it('gives each message its fate, as the stream has it, through cuts of the connection', async () => {
    await requires('2.14');
    const spec = 'cut 100ms every 500ms';
    const faults = { spec, seed: 3, faults: parseFaults(spec), command: undefined };
    const report = await verified(
      targetOf(server.url),
      planOf({ ...plan, faults, ratePerSecond: 1_500 }),
    );
    const { outcome } = report;
    expect(outcome).toMatchObject({ sent: 2_000, lost: 0, denied: 0 });
    expect(outcome.delivered + outcome.inDoubt + outcome.notStored).toBe(2_000);
    expect(outcome.batches?.torn).toBe(0);
    expect(report.verdict).toMatchObject({ kept: true });
    expect(await stored()).toBe(outcome.delivered);
  });
});

describe('messages that do not reach the stream', () => {
  it('are not stored, and the others of a fast batch are', async () => {
    await requires('2.14');
    const lost = new Set([1, 2, 700, 1999, 2000]);
    const plan = planOf({ stream: 'S', mode: 'fast', messages: 2_000, messageIds: false });
    const target = await losing(plan.runId, (number) => lost.has(number));
    const { outcome } = await verified(target, plan);
    // A batch begins with its first message: without it, nothing is stored until the next one begins.
    expect(outcome).toMatchObject({ sent: 2_000, lost: 0, inDoubt: 0, denied: 0 });
    expect(outcome.delivered + outcome.notStored).toBe(2_000);
    expect(await stored()).toBe(outcome.delivered);
  });

  it('cost the atomic batch that they belong to', async () => {
    await requires('2.12');
    const plan = planOf({ stream: 'S', mode: 'atomic', messages: 1_000, messageIds: false });
    const target = await losing(plan.runId, (number) => number === 150);
    const { outcome } = await verified(target, plan);
    expect(outcome).toMatchObject({ sent: 1_000, delivered: 900, notStored: 100, lost: 0 });
    expect(outcome.batches).toEqual({ committed: 9, abandoned: 1, unknown: 0, torn: 0 });
    expect(await stored()).toBe(900);
  });
});
