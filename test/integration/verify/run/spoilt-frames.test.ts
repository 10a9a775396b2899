import { describe, expect, it } from 'vitest';

import { startNatsServer } from '../../../support/nats-server.js';
import { startFrameProxy, type PassingFrame } from '../../../support/frame-proxy.js';
import { ENVELOPE_BYTES } from '../../../../src/verify/model/envelope.js';
import { CLEAN, managerOf, messageNumber, planOf, targetOf, verified } from './runs.js';

const runId = 'spoilt';

const numberIn = ({ payload }: PassingFrame): number | undefined => messageNumber(runId, payload);

/** Does something to each `every`th message. */
const each =
  (every: number, treat: (frame: PassingFrame) => readonly Buffer[]) =>
  (frame: PassingFrame): readonly Buffer[] => {
    const number = numberIn(frame);
    return number !== undefined && number % every === 0 ? treat(frame) : [frame.bytes];
  };

/** The same frame with a wrong byte at `place` of the payload's envelope or of what follows it. */
function withWrongByte({ bytes }: PassingFrame, place: number): Buffer {
  const copy = Buffer.from(bytes);
  const at = copy.indexOf('NXV1') + place;
  copy[at] = (copy[at] ?? 0) ^ 0x01;
  return copy;
}

const places = (every: number, count: number): readonly object[] =>
  Array.from({ length: count }, (_, index) => ({
    publisher: 1,
    from: (index + 1) * every,
    to: (index + 1) * every,
  }));

describe('a subscriber that misses each 1000th message', () => {
  it('is reported with the number and the place of each, without JetStream', async () => {
    const server = await startNatsServer();
    const proxy = await startFrameProxy(server.port, { toClient: each(1_000, () => []) });
    const plan = planOf({ runId, messages: 10_500, expectation: 'at-least-once' });
    const { outcome, verdict } = await verified(targetOf(proxy.url), plan);
    expect(outcome).toMatchObject({ sent: 10_500, delivered: 10_490, lost: 10, duplicated: 0 });
    expect(outcome.gaps).toMatchObject(places(1_000, 10));
    for (const gap of outcome.gaps) expect(gap.firstAtMs).toBe(gap.lastAtMs);
    expect(verdict).toMatchObject({ kept: false, broken: ['10 messages lost'] });
  });

  it('breaks no promise of core NATS', async () => {
    const server = await startNatsServer();
    const proxy = await startFrameProxy(server.port, { toClient: each(1_000, () => []) });
    const { outcome, verdict } = await verified(targetOf(proxy.url), planOf({ runId }));
    expect(outcome.lost).toBe(5);
    expect(verdict).toMatchObject({ expectation: 'at-most-once', kept: true });
  });

  it('loses them for good from a consumer that waits for no acknowledgement', async () => {
    const server = await startNatsServer({ jetstream: true });
    const manager = await managerOf(server.url);
    await manager.streams.add({ name: 'S', subjects: ['s'] });
    const proxy = await startFrameProxy(server.port, { toClient: each(1_000, () => []) });
    const consumer = { kind: 'own', ackPolicy: 'none', ackWaitMs: 0, maxDeliver: -1 } as const;
    const plan = planOf({ runId, stream: 'S', consumer, expectation: 'exactly-once' });
    const { outcome } = await verified(targetOf(proxy.url), plan);
    expect(outcome).toMatchObject({ acknowledged: 5_000, lost: 5, duplicated: 0 });
    expect(outcome.gaps).toMatchObject(places(1_000, 5));
  });

  it('gets them again, out of order, from a consumer that is acknowledged', async () => {
    const server = await startNatsServer({ jetstream: true });
    const manager = await managerOf(server.url);
    await manager.streams.add({ name: 'S', subjects: ['s'] });
    const missed = new Set<number>();
    const proxy = await startFrameProxy(server.port, {
      toClient: (frame) => {
        const number = numberIn(frame);
        if (number === undefined || number % 1_000 !== 0 || missed.has(number))
          return [frame.bytes];
        missed.add(number);
        return [];
      },
    });
    const plan = planOf({ runId, stream: 'S', messages: 5_500, ordered: true });
    const { outcome, verdict } = await verified(targetOf(proxy.url), plan);
    expect(outcome).toMatchObject({ ...CLEAN, delivered: 5_500, outOfOrder: 5 });
    expect(verdict).toMatchObject({ kept: false, broken: ['5 messages out of order'] });
  });
});

describe('messages that are spoilt on the way', () => {
  it.each([
    ['in what follows the envelope', ENVELOPE_BYTES + 30],
    ['in the number', 24],
    ['in the run id', 6],
  ])('are corrupted and lost: a wrong bit %s', async (_, place) => {
    const server = await startNatsServer();
    const spoil = each(500, (frame) => [withWrongByte(frame, place)]);
    const proxy = await startFrameProxy(server.port, { toClient: spoil });
    const { outcome, verdict } = await verified(
      targetOf(proxy.url),
      planOf({ runId, subject: 'shared' }),
    );
    expect(outcome).toMatchObject({ corrupted: 10, lost: 10, delivered: 4_990, duplicated: 0 });
    expect(outcome.gaps).toMatchObject(places(500, 10));
    expect(outcome.corruptions).toHaveLength(10);
    expect(verdict).toMatchObject({ expectation: 'at-most-once', kept: false });
  });

  it('are not lost when a whole copy comes', async () => {
    const server = await startNatsServer();
    const both = each(500, (frame) => [withWrongByte(frame, 60), frame.bytes]);
    const proxy = await startFrameProxy(server.port, { toClient: both });
    const { outcome } = await verified(targetOf(proxy.url), planOf({ runId }));
    expect(outcome).toMatchObject({ corrupted: 10, lost: 0, delivered: 5_000, duplicated: 0 });
  });

  it('are known although nothing of the envelope is left, where the subject is their own', async () => {
    const server = await startNatsServer();
    const wipe = each(500, ({ bytes }) => {
      const copy = Buffer.from(bytes);
      return [copy.fill(0, copy.indexOf('NXV1'), copy.length - 2)];
    });
    const proxy = await startFrameProxy(server.port, { toClient: wipe });
    const { outcome, foreign } = await verified(targetOf(proxy.url), planOf({ runId }));
    expect(outcome).toMatchObject({ corrupted: 10, lost: 10 });
    expect(foreign).toBe(0);
  });
});

describe('messages that come twice or in another order', () => {
  it('are counted once each as duplicates, however many copies come', async () => {
    const server = await startNatsServer();
    const thrice = each(250, ({ bytes }) => [bytes, bytes, bytes]);
    const proxy = await startFrameProxy(server.port, { toClient: thrice });
    const { outcome, verdict } = await verified(targetOf(proxy.url), planOf({ runId }));
    expect(outcome).toMatchObject({ duplicated: 20, copies: 40, lost: 0, outOfOrder: 0 });
    expect(verdict).toMatchObject({ kept: false });
  });

  it('are duplicates when they are published twice without ids, and none when the stream knows their ids', async () => {
    const server = await startNatsServer({ jetstream: true });
    const manager = await managerOf(server.url);
    await manager.streams.add({ name: 'S', subjects: ['s'] });
    const twice = each(100, ({ bytes }) => [bytes, bytes]);
    const proxy = await startFrameProxy(server.port, { toServer: twice });
    const plan = { runId, stream: 'S', expectation: 'exactly-once' } as const;
    const without = await verified(targetOf(proxy.url), planOf({ ...plan, messageIds: false }));
    expect(without.outcome).toMatchObject({
      duplicated: 50,
      lost: 0,
      delivered: 5_000,
      sent: 5_000,
    });
    expect(without.verdict?.kept).toBe(false);
    const withIds = await verified(targetOf(proxy.url), planOf({ ...plan, messageIds: true }));
    expect(withIds.outcome).toMatchObject({ ...CLEAN, recognized: 50, delivered: 5_000 });
    expect(withIds.verdict?.kept).toBe(true);
  });

  it('are out of order once for each swap', async () => {
    const server = await startNatsServer();
    let held: Buffer | undefined;
    const proxy = await startFrameProxy(server.port, {
      toClient: (frame) => {
        const number = numberIn(frame);
        if (number === undefined) return [frame.bytes];
        if (number % 500 === 0) {
          held = frame.bytes;
          return [];
        }
        const late = held;
        held = undefined;
        return late === undefined ? [frame.bytes] : [frame.bytes, late];
      },
    });
    const plan = planOf({ runId, messages: 5_100, ordered: true });
    const { outcome, verdict } = await verified(targetOf(proxy.url), plan);
    expect(outcome).toMatchObject({ ...CLEAN, outOfOrder: 10, delivered: 5_100 });
    expect(verdict).toMatchObject({ kept: false, broken: ['10 messages out of order'] });
  });
});
