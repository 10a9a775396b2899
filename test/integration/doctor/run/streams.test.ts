import { setTimeout as sleep } from 'node:timers/promises';
import {
  AckPolicy,
  DiscardPolicy,
  RetentionPolicy,
  StorageType,
  jetstream,
  type ConsumerConfig,
  type JetStreamManager,
  type StreamConfig,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditId } from '../../../../src/doctor/model/doctor-id.js';
import type { Severity } from '../../../../src/core/findings/severity.js';
import { eventually } from '../../../support/eventually.js';
import { startNatsServer, type NatsServer } from '../../../support/nats-server.js';
import { requires } from '../../../support/server-version.js';
import { examine, finding, manage, told, type Choices } from './bench.js';

interface Scene {
  readonly manager: JetStreamManager;
  readonly connection: NatsConnection;
  readonly stream: string;
  readonly publish: (count: number, size?: number, subject?: string) => Promise<void>;
  /** Takes messages and leaves them unfinished. */
  readonly take: (count: number) => Promise<void>;
  readonly finish: (count: number) => Promise<void>;
}

interface Scenario {
  readonly id: AuditId;
  readonly severity: Severity;
  readonly stream?: Partial<StreamConfig>;
  readonly consumer?: Partial<ConsumerConfig>;
  readonly provoke?: (scene: Scene) => Promise<void>;
  readonly choices?: Choices;
  /** A part of the sentence, with the numbers of this case. */
  readonly says: string;
}

const second = 1e9;
const worker = { durable_name: 'worker', ack_policy: AckPolicy.Explicit };

/** Waits for the fact that the server keeps of the consumer. */
async function until(
  { manager, stream }: Scene,
  what: (info: { num_redelivered: number; delivered: { consumer_seq: number } }) => boolean,
): Promise<void> {
  await eventually('the scene is set', async () =>
    what(await manager.consumers.info(stream, 'worker')),
  );
}

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'a stream in memory': {
    id: 'MEMORY_STORAGE',
    severity: 'warning',
    stream: { storage: StorageType.Memory },
    provoke: ({ publish }) => publish(12),
    says: '12 messages',
  },
  'one replica on a single server': {
    id: 'ONE_REPLICA',
    severity: 'info',
    says: 'There is one copy of',
  },
  'a stream that confirms nothing': {
    id: 'STREAM_NO_ACK',
    severity: 'warning',
    stream: { no_ack: true },
    says: 'no acknowledgement',
  },
  'interest without a consumer': {
    id: 'INTEREST_NO_DURABLE',
    severity: 'warning',
    stream: { retention: RetentionPolicy.Interest },
    says: 'no durable one',
  },
  'interest with a durable consumer of a part': {
    id: 'INTEREST_NO_DURABLE',
    severity: 'info',
    stream: { retention: RetentionPolicy.Interest },
    consumer: { ...worker, filter_subject: 'STREAM.new' },
    says: 'covers all of',
  },
  'a duplicate window shorter than retries': {
    id: 'DUPLICATE_WINDOW_SHORT',
    severity: 'warning',
    stream: { duplicate_window: 5 * second },
    says: 'for 5s, and publishers may retry for 30s',
  },
  'a duplicate window that is long, but not for these publishers': {
    id: 'DUPLICATE_WINDOW_SHORT',
    severity: 'warning',
    choices: { retriesTakeMs: 600_000 },
    says: 'for 2m, and publishers may retry for 10m',
  },
  'a stream that will refuse': {
    id: 'STREAM_LIMIT_NEAR',
    severity: 'warning',
    stream: { max_msgs: 100, discard: DiscardPolicy.New },
    provoke: ({ publish }) => publish(85),
    says: '85% of max_msgs',
  },
  'a stream that refuses': {
    id: 'STREAM_LIMIT_NEAR',
    severity: 'critical',
    stream: { max_bytes: 20_000, discard: DiscardPolicy.New },
    provoke: ({ publish }) => publish(19, 980),
    says: 'of max_bytes',
  },
  'one subject with most of the messages': {
    id: 'SUBJECT_DOMINATES',
    severity: 'info',
    provoke: async ({ publish, stream }) => {
      await publish(900, 8, `${stream}.hot`);
      await publish(60, 8, `${stream}.a`);
      await publish(60, 8, `${stream}.b`);
    },
    says: '88.2% of the messages',
  },
  'giant messages': {
    id: 'GIANT_MESSAGES',
    severity: 'info',
    provoke: ({ publish }) => publish(3, 600_000),
    says: ' average ',
  },
  'a giant message behind a small average': {
    id: 'GIANT_MESSAGES',
    severity: 'info',
    provoke: async ({ publish }) => {
      await publish(200, 16);
      await publish(1, 600_000);
    },
    says: '(sequence 201 on ',
  },
  'a full stream whose reader has everything to do': {
    id: 'DISCARD_BEFORE_READ',
    severity: 'critical',
    stream: { max_msgs: 100 },
    consumer: worker,
    provoke: ({ publish }) => publish(130),
    says: 'each new message discards one of them',
  },
  'a stream that gets full with its reader at the end': {
    id: 'DISCARD_BEFORE_READ',
    severity: 'warning',
    stream: { max_msgs: 100 },
    consumer: worker,
    provoke: ({ publish }) => publish(85),
    says: '85% full',
  },
  'a backlog nearly as old as messages may become': {
    id: 'MAX_AGE_NEAR_BACKLOG',
    severity: 'warning',
    stream: { max_age: 10 * second, duplicate_window: 10 * second },
    consumer: worker,
    provoke: async ({ publish, manager, stream }) => {
      await publish(5);
      await eventually(
        'the oldest message is half as old as it may become',
        async () => {
          const { state } = await manager.streams.info(stream);
          return Date.now() - Date.parse(state.first_ts) > 5_200;
        },
        { timeoutMs: 20_000, intervalMs: 200 },
      );
    },
    says: 'is removed at 10s',
  },
  'a durable consumer without acknowledgement': {
    id: 'ACK_NONE',
    severity: 'warning',
    consumer: { durable_name: 'worker', ack_policy: AckPolicy.None },
    says: 'without an acknowledgement',
  },
  'a position in memory': {
    id: 'CONSUMER_STATE_AT_RISK',
    severity: 'warning',
    consumer: { ...worker, mem_storage: true },
    says: 'in memory only',
  },
  'work that takes longer than the server waits': {
    id: 'ACK_WAIT_TOO_SHORT',
    severity: 'critical',
    consumer: { ...worker, ack_wait: second },
    provoke: async ({ publish, connection, stream }) => {
      await publish(400);
      const consumer = await jetstream(connection).consumers.get(stream, 'worker');
      const messages = await consumer.consume({ max_messages: 30 });
      void (async () => {
        for await (const message of messages) {
          await sleep(100);
          message.ack();
        }
      })().catch(() => undefined);
      await eventually('messages come again', async () => {
        const info = await consumer.info();
        return info.num_redelivered > 0 && info.ack_floor.stream_seq > 0;
      });
    },
    choices: { windowMs: 3000 },
    says: 'ack_wait is 1s',
  },
  'deliveries without limit': {
    id: 'MAX_DELIVER_UNLIMITED',
    severity: 'info',
    consumer: worker,
    says: 'without limit',
  },
  'a message that comes back for ever': {
    id: 'MAX_DELIVER_UNLIMITED',
    severity: 'warning',
    consumer: worker,
    provoke: async (scene) => {
      await scene.publish(1);
      const consumer = await jetstream(scene.connection).consumers.get(scene.stream, 'worker');
      for (let times = 0; times < 8; times += 1) {
        const messages = await consumer.fetch({ max_messages: 1, expires: 2000 });
        for await (const message of messages) message.nak();
      }
      await until(scene, ({ delivered }) => delivered.consumer_seq >= 7);
    },
    says: 'in total, without limit',
  },
  'several messages under way where order matters': {
    id: 'ORDER_SEVERAL_IN_FLIGHT',
    severity: 'warning',
    stream: { metadata: { 'io.natsx.ordered': 'true' } },
    consumer: worker,
    says: '1,000 messages in flight',
  },
  'repeats where order matters': {
    id: 'ORDER_BROKEN_BY_REDELIVERY',
    severity: 'critical',
    stream: { metadata: { 'io.natsx.ordered': 'true' } },
    consumer: { ...worker, ack_wait: second / 2 },
    provoke: async (scene) => {
      await scene.publish(10);
      await scene.take(5);
      await sleep(600);
      await scene.take(2);
      await until(scene, (info) => info.num_redelivered > 0);
    },
    says: 'redelivered after later ones',
  },
};

let server: NatsServer;
let app: Awaited<ReturnType<typeof manage>>;
let number = 0;

beforeAll(async () => {
  server = await startNatsServer({ jetstream: true });
});
afterAll(() => server.stop());

async function prepare(scenario: Scenario): Promise<Scene> {
  app = await manage({ servers: server.url });
  const { manager, connection } = app;
  number += 1;
  const stream = `S${String(number)}`;
  await manager.streams.add({ name: stream, subjects: [`${stream}.>`], ...scenario.stream });
  const { consumer } = scenario;
  if (consumer !== undefined) {
    const filter = consumer.filter_subject?.replace('STREAM', stream);
    await manager.consumers.add(stream, {
      ...consumer,
      ...(filter === undefined ? {} : { filter_subject: filter }),
    });
  }
  const take = async (count: number, finish: boolean): Promise<void> => {
    const reader = await jetstream(connection).consumers.get(stream, 'worker');
    const messages = await reader.fetch({ max_messages: count, expires: 2000 });
    for await (const message of messages) if (finish) await message.ackAck();
  };
  const scene: Scene = {
    manager,
    connection,
    stream,
    publish: async (count, size = 16, subject = `${stream}.new`) => {
      const js = jetstream(connection);
      const body = new Uint8Array(size);
      await Promise.all(Array.from({ length: count }, () => js.publish(subject, body)));
    },
    take: (count) => take(count, false),
    finish: (count) => take(count, true),
  };
  await scenario.provoke?.(scene);
  return scene;
}

describe('the audit of a stream and its consumers', () => {
  it.each(Object.entries(SCENARIOS))(
    'finds %s',
    async (_name, scenario) => {
      if (scenario.stream?.metadata !== undefined) await requires('2.10');
      const { stream } = await prepare(scenario);
      try {
        const report = await examine(
          { url: server.url },
          { streams: [stream], ...scenario.choices },
        );
        const found = finding(report, scenario.id);
        expect(found, told(report).join('\n')).toMatchObject({ severity: scenario.severity });
        expect(found?.summary).toContain(scenario.says);
        expect(found?.remedy.length).toBeGreaterThan(0);
      } finally {
        await app.connection.close();
      }
    },
    40_000,
  );

  it('finds nothing on a stream and a consumer that are as they should be', async () => {
    const { stream } = await prepare({
      id: 'ACK_NONE',
      severity: 'info',
      says: '',
      stream: { max_msgs: 1000, max_age: 3600 * second },
      consumer: { ...worker, max_deliver: 5 },
      provoke: async (scene) => {
        await scene.publish(900);
        await scene.finish(900);
      },
    });
    const report = await examine({ url: server.url }, { streams: [stream] });
    await app.connection.close();
    const own = report.findings.filter(({ scope }) => 'stream' in scope).map(({ id }) => id);
    expect(own).toEqual(['ONE_REPLICA']);
  });

  it('takes one message under way at a time for ordered, and other streams as they are', async () => {
    const { stream } = await prepare({
      id: 'ORDER_SEVERAL_IN_FLIGHT',
      severity: 'warning',
      says: '',
      consumer: { ...worker, max_ack_pending: 1 },
    });
    const strict = await examine({ url: server.url }, { streams: [stream], ordered: [stream] });
    expect(finding(strict, 'ORDER_SEVERAL_IN_FLIGHT')).toBeUndefined();
    await app.manager.consumers.update(stream, 'worker', { max_ack_pending: 10 });
    const loose = await examine({ url: server.url }, { streams: [stream] });
    expect(finding(loose, 'ORDER_SEVERAL_IN_FLIGHT')).toBeUndefined();
    const ordered = await examine({ url: server.url }, { streams: [stream], ordered: [stream] });
    expect(finding(ordered, 'ORDER_SEVERAL_IN_FLIGHT')?.summary).toContain('10 messages');
    await app.connection.close();
  });

  it('names the nearest stream for a misspelt one', async () => {
    app = await manage({ servers: server.url });
    await app.manager.streams.add({ name: 'INVOICES', subjects: ['invoices.>'] });
    await app.connection.close();
    const misspelt = examine({ url: server.url }, { streams: ['INVOICE'] });
    await expect(misspelt).rejects.toMatchObject({ kind: 'not-found' });
    const ordered = examine({ url: server.url }, { ordered: ['INVOICEZ'] });
    await expect(ordered).rejects.toMatchObject({ kind: 'not-found' });
  });
});
