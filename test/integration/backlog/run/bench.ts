import {
  AckPolicy,
  type ConsumerConfig,
  type JetStreamManager,
  type StreamConfig,
} from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { readWindow } from '../../../../src/backlog/run/window.js';
import { diagnose } from '../../../../src/backlog/model/diagnose.js';
import type {
  BacklogReport,
  ConsumerReport,
  StreamReport,
} from '../../../../src/backlog/model/report.js';
import type { BacklogRequest } from '../../../../src/backlog/model/request.js';
import { DEFAULT_THRESHOLDS, type Thresholds } from '../../../../src/backlog/model/thresholds.js';
import { patientClient, patientManager } from '../../../support/patient-jetstream.js';

/** One stream with a consumer of its own on a shared server, and a way to look at them as natsx does. */
export interface Bench {
  readonly admin: NatsConnection;
  readonly manager: JetStreamManager;
  readonly stream: string;
  /** A further client, closed at the end. */
  readonly client: (name: string, url?: string) => Promise<NatsConnection>;
  readonly publish: (count: number, subject?: string, size?: number) => Promise<void>;
  /** Publishes at a rate until the bench is closed. */
  readonly publishSteadily: (perSecond: number) => void;
  readonly look: (
    request?: Partial<BacklogRequest>,
    thresholds?: Partial<Thresholds>,
  ) => Promise<Look>;
  readonly close: () => Promise<void>;
}

export interface Look {
  readonly report: BacklogReport;
  readonly stream: StreamReport;
  /** Absent where the stream has none. */
  readonly consumer: ConsumerReport | undefined;
}

let number = 0;

export async function setUp(
  url: string,
  options: {
    readonly stream?: Partial<StreamConfig>;
    readonly consumer?: Partial<ConsumerConfig> | null;
    readonly credentials?: object;
  } = {},
): Promise<Bench> {
  number += 1;
  const stream = `S${String(number)}`;
  const clients: NatsConnection[] = [];
  const client = async (name: string, through = url): Promise<NatsConnection> => {
    const connection = await connect({
      servers: through,
      name,
      reconnect: false,
      ...options.credentials,
    });
    clients.push(connection);
    return connection;
  };
  const admin = await client('admin');
  const manager = await patientManager(admin);
  await manager.streams.add({ name: stream, subjects: [`${stream}.>`], ...options.stream });
  if (options.consumer !== null) {
    await manager.consumers.add(stream, {
      durable_name: 'worker',
      ack_policy: AckPolicy.Explicit,
      ...options.consumer,
    });
  }
  let timer: NodeJS.Timeout | undefined;
  const publish = async (count: number, subject = `${stream}.new`, size = 16): Promise<void> => {
    const js = patientClient(admin);
    const payload = new Uint8Array(size);
    for (let done = 0; done < count; done += 500) {
      await Promise.all(
        Array.from({ length: Math.min(500, count - done) }, () => js.publish(subject, payload)),
      );
    }
  };
  return {
    admin,
    manager,
    stream,
    client,
    publish,
    publishSteadily: (perSecond) => {
      const startMs = performance.now();
      let sent = 0;
      timer = setInterval(() => {
        const due = Math.floor(((performance.now() - startMs) * perSecond) / 1000);
        for (; sent < due; sent += 1) admin.publish(`${stream}.new`, 'x');
      }, 10);
    },
    look: async (request = {}, thresholds = {}) => {
      const viewer = await client('natsx backlog');
      const window = await readWindow(
        viewer,
        {
          stream,
          windowMs: 4000,
          taps: false,
          coreOnly: false,
          scope: { apiPrefix: '$JS.API', timeoutMs: 30_000 },
          ...request,
        },
        new AbortController().signal,
      );
      const report = diagnose(window, { ...DEFAULT_THRESHOLDS, ...thresholds });
      const own = report.streams.find(({ name }) => name === stream)!;
      return {
        report,
        stream: own,
        consumer: own.consumers.find(({ name }) => name === 'worker'),
      };
    },
    close: async () => {
      clearInterval(timer);
      await Promise.all(clients.map((connection) => connection.close()));
    },
  };
}

/** Takes messages one by one, and lets the caller say what becomes of each. */
export async function work(
  bench: Bench,
  handle: (message: {
    ack: () => void;
    nak: (ms?: number) => void;
    seq: number;
    deliveries: number;
    working: () => void;
  }) => Promise<void> | void,
  options: { readonly batch?: number; readonly name?: string } = {},
): Promise<{ readonly stop: () => Promise<void>; readonly connection: NatsConnection }> {
  const connection = await bench.client(options.name ?? 'worker');
  const consumer = await patientClient(connection).consumers.get(bench.stream, 'worker');
  const messages = await consumer.consume({ max_messages: options.batch ?? 100 });
  void (async () => {
    for await (const message of messages) {
      await handle({
        ack: () => message.ack(),
        nak: (ms) => message.nak(ms),
        working: () => message.working(),
        seq: message.seq,
        deliveries: message.info.deliveryCount,
      });
    }
  })().catch(() => undefined);
  return { stop: () => connection.close(), connection };
}
