import type { JetStreamManager } from '@nats-io/jetstream';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { AuditId } from '../../../../src/doctor/model/doctor-id.js';
import { knownBugs } from '../../../../src/doctor/model/known-bugs.js';
import { metaLeader, startCluster, type NatsCluster } from '../../../support/cluster.js';
import { eventually } from '../../../support/eventually.js';
import {
  startNatsServer,
  type NatsServer,
  type ServerOptions,
} from '../../../support/nats-server.js';
import { requireOlderServer, serverVersion } from '../../../support/server-version.js';
import { store } from '../../../support/store.js';
import { examine, finding, manage } from './bench.js';

async function server(options: ServerOptions): Promise<NatsServer> {
  const started = await startNatsServer(options);
  onTestFinished(() => started.stop());
  return started;
}

async function cluster(): Promise<NatsCluster> {
  const started = await startCluster(3, { jetstream: true });
  onTestFinished(() => started.stop());
  return started;
}

describe('the audit of versions', () => {
  it('finds versions that differ, and what is wrong with one', async () => {
    const older = await requireOlderServer();
    const routedTo = (routes: readonly string[]) => ({
      cluster: { name: 'mixed', host: '127.0.0.1', port: -1, routes },
    });
    const newer = await server({ name: 'newer', config: routedTo([]) });
    const { cluster_port: port } = (await newer.monitor('/varz'))['cluster'] as {
      cluster_port: number;
    };
    const config = routedTo([`nats-route://127.0.0.1:${String(port)}`]);
    await server({ name: 'older', binary: older, config });
    const report = await eventually('both servers answer', async () => {
      const one = await examine({ url: newer.url });
      return one.looked.servers === 2 ? one : undefined;
    });
    expect(finding(report, 'VERSIONS_DIFFER')?.summary).toMatch(/\d\S* on older/);
    expect(finding(report, 'VERSIONS_DIFFER')?.summary).toMatch(/\d\S* on newer/);
    const bugs = knownBugs(await serverVersion(older)).map(({ id }) => id);
    expect(bugsIn(finding(report, 'KNOWN_BUGS'))).toEqual(expect.arrayContaining(bugs));
  });

  it('finds what the table has of the version under test', async () => {
    const { url } = await server({});
    const bugs = knownBugs(await serverVersion()).map(({ id }) => id);
    expect(bugsIn(finding(await examine({ url }), 'KNOWN_BUGS'))).toEqual(bugs);
  });
});

function bugsIn(found: ReturnType<typeof finding>): readonly string[] {
  const bugs = (found?.evidence['bugs'] ?? []) as unknown as readonly { readonly id: string }[];
  return bugs.map(({ id }) => id);
}

const patience = { timeoutMs: 40_000 };
const hasty = { scope: { apiPrefix: '$JS.API', timeoutMs: 1000 } };
const GROUP_IDS: readonly AuditId[] = ['NO_LEADER', 'QUORUM_AT_RISK', 'REPLICA_LAG'];

describe('the audit of a cluster in trouble', () => {
  it('finds a replica that falls behind, and nothing more when it has caught up', async () => {
    const { follower, followerName, leaderUrl, publish } = await streamOfThree(await cluster());
    const found = await eventually(
      'the audit notices the frozen server',
      async () => {
        follower.pause();
        await publish(50);
        const report = await examine({ url: leaderUrl }, hasty);
        // After ten silent seconds it counts as gone; it is frozen anew then, as a leader that is new is not judged.
        follower.resume();
        return finding(report, 'REPLICA_LAG');
      },
      patience,
    );
    expect(found).toMatchObject({
      severity: 'warning',
      scope: { kind: 'stream', stream: 'ORDERS' },
    });
    expect(found.summary).toMatch(
      new RegExp(`^Replica ${followerName} of the stream ORDERS is [1-9]\\d* operations? behind`),
    );
    await eventually(
      'it has caught up',
      async () => {
        const { findings } = await examine({ url: leaderUrl });
        return findings.every(({ id }) => !GROUP_IDS.includes(id));
      },
      patience,
    );
  });

  it('finds what one more failure stops, what has no leader, and then that JetStream stands still', async () => {
    const { servers, urls } = await startedWithStreams();
    const dead = await homeOf(urls[0]!, 'ALONE');
    const [viewer, other] = servers.filter((_, place) => place !== dead);
    await servers[dead]!.kill();
    const report = await eventually(
      'the audit notices the dead server',
      async () => {
        const one = await examine({ url: viewer!.url });
        const ids = one.findings.map(({ id }) => id);
        return ids.includes('QUORUM_AT_RISK') && ids.includes('NO_LEADER') ? one : undefined;
      },
      patience,
    );
    const gone = `n${String(dead + 1)}`;
    expect(finding(report, 'QUORUM_AT_RISK')).toMatchObject({
      severity: 'critical',
      scope: { kind: 'stream', stream: 'ORDERS' },
      evidence: { group_size: 3, gone: [gone] },
    });
    expect(finding(report, 'NO_LEADER')).toMatchObject({
      severity: 'critical',
      scope: { kind: 'stream', stream: 'ALONE' },
    });
    // The dead one is still a member: three, not two.
    expect(finding(report, 'CLUSTER_SIZE_EVEN')).toBeUndefined();

    await other?.kill();
    const still = await eventually(
      'the audit says that nobody leads JetStream',
      async () => {
        const one = await examine({ url: viewer!.url }, hasty);
        return finding(one, 'NO_META_LEADER') === undefined ? undefined : one;
      },
      patience,
    );
    expect(finding(still, 'NO_META_LEADER')).toMatchObject({
      severity: 'critical',
      evidence: { cluster: 'test' },
    });
    expect(still.missing.find(({ what }) => what === 'streams')?.rules).toContain(
      'ACK_WAIT_TOO_SHORT',
    );
    const alone = await eventually(
      'the audit of one stream says so of it',
      async () =>
        finding(
          await examine({ url: viewer!.url }, { ...hasty, streams: ['ORDERS'] }),
          'NO_LEADER',
        ),
      patience,
    );
    expect(alone).toMatchObject({ severity: 'critical', scope: { stream: 'ORDERS' } });
  });
});

/** A cluster that stands may still take its members for offline. */
async function makeStream(manager: JetStreamManager, name: string, replicas: number) {
  const config = { name, subjects: [name.toLowerCase()], num_replicas: replicas };
  await eventually('the stream is made', () => manager.streams.add(config), patience);
}

async function startedWithStreams(): Promise<NatsCluster> {
  const started = await cluster();
  const { manager, connection } = await manage({ servers: started.urls[0]! });
  await makeStream(manager, 'ORDERS', 3);
  await makeStream(manager, 'ALONE', 1);
  await connection.close();
  return started;
}

/** Place of the server that leads a stream. */
async function homeOf(url: string, stream: string): Promise<number> {
  const { manager, connection } = await manage({ servers: url });
  const { cluster: group } = await manager.streams.info(stream);
  await connection.close();
  return Number(group?.leader?.slice(1)) - 1;
}

/** A stream with three replicas, one of them on a server that leads nothing. */
async function streamOfThree({ servers, urls }: NatsCluster) {
  const { manager, connection } = await manage({ servers: urls[0]! });
  await makeStream(manager, 'ORDERS', 3);
  await connection.close();
  const leader = await homeOf(urls[0]!, 'ORDERS');
  // The meta leader must live, so that the API answers.
  const meta = await metaLeader({ servers, urls, stop: () => Promise.resolve() });
  const place = servers.findIndex((_, at) => at !== leader && meta !== `n${String(at + 1)}`);
  const leaderUrl = urls[leader]!;
  return {
    follower: servers[place]!,
    followerName: `n${String(place + 1)}`,
    leaderUrl,
    publish: async (count: number): Promise<void> => {
      const app = await manage({ servers: leaderUrl });
      for (let done = 0; done < count; done += 1) await store(app.connection, 'orders');
      await app.connection.close();
    },
  };
}
