import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterEach, describe, expect, it } from 'vitest';
import { backlogReport } from '../../../src/app/backlog.js';
import type { BacklogReport } from '../../../src/domain/backlog/report.js';
import { startCluster, type NatsCluster } from '../../support/cluster.js';
import { eventually } from '../../support/eventually.js';

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

describe('in a cluster', () => {
  it('tells a lost replica, a lost leader and a lost quorum apart', async () => {
    cluster = await startCluster(3, { jetstream: true });
    const [first, ...others] = cluster.servers;
    const admin = await open([first!.url], 'admin');
    const manager = await jetstreamManager(admin);
    await manager.streams.add({ name: 'R3', subjects: ['r3.>'], num_replicas: 3 });
    await manager.consumers.add('R3', { durable_name: 'worker', ack_policy: AckPolicy.Explicit });
    await manager.streams.add({ name: 'R1', subjects: ['r1.>'], num_replicas: 1 });
    await eventually('the stream takes messages', () => jetstream(admin).publish('r3.new', 'x'), {
      timeoutMs: 15_000,
    });
    for (let i = 1; i < 10; i += 1) await jetstream(admin).publish('r3.new', 'x');

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
  }, 180_000);
});
