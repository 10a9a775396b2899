import { once } from 'node:events';
import { connect as dial, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AckPolicy,
  DeliverPolicy,
  type PriorityPolicy,
  ReplayPolicy,
  RetentionPolicy,
} from '@nats-io/jetstream';
import { expect } from 'vitest';
import type { FindingId } from '../../../../src/backlog/model/finding-id.js';
import { eventually } from '../../../support/eventually.js';
import { patientClient } from '../../../support/patient-jetstream.js';
import { work, type Bench, type Look } from './bench.js';
import { scheduleIn, send, settled, type Scenario } from './scenario.js';

const SECOND = 1e9;
const HOUR = 3600 * SECOND;

function pull(bench: Bench, client: Awaited<ReturnType<Bench['client']>>, body: object): void {
  const subject = `$JS.API.CONSUMER.MSG.NEXT.${bench.stream}.worker`;
  client.publish(subject, JSON.stringify({ expires: 30 * SECOND, ...body }), {
    reply: `_INBOX.${bench.stream}.1`,
  });
}

function hot(share: number) {
  return ({ consumer, stream }: Look): void => {
    const found = consumer?.findings.find(({ id }) => id === 'HOT_SUBJECT');
    expect(found?.evidence['share']).toBeCloseTo(share, 2);
    expect(found?.summary).toContain(`${stream.name}.a`);
  };
}

function alsoFinds(id: FindingId) {
  return ({ consumer }: Look): void =>
    expect(consumer?.findings.map((one) => one.id)).toContain(id);
}

/** Hands everything on a while later, as a long way does. */
export async function longWay(port: number, delayMs: number): Promise<string> {
  const late = (from: Socket, to: Socket): void => {
    from.on('data', (chunk: Buffer) => void sleep(delayMs).then(() => to.write(chunk)));
    from.on('close', () => to.destroy());
    from.on('error', () => to.destroy());
  };
  const proxy = createServer((near) => {
    const far = dial(port, '127.0.0.1');
    late(near, far);
    late(far, near);
  });
  proxy.listen(0, '127.0.0.1');
  proxy.unref();
  await once(proxy, 'listening');
  return `nats://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}

async function fetchOneByOne(bench: Bench, url: string): Promise<void> {
  const client = await bench.client('far away', url);
  const consumer = await patientClient(client).consumers.get(bench.stream, 'worker');
  void (async () => {
    while (!client.isClosed()) (await consumer.next({ expires: 20_000 }))?.ack();
  })().catch(() => undefined);
}

/** What takes a special setting, or a threshold that is not waited for. */
export const RARE: Readonly<Record<string, Scenario>> = {
  'a log whose backlog is mostly one subject': {
    since: '2.11',
    stream: { allow_direct: true },
    consumer: { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: 41 },
    provoke: async ({ publish, stream }) => {
      await publish(40, `${stream}.b`);
      await publish(30, `${stream}.a`);
      await publish(10, `${stream}.b`);
    },
    request: { windowMs: 1000 },
    verdict: 'NO_CLIENT',
    also: hot(0.75),
  },
  'a queue whose backlog is mostly one subject': {
    since: '2.10',
    stream: { retention: RetentionPolicy.Workqueue },
    consumer: null,
    provoke: async (bench) => {
      const { stream, manager, publish } = bench;
      const filter_subjects = [`${stream}.a`, `${stream}.b`];
      await manager.consumers.add(stream, {
        durable_name: 'worker',
        ack_policy: AckPolicy.Explicit,
        filter_subjects,
      });
      await publish(40, `${stream}.a`);
      await publish(10, `${stream}.b`);
    },
    request: { windowMs: 1000 },
    verdict: 'NO_CLIENT',
    also: hot(0.8),
  },
  'a pinned client that stopped': {
    since: '2.11',
    consumer: {
      priority_policy: 'pinned_client' as PriorityPolicy,
      priority_groups: ['g'],
      priority_timeout: 60 * SECOND,
    },
    provoke: async (bench) => {
      await bench.publish(30);
      const first = await bench.client('pinned');
      const got = first.subscribe(`_INBOX.${bench.stream}.1`, { max: 1 });
      pull(bench, first, { batch: 1, group: 'g' });
      for await (const message of got) message.respond();
      const second = await bench.client('waiting');
      second.subscribe(`_INBOX.${bench.stream}.1`, { callback: () => undefined });
      pull(bench, second, { batch: 10, group: 'g' });
      await settled(bench, (info) => info.num_waiting === 1 && info.num_ack_pending === 0);
    },
    request: { windowMs: 1000 },
    verdict: 'PINNED_CLIENT_STUCK',
  },
  'only a standby client asks': {
    since: '2.11',
    consumer: { priority_policy: 'overflow' as PriorityPolicy, priority_groups: ['g'] },
    provoke: async (bench) => {
      await bench.publish(30);
      const standby = await bench.client('standby');
      standby.subscribe(`_INBOX.${bench.stream}.1`, { callback: () => undefined });
      pull(bench, standby, { batch: 10, group: 'g', min_pending: 1000 });
      await settled(bench, (info) => info.num_waiting === 1);
    },
    request: { windowMs: 1000 },
    verdict: 'OVERFLOW_NOT_REACHED',
  },
  'replay at the original pace': {
    consumer: null,
    provoke: async (bench) => {
      bench.publishSteadily(20);
      await sleep(2500);
      (await bench.client('sub')).subscribe('push.replay', { callback: () => undefined });
      await bench.manager.consumers.add(bench.stream, {
        durable_name: 'worker',
        ack_policy: AckPolicy.None,
        replay_policy: ReplayPolicy.Original,
        deliver_subject: 'push.replay',
      });
    },
    request: { windowMs: 1500 },
    thresholds: { keepsUpWithinS: 1 },
    verdict: 'REPLAY_ORIGINAL',
    also: ({ consumer }) => {
      expect(consumer?.facts?.catchUpFactor).toBeGreaterThan(0.75);
      expect(consumer?.facts?.catchUpFactor).toBeLessThan(1.25);
    },
  },
  'a subscriber that does not know flow control': {
    consumer: {
      deliver_subject: 'push.flow',
      ack_policy: AckPolicy.None,
      flow_control: true,
      idle_heartbeat: SECOND,
    },
    provoke: async (bench) => {
      await bench.publish(200, undefined, 50_000);
      (await bench.client('sub')).subscribe('push.flow', { callback: () => undefined });
      let before = -1;
      await eventually('delivery stands', async () => {
        const { delivered, num_pending } = await bench.manager.consumers.info(
          bench.stream,
          'worker',
        );
        const stands = delivered.consumer_seq === before && before > 0 && num_pending > 0;
        before = delivered.consumer_seq;
        await sleep(200);
        return stands;
      });
    },
    request: { windowMs: 1000 },
    verdict: 'FLOW_CONTROL_STALL',
  },
  'one message per round trip, far away': {
    provoke: async (bench) => {
      const { port } = new URL(bench.admin.getServer().replace(/^(?!\w+:\/\/)/, 'nats://'));
      const url = await longWay(Number(port), 200);
      await bench.publish(200);
      bench.publishSteadily(100);
      await fetchOneByOne(bench, url);
      // The server measures a client's round trip soon after it came.
      await sleep(3500);
    },
    // Beside such a way a busy machine's own lateness is little.
    request: { windowMs: 5000, taps: true },
    verdict: 'SMALL_BATCH_LATENCY',
    also: ({ consumer }) =>
      expect(consumer?.findings[0]?.evidence['clients']).toEqual([
        expect.stringContaining('far away'),
      ]),
  },
  'one consumer keeps messages that all others have finished': {
    stream: { retention: RetentionPolicy.Interest },
    provoke: async (bench) => {
      await bench.manager.consumers.add(bench.stream, {
        durable_name: 'forgotten',
        ack_policy: AckPolicy.Explicit,
      });
      await bench.publish(50);
      await work(bench, ({ ack }) => ack());
      await settled(bench, (info) => info.num_pending === 0 && info.num_ack_pending === 0);
    },
    request: { windowMs: 1000 },
    thresholds: { retentionPinnedAfterMs: 500 },
    verdict: 'RETENTION_PINNED',
    of: 'stream',
    also: ({ stream }) => expect(stream.headline).toContain('forgotten'),
  },
  'a durable that has not been used for a long time': {
    provoke: async (bench) => {
      await bench.publish(5);
      const worker = await work(bench, ({ ack }) => ack());
      await settled(bench, (info) => info.num_pending === 0 && info.num_ack_pending === 0);
      await worker.stop();
      await settled(bench, (info) => info.num_waiting === 0);
    },
    request: { windowMs: 1000 },
    thresholds: { orphanedAfterMs: 500 },
    verdict: 'OK',
    also: alsoFinds('ORPHANED_DURABLE'),
  },
  'consumers that clients left behind': {
    consumer: null,
    provoke: async ({ manager, stream }) => {
      const leftover = { ack_policy: AckPolicy.Explicit, inactive_threshold: 2 * HOUR };
      for (let made = 0; made < 5; made += 1) await manager.consumers.add(stream, leftover);
    },
    request: { windowMs: 1000 },
    thresholds: { leftoverCount: 4 },
    verdict: 'EPHEMERAL_LEFTOVERS',
    of: 'stream',
  },
  'a consumer created for every message': {
    consumer: null,
    provoke: ({ manager, stream }) => {
      void (async () => {
        for (;;) {
          const { name } = await manager.consumers.add(stream, { ack_policy: AckPolicy.Explicit });
          await sleep(100);
          await manager.consumers.delete(stream, name);
        }
      })().catch(() => undefined);
      return Promise.resolve();
    },
    request: { windowMs: 1500 },
    verdict: 'CONSUMER_CHURN',
    of: 'stream',
  },
  'a start sequence beyond the end of the stream': {
    consumer: { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: 1000 },
    provoke: (bench) => bench.publish(8),
    request: { windowMs: 1000 },
    verdict: 'CURSOR_AHEAD',
  },
  'a filter that matches no subject of the stream': {
    since: '2.10',
    consumer: null,
    provoke: async (bench) => {
      await bench.publish(3, `${bench.stream}.orders`);
      await bench.manager.consumers.add(bench.stream, {
        durable_name: 'worker',
        ack_policy: AckPolicy.Explicit,
        filter_subject: `${bench.stream}.order`,
      });
    },
    request: { windowMs: 1000 },
    verdict: 'FILTER_MATCHES_NOTHING',
  },
  'a schedule that the server cannot publish': {
    since: '2.14',
    stream: { allow_msg_schedules: true, allow_rollup_hdrs: true },
    consumer: null,
    provoke: async (bench) => {
      const target = { 'Nats-Schedule-Target': `${bench.stream}.jobs` };
      await send(bench, 'schedules.late', { 'Nats-Schedule': scheduleIn(1000), ...target });
      // Too small for the scheduled message.
      await bench.manager.streams.update(bench.stream, { max_msg_size: 1 });
      await eventually('it is overdue', async () => {
        const { stream } = await bench.look({ windowMs: 1000 });
        return stream.verdict !== 'OK';
      });
    },
    request: { windowMs: 1000 },
    verdict: 'SCHEDULE_OVERDUE',
    of: 'stream',
  },
  'unread messages whose own TTL has expired': {
    since: '2.12',
    stream: { allow_msg_ttl: true },
    provoke: async (bench) => {
      for (let sent = 0; sent < 20; sent += 1) await send(bench, 'a', { 'Nats-TTL': '2s' });
      await eventually('they have expired', async () => {
        const { state } = await bench.manager.streams.info(bench.stream);
        return state.messages === 0;
      });
    },
    request: { windowMs: 1000 },
    verdict: 'UNREAD_EVICTED',
  },
};
