import { setTimeout as sleep } from 'node:timers/promises';
import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterEach, describe, expect, it } from 'vitest';
import { backlogReport } from '../../../../src/backlog/run/backlog.js';
import type { BacklogReport } from '../../../../src/backlog/model/report.js';
import { metaLeader, startCluster, type NatsCluster } from '../../../support/cluster.js';
import { eventually } from '../../../support/eventually.js';
import { store } from '../../../support/store.js';

let cluster: NatsCluster | undefined;
const connections: NatsConnection[] = [];

afterEach(async () => {
  await Promise.all(connections.splice(0).map((connection) => connection.close()));
  await cluster?.stop();
});

async function open(urls: readonly string[], name: string): Promise<NatsConnection> {
  const connection = await connect({ servers: [...urls], name, maxReconnectAttempts: -1 });
  connections.push(connection);
  return connection;
}

function look(connection: NatsConnection, stream?: string): Promise<BacklogReport> {
  const scope = { apiPrefix: '$JS.API', timeoutMs: 5000 };
  const request = { stream, windowMs: 2000, taps: false, coreOnly: false, scope };
  return backlogReport(connection, request, new AbortController().signal);
}

interface Led {
  readonly cluster?: { readonly leader?: string };
}

/** Makes another server lead whatever `name` leads, so that it can be paused without an election. */
async function leaveTo(admin: NatsConnection, name: string): Promise<void> {
  for (const [info, stepDown] of [
    ['STREAM.INFO.BUSY', 'STREAM.LEADER.STEPDOWN.BUSY'],
    ['STREAM.INFO.STILL', 'STREAM.LEADER.STEPDOWN.STILL'],
    ['CONSUMER.INFO.STILL.worker', 'CONSUMER.LEADER.STEPDOWN.STILL.worker'],
  ] as const) {
    await eventually(
      `${name} does not lead`,
      async () => {
        const { cluster: group } = (await admin.request(`$JS.API.${info}`)).json<Led>();
        const leader = group?.leader ?? '';
        if (leader === name) await admin.request(`$JS.API.${stepDown}`);
        return leader !== '' && leader !== name;
      },
      { timeoutMs: 20_000 },
    );
  }
}

describe('in a cluster', () => {
  it('tells a lost replica, a lost leader and a lost quorum apart', async () => {
    cluster = await startCluster(3, { jetstream: true });
    const [first, ...others] = cluster.servers;
    const admin = await open([first!.url], 'admin');
    const manager = await jetstreamManager(admin);
    await manager.streams.add({ name: 'R3', subjects: ['r3.>'], num_replicas: 3 });
    await manager.consumers.add('R3', { durable_name: 'worker', ack_policy: AckPolicy.Explicit });
    await manager.streams.add({ name: 'R1', subjects: ['r1.>'], num_replicas: 1 });
    for (let i = 0; i < 10; i += 1) await store(admin, 'r3.new');

    const healthy = await look(admin);
    expect(healthy.streams.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual([
      'R3 OK',
      'R1 OK',
    ]);

    // R1 lives on one server alone; R3's quorum must survive, so another server than the viewer's dies.
    const home = (await manager.streams.info('R1')).cluster?.leader ?? '';
    const homeServer = cluster.servers[Number(home.slice(1)) - 1]!;
    const viewerServer = cluster.servers.find((server) => server !== homeServer)!;
    const viewer = await open([viewerServer.url], 'natsx backlog');
    await homeServer.kill();

    const wounded = await eventually(
      'the loss is told',
      async () => {
        const report = await look(viewer);
        const of = (name: string) => report.streams.find((stream) => stream.name === name);
        // The consumer may elect a leader of its own first.
        const told =
          of('R3')?.verdict === 'QUORUM_AT_RISK' &&
          of('R3')?.consumers[0]?.verdict === 'NO_CLIENT' &&
          of('R1')?.verdict === 'NO_LEADER';
        return told ? report : undefined;
      },
      { timeoutMs: 45_000 },
    );
    expect(wounded.complete).toBe(false);
    const alone = await look(viewer, 'R1');
    expect(alone.streams[0]?.verdict).toBe('NO_LEADER');

    const survivor = others
      .concat(first!)
      .find((server) => server !== homeServer && server !== viewerServer)!;
    await survivor.kill();
    await eventually(
      'the loss of the quorum is told',
      async () => {
        const [stream] = (await look(viewer, 'R3')).streams;
        // The old leader needs a while to see that it is alone; then nobody may answer at all.
        return ['NO_LEADER', 'UNKNOWN'].includes(stream?.verdict ?? '');
      },
      { timeoutMs: 60_000 },
    );
  });

  it('tells which replica of a stream, or of a consumer alone, lags behind', async () => {
    cluster = await startCluster(3, { jetstream: true });
    // Neither the server that is talked to nor the one that all requests go through may be paused.
    const meta = Number((await metaLeader(cluster)).slice(1)) - 1;
    const admin = await open([cluster.servers[meta]!.url], 'admin');
    const place = meta === 0 ? 1 : 0;
    const follower = { name: `n${String(place + 1)}`, server: cluster.servers[place]! };
    const manager = await jetstreamManager(admin);
    await manager.streams.add({ name: 'BUSY', subjects: ['busy.>'], num_replicas: 3 });
    await manager.streams.add({ name: 'STILL', subjects: ['still.>'], num_replicas: 3 });
    await manager.consumers.add('STILL', {
      durable_name: 'worker',
      ack_policy: AckPolicy.Explicit,
    });
    await store(admin, 'still.0');
    for (let batch = 0; batch < 10; batch += 1) {
      await Promise.all(Array.from({ length: 300 }, () => store(admin, 'still.1')));
    }
    await leaveTo(admin, follower.name);
    const publishing = setInterval(() => {
      for (let i = 0; i < 10; i += 1) admin.publish('busy.1', 'x');
    }, 20);
    const consumer = await jetstream(admin).consumers.get('STILL', 'worker');
    follower.server.pause();
    const messages = await consumer.consume({ max_messages: 50 });
    void (async () => {
      for await (const message of messages) {
        message.ack();
        await sleep(4);
      }
    })().catch(() => undefined);
    try {
      const found = await eventually(
        'the lag is told',
        async () => {
          const { streams } = await look(admin);
          const of = (stream: string) => streams.find((one) => one.name === stream);
          const told =
            of('BUSY')?.findings.some(({ id }) => id === 'REPLICA_LAG') &&
            of('STILL')?.consumers[0]?.findings.some(({ id }) => id === 'REPLICA_LAG');
          return told ? { busy: of('BUSY')!, still: of('STILL')! } : undefined;
        },
        { timeoutMs: 60_000 },
      );
      const ofStream = found.busy.findings.find(({ id }) => id === 'REPLICA_LAG');
      expect(ofStream?.summary).toContain(`Replica ${follower.name} of the stream BUSY`);
      // Nothing is published to the other stream: only the group of its consumer has anything to lag with.
      expect(found.still.findings.map(({ id }) => id)).not.toContain('REPLICA_LAG');
      const [own] = found.still.consumers;
      const ofConsumer = own?.findings.find(({ id }) => id === 'REPLICA_LAG');
      expect(ofConsumer?.summary).toContain(`Replica ${follower.name} of the consumer worker`);
    } finally {
      clearInterval(publishing);
      follower.server.resume();
    }
    await eventually(
      'it has caught up',
      async () => {
        const { streams } = await look(admin);
        const all = streams.flatMap(({ findings, consumers }) => [
          ...findings,
          ...consumers.flatMap((one) => one.findings),
        ]);
        return !all.some(({ id }) => id === 'REPLICA_LAG' || id === 'QUORUM_AT_RISK');
      },
      { timeoutMs: 45_000 },
    );
  });
});
