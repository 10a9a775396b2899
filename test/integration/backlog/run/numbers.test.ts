import { setTimeout as sleep } from 'node:timers/promises';
import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConsumerFacts } from '../../../../src/backlog/model/consumer-facts.js';
import { eventually } from '../../../support/eventually.js';
import { startNatsServer, type NatsServer } from '../../../support/nats-server.js';
import { patientClient } from '../../../support/patient-jetstream.js';
import { requires } from '../../../support/server-version.js';
import { setUp, work, type Bench } from './bench.js';

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

/** How many messages of a subject the stream stored in a time, by its own clock. */
async function storedBetween(
  bench: Bench,
  subject: string,
  fromMs: number,
  toMs: number,
): Promise<number> {
  const all = await patientClient(bench.admin).consumers.get(bench.stream, {
    filter_subjects: [subject],
  });
  const { num_pending: total } = await all.info(false);
  let found = 0;
  let read = 0;
  for await (const { timestampNanos } of await all.fetch({ max_messages: total })) {
    const atMs = Number(timestampNanos) / 1e6;
    if (atMs > fromMs && atMs <= toMs) found += 1;
    if ((read += 1) === total) break;
  }
  return found;
}

/** Rates against what the stream stored between the first and the last sample, however evenly that came. */
async function expectTrueRates(
  bench: Bench,
  { samples, pace }: ConsumerFacts,
  subject: string,
): Promise<void> {
  const [first, last] = [samples[0]!, samples.at(-1)!];
  const published = await storedBetween(bench, subject, first.atMs, last.atMs);
  const settled = published + first.pending + first.ackPending - last.pending - last.ackPending;
  const seconds = (last.atMs - first.atMs) / 1000;
  expect(published).toBeGreaterThan(0);
  expect(Math.abs((pace?.publishPerS ?? 0) * seconds - published)).toBeLessThan(0.05 * published);
  expect(Math.abs((pace?.settlePerS ?? 0) * seconds - settled)).toBeLessThan(0.05 * settled);
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
        const consumer = await patientClient(own.admin).consumers.get(own.stream, 'worker');
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
        expect(facts?.lookups.oldest?.seq).toBe(5);
        expect(facts?.lookups.oldest?.estimated).toBe(false);
        expect(
          Math.abs((facts?.oldestAgeMs ?? 0) - (facts!.last.atMs - (await storedMs(own, 5)))),
        ).toBeLessThan(50);
      } finally {
        await own.close();
      }
    },
  );
});

describe('the age behind a start in the middle', () => {
  it.concurrent.each([{ allow_direct: true }, { allow_direct: false }])(
    'is that of the first message since the consumer was made, before anything is acknowledged (%j)',
    async (stream) => {
      const own = await setUp(server.url, { stream, consumer: null });
      try {
        await own.publish(40);
        await own.manager.consumers.add(own.stream, {
          durable_name: 'worker',
          ack_policy: AckPolicy.Explicit,
          deliver_policy: DeliverPolicy.New,
        });
        await own.publish(3);
        await (await patientClient(own.admin).consumers.get(own.stream, 'worker')).next();
        const { consumer: found } = await own.look({ windowMs: 500 });
        expect(found?.facts?.lookups.oldest?.seq).toBe(41);
        const truthMs = found!.facts!.last.atMs - (await storedMs(own, 41));
        expect(Math.abs((found!.facts?.oldestAgeMs ?? 0) - truthMs)).toBeLessThan(50);
      } finally {
        await own.close();
      }
    },
  );
});

describe('rates', () => {
  it('are true of a worker that keeps up', async () => {
    // Before, the server does not tell its time: what was stored between two readings is not known exactly.
    await requires('2.10');
    const bench = await setUp(server.url);
    try {
      await work(bench, ({ ack }) => ack());
      bench.publishSteadily(200);
      const { consumer } = await bench.look();
      await expectTrueRates(bench, consumer!.facts!, `${bench.stream}.new`);
    } finally {
      await bench.close();
    }
  });

  it('are true behind a filter while messages are delivered again', async () => {
    await requires('2.11');
    const bench = await setUp(server.url, { stream: { allow_direct: true }, consumer: null });
    const wanted = `${bench.stream}.a`;
    try {
      await bench.manager.consumers.add(bench.stream, {
        durable_name: 'worker',
        filter_subject: wanted,
        ack_policy: AckPolicy.Explicit,
        ack_wait: 500e6,
      });
      await bench.publish(200, wanted);
      // One in two is left to the ack wait.
      await work(bench, async ({ ack, deliveries, seq }) => {
        await sleep(5);
        if (deliveries > 1 || seq % 2 === 0) ack();
      });
      const publisher = await bench.client('publisher');
      const timer = setInterval(() => {
        for (const subject of [wanted, `${bench.stream}.b`]) publisher.publish(subject, 'x');
      }, 10);
      await eventually('messages are delivered again', async () => {
        const info = await bench.manager.consumers.info(bench.stream, 'worker');
        return info.num_redelivered > 0;
      });
      const { consumer } = await bench.look();
      clearInterval(timer);
      expect(consumer!.facts!.motion?.redeliveries).toBeGreaterThan(0);
      await expectTrueRates(bench, consumer!.facts!, wanted);
    } finally {
      await bench.close();
    }
  });
});

describe('the forecast of the drain', () => {
  it('is within a fifth of the drain that then happens', async () => {
    const bench = await setUp(server.url);
    try {
      await bench.publish(700);
      const startMs = performance.now();
      let done = 0;
      await work(
        bench,
        async ({ ack }) => {
          // By the clock, so that what a busy machine is late with is made up for.
          await sleep(Math.max(0, startMs + 20 * ++done - performance.now()));
          ack();
        },
        { batch: 50 },
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
        { timeoutMs: 60_000 },
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
  it('counts from the first message that is the consumer’s own', async () => {
    const bench = await setUp(server.url, { stream: { max_msgs: 500 }, consumer: null });
    try {
      await bench.manager.consumers.add(bench.stream, {
        durable_name: 'worker',
        filter_subject: `${bench.stream}.rare`,
        ack_policy: AckPolicy.Explicit,
      });
      await bench.publish(400);
      await bench.publish(1, `${bench.stream}.rare`);
      bench.publishSteadily(20);
      await eventually('messages come', async () => {
        const { state } = await bench.manager.streams.info(bench.stream);
        return state.messages > 405;
      });
      const { consumer } = await bench.look({ windowMs: 1000 });
      const { loss, streamLast, ingestPerS } = consumer!.facts!;
      const room = 500 - streamLast!.messages + 400;
      expect(loss?.inMs).toBeCloseTo((1000 * room) / ingestPerS!, 0);
    } finally {
      await bench.close();
    }
  });

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
