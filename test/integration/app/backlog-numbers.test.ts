import { setTimeout as sleep } from 'node:timers/promises';
import { AckPolicy, jetstream } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { startNatsServer, type NatsServer } from '../../support/nats-server.js';
import { setUp, work, type Bench } from './backlog-bench.js';

let server: NatsServer;
beforeAll(async () => {
  server = await startNatsServer({ jetstream: true });
});
afterAll(() => server.stop());

/** When the server stored a message, by its own clock. */
async function storedMs(bench: Bench, seq: number): Promise<number> {
  const message = await bench.manager.streams.getMessage(bench.stream, { seq });
  return message?.time.getTime() ?? 0;
}

describe('the age of the oldest unfinished message', () => {
  it.concurrent.each([{ allow_direct: true }, { allow_direct: false }])(
    'is true for a filter, over deleted and finished messages (%j)',
    async (stream) => {
      const own = await setUp(server.url, { stream, consumer: null });
      try {
        await own.manager.consumers.add(own.stream, {
          durable_name: 'worker',
          filter_subject: `${own.stream}.a`,
          ack_policy: AckPolicy.Explicit,
        });
        for (const subject of ['b', 'a', 'a', 'b', 'a', 'b', 'a']) {
          await own.publish(1, `${own.stream}.${subject}`);
          await sleep(60);
        }
        // 2 is acknowledged, 3 is deleted: 5 is the oldest that this consumer has not finished.
        const consumer = await jetstream(own.admin).consumers.get(own.stream, 'worker');
        const first = await consumer.next();
        first?.ack();
        await eventually(
          'it is acknowledged',
          async () =>
            (await own.manager.consumers.info(own.stream, 'worker')).ack_floor.stream_seq === 2,
        );
        await own.manager.streams.deleteMessage(own.stream, 3, false);
        const { consumer: found } = await own.look({ windowMs: 500 });
        const facts = found?.facts;
        expect(facts?.extras.oldest?.seq).toBe(5);
        expect(facts?.extras.oldest?.estimated).toBe(false);
        expect(
          Math.abs((facts?.oldestAgeMs ?? 0) - (facts!.last.atMs - (await storedMs(own, 5)))),
        ).toBeLessThan(50);
      } finally {
        await own.close();
      }
    },
  );
});

describe('the forecast of the drain', () => {
  it('is within a fifth of the drain that then happens', async () => {
    const bench = await setUp(server.url);
    try {
      await bench.publish(1500);
      await work(
        bench,
        async ({ ack }) => {
          await sleep(5);
          ack();
        },
        { batch: 10 },
      );
      const { consumer } = await bench.look();
      const { atMs } = consumer!.facts!.last;
      const etaS = consumer!.facts!.drain.etaS ?? 0;
      await eventually(
        'it is drained',
        async () => {
          const info = await bench.manager.consumers.info(bench.stream, 'worker');
          return info.num_pending + info.num_ack_pending === 0;
        },
        { timeoutMs: 30_000 },
      );
      const tookS = (Date.now() - atMs) / 1000;
      expect(etaS).toBeGreaterThan(0.8 * tookS);
      expect(etaS).toBeLessThan(1.2 * tookS);
    } finally {
      await bench.close();
    }
  });
});

describe('the loss clock', () => {
  it('strikes when the first unread message expires', async () => {
    const bench = await setUp(server.url, { stream: { max_age: 8e9 } });
    try {
      await bench.publish(5);
      const { consumer } = await bench.look({ windowMs: 1000 });
      const expected = consumer!.facts!.last.atMs + (consumer!.facts!.loss?.inMs ?? 0);
      await eventually(
        'a message expires',
        async () => (await bench.manager.streams.info(bench.stream)).state.first_seq > 1,
        { timeoutMs: 15_000 },
      );
      expect(Math.abs(Date.now() - expected)).toBeLessThan(1500);
    } finally {
      await bench.close();
    }
  });
});
