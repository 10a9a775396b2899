import { existsSync } from 'node:fs';
import { connect } from '@nats-io/transport-node';
import { describe, expect, test } from 'vitest';
import { metaLeader, startCluster } from '../../support/cluster.js';
import { eventually } from '../../support/eventually.js';
import { startNatsServer } from '../../support/nats-server.js';
import { patientManager } from '../../support/patient-jetstream.js';

describe('a server of a test’s own', () => {
  test('is ready when it is handed out', async () => {
    const server = await startNatsServer({ name: 'alpha' });
    const connection = await connect({ servers: server.url });
    expect(connection.info?.server_name).toBe('alpha');
    await connection.close();
    await server.stop();
    expect(server.logs()).toContain('Server Exiting');
  });

  test('is ready with JetStream, too', async () => {
    const server = await startNatsServer({ jetstream: true });
    const connection = await connect({ servers: server.url });
    expect(await (await patientManager(connection)).getAccountInfo()).toMatchObject({ streams: 0 });
    await connection.close();
  });

  test('comes back on its port with its store', async () => {
    const server = await startNatsServer({ jetstream: true });
    const connection = await connect({ servers: server.url, reconnectTimeWait: 20 });
    const manager = await patientManager(connection, { timeout: 5_000 });
    await manager.streams.add({ name: 'KEPT', subjects: ['kept'] });
    const { pid } = server;
    await server.restart({ signal: 'SIGKILL' });
    expect(server.pid).not.toBe(pid);
    const info = await eventually('the stream is back', () => manager.streams.info('KEPT'));
    expect(info.config.name).toBe('KEPT');
    expect(existsSync(server.storeFolder)).toBe(true);
    await connection.close();
  });

  test('answers nothing while it is paused', async () => {
    const server = await startNatsServer();
    const connection = await connect({ servers: server.url });
    server.pause();
    const flushed = connection.flush().then(() => 'flushed');
    const first = await Promise.race([
      flushed,
      eventually('100 ms', () => 0, { timeoutMs: 100 }).catch(() => 'silence'),
    ]);
    expect(first).toBe('silence');
    server.resume();
    expect(await flushed).toBe('flushed');
    await connection.close();
  });

  test('fails with its log when it cannot start', async () => {
    const failure = startNatsServer({ config: 'no_such_setting: true' });
    await expect(failure).rejects.toThrow(/unknown field "no_such_setting"/);
  });

  test('takes authorization, limits and monitoring as options', async () => {
    const server = await startNatsServer({
      authorization: { user: 'ada', password: 'pa55' },
      maxPayload: 1024,
    });
    await expect(connect({ servers: server.url, reconnect: false })).rejects.toThrow(
      /Authorization/,
    );
    const connection = await connect({ servers: server.url, user: 'ada', pass: 'pa55' });
    expect(connection.info?.max_payload).toBe(1024);
    // The one that was refused goes a moment after it was told so.
    const varz = await eventually('one connection is left', async () => {
      const read = await server.monitor('/varz');
      return read['connections'] === 1 && read;
    });
    expect(varz).toMatchObject({ max_payload: 1024 });
    await connection.close();
  });

  test('joins another as a leaf node', async () => {
    const hub = await startNatsServer({ leafnode: true, jetstream: { domain: 'hub' } });
    const leaf = await startNatsServer({
      leafnode: { remote: hub.leafUrl! },
      jetstream: { domain: 'edge' },
    });
    await eventually('the leaf node stands', async () => {
      const { leafnodes } = await hub.monitor('/leafz');
      return leafnodes === 1;
    });
    const connection = await connect({ servers: leaf.url });
    const manager = await patientManager(connection, { domain: 'hub' });
    expect((await manager.getAccountInfo()).domain).toBe('hub');
    await connection.close();
  });
});

describe('a cluster', () => {
  test('has a leader for JetStream when it is handed out', async () => {
    const cluster = await startCluster(3, { jetstream: true });
    expect(['n1', 'n2', 'n3']).toContain(await metaLeader(cluster));
    const connection = await connect({ servers: [...cluster.urls] });
    const manager = await patientManager(connection);
    const made = await manager.streams.add({ name: 'R3', subjects: ['r3'], num_replicas: 3 });
    expect(made.cluster?.replicas).toHaveLength(2);
    await connection.close();
    await cluster.stop();
  });
});
