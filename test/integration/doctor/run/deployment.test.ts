import {
  connect as dialTcp,
  createServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net';
import { once } from 'node:events';
import { jetstream } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startCluster, type NatsCluster } from '../../../support/cluster.js';
import {
  startNatsServer,
  type NatsServer,
  type ServerOptions,
} from '../../../support/nats-server.js';
import { makeOperator } from '../../../support/operator.js';
import { requires, serverIsAtLeast } from '../../../support/server-version.js';
import { makeCertificates } from '../../../support/tls.js';
import { examine, finding, manage, told } from './bench.js';

async function server(options: ServerOptions): Promise<NatsServer> {
  const started = await startNatsServer(options);
  onTestFinished(() => started.stop());
  return started;
}

describe('the audit of a bare server', () => {
  let bare: NatsServer;
  let app: Awaited<ReturnType<typeof manage>>;
  beforeAll(async () => {
    bare = await startNatsServer({ jetstream: true, name: 'bare' });
    app = await manage({ servers: bare.url });
    await app.manager.streams.add({ name: 'ORDERS', subjects: ['orders.>'] });
    for (const subject of ['orders.new', 'prices.*', 'prices.*.eu']) {
      app.connection.subscribe(subject);
    }
    await app.connection.flush();
  });
  afterAll(async () => {
    await app.connection.close();
    await bare.stop();
  });

  it('finds that everybody may do everything, in the clear, on one server', async () => {
    const report = await examine({ url: bare.url });
    for (const id of ['NO_AUTHENTICATION', 'NO_TLS', 'SINGLE_SERVER'] as const) {
      expect(finding(report, id), told(report).join('\n')).toMatchObject({ severity: 'warning' });
    }
    await requires('2.11.16');
    expect(finding(report, 'WIDE_PERMISSIONS')).toMatchObject({ severity: 'warning' });
    expect(report.severity).toBe('warning');
  });

  it('names the subjects that are listened to and that no stream keeps', async () => {
    const found = finding(await examine({ url: bare.url }), 'CORE_ONLY_SUBJECTS');
    expect(found?.evidence['subjects']).toEqual([
      { subject: 'prices.*', subscribers: 1 },
      { subject: 'prices.*.eu', subscribers: 1 },
    ]);
    expect(found?.remedy).toEqual(["natsx stream create NAME --subjects 'prices.*'"]);
  });

  it('finds the lazy sync interval where the monitoring port tells it', async () => {
    const without = await examine({ url: bare.url });
    expect(finding(without, 'SYNC_INTERVAL_LAZY')).toBeUndefined();
    expect(without.missing.map(({ what }) => what)).toEqual([
      'server settings',
      ...untoldByOldServers,
    ]);
    const report = await examine({ url: bare.url }, { monitors: [new URL(bare.monitorUrl)] });
    if (!(await serverIsAtLeast('2.10'))) {
      expect(report.missing.map(({ what }) => what)).toContain('sync interval');
      return;
    }
    expect(finding(report, 'SYNC_INTERVAL_LAZY')).toMatchObject({
      severity: 'warning',
      evidence: { sync_interval_ms: 120_000, single_replica_streams: ['ORDERS'] },
    });
    expect(report.missing).toEqual([]);
  });

  it('lists a monitoring port that does not answer, and goes on', async () => {
    const closed = new URL('http://127.0.0.1:1');
    const report = await examine({ url: bare.url }, { monitors: [closed] });
    expect(report.missing[0]).toMatchObject({ what: 'server settings', why: 'error' });
    expect(report.missing).toHaveLength(1 + untoldByOldServers.length);
    expect(finding(report, 'NO_TLS')).toBeDefined();
  });

  it('finds a long way to the server', async () => {
    const far = await delayed(bare.port, 40);
    const report = await examine({ url: `nats://127.0.0.1:${String(far.port)}` });
    const found = finding(report, 'RTT_HIGH');
    expect(found).toMatchObject({ severity: 'info' });
    expect(found?.evidence['rtt_ms']).toBeGreaterThan(75);
  });
});

/** What no audit can look at on a server before 2.10. */
const untoldByOldServers = (await serverIsAtLeast('2.10')) ? [] : ['user permissions'];

/** Passes bytes on after a time, in both directions. */
async function delayed(port: number, delayMs: number): Promise<{ readonly port: number }> {
  const proxy: Server = createServer((near) => {
    const far = dialTcp(port, '127.0.0.1');
    const pass = (from: Socket, to: Socket): void => {
      from.on('data', (bytes) => setTimeout(() => to.write(bytes), delayMs));
      from.on('close', () => to.destroy());
      from.on('error', () => to.destroy());
    };
    pass(near, far);
    pass(far, near);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => void proxy.close());
  return { port: (proxy.address() as AddressInfo).port };
}

describe('the audit of credentials', () => {
  it('finds a password from the examples, and does not tell it', async () => {
    const credentials = { user: 'billing', password: 's3cr3t' };
    const { url } = await server({ authorization: credentials });
    const report = await examine({ url, credentials });
    expect(JSON.stringify(report)).not.toContain('s3cr3t');
    expect(finding(report, 'GUESSABLE_CREDENTIALS')?.severity).toBe('critical');
    expect(finding(report, 'NO_AUTHENTICATION')).toBeUndefined();
  });

  it('finds nothing about a password that is not obvious, nor about TLS where there is some', async () => {
    const { ca, serverTls } = await makeCertificates();
    const credentials = { user: 'billing', password: 'ohSh4Ach0eiG' };
    const { url } = await server({ authorization: credentials, tls: serverTls });
    const report = await examine({ url, credentials, tls: { ca } });
    expect(finding(report, 'GUESSABLE_CREDENTIALS')).toBeUndefined();
    expect(finding(report, 'NO_TLS')).toBeUndefined();
    expect(report.missing.map(({ what }) => what)).toEqual([
      'server settings',
      ...untoldByOldServers,
      'JetStream',
    ]);
  });

  it('finds a server that lets everybody in as somebody', async () => {
    await requires('2.10');
    const { url } = await server({
      config: {
        no_auth_user: 'guest',
        accounts: { APP: { users: [{ user: 'guest', password: 'aeNg8ooth6ee' }] } },
      },
    });
    const found = finding(await examine({ url }), 'NO_AUTHENTICATION');
    expect(found?.summary).toMatch(/lets anyone in without credentials as guest/);
  });

  it('finds credentials that end soon', async () => {
    await requires('2.10');
    const operator = await makeOperator();
    const { url } = await server({ jetstream: true, config: operator.config });
    const user = await operator.addUser('short', { expiresAt: new Date(Date.now() + 3_600_000) });
    const credentials = { jwt: user.jwt, seed: new TextEncoder().encode(user.seed) };
    const found = finding(await examine({ url, credentials }), 'CREDENTIALS_EXPIRE');
    expect(found).toMatchObject({ severity: 'critical' });
    expect(found?.evidence['expires_in_ms']).toBeLessThanOrEqual(3_600_000);
  });

  it('lists what a user without any rights cannot look at', async () => {
    const credentials = { user: 'narrow', password: 'ohSh4Ach0eiG' };
    const { url } = await server({
      jetstream: true,
      authorization: {
        users: [{ ...credentials, permissions: { publish: ['a'], subscribe: ['_INBOX.>'] } }],
      },
    });
    const report = await examine(
      { url, credentials },
      { scope: { apiPrefix: '$JS.API', timeoutMs: 500 } },
    );
    const missing = report.missing.map(({ what }) => what);
    expect(missing).toEqual(
      expect.arrayContaining(['server settings', 'user permissions', 'connections', 'streams']),
    );
    expect(
      report.missing.every(({ what, rules }) => what === 'JetStream' || rules.length > 0),
    ).toBe(true);
  });
});

describe('the audit of limits', () => {
  it('finds an account that has nearly used up its streams and its storage', async () => {
    const credentials = { user: 'app', password: 'ohSh4Ach0eiG' };
    const { url } = await server({
      jetstream: true,
      config: {
        accounts: {
          APP: {
            jetstream: { max_streams: 5, max_file: 10_000_000 },
            users: [credentials],
          },
        },
      },
    });
    const { manager, connection } = await manage({
      servers: url,
      user: credentials.user,
      pass: credentials.password,
    });
    for (const name of ['A', 'B', 'C', 'D']) {
      await manager.streams.add({ name, subjects: [`${name}.>`] });
    }
    const first = finding(await examine({ url, credentials }), 'ACCOUNT_LIMIT_NEAR');
    expect(first).toMatchObject({ severity: 'warning', evidence: { used: 4, most: 5 } });
    const js = jetstream(connection);
    for (let count = 0; count < 10; count += 1) await js.publish('A.x', new Uint8Array(960_000));
    await connection.close();
    const then = finding(await examine({ url, credentials }), 'ACCOUNT_LIMIT_NEAR');
    expect(then).toMatchObject({ severity: 'critical', evidence: { limit: 'the file storage' } });
  });

  it('finds a server with nearly as many connections as it takes', async () => {
    const full = await server({ config: { max_connections: 10 } });
    const clients = await Promise.all(Array.from({ length: 8 }, () => manageCore(full.url)));
    const report = await examine({ url: full.url }, { monitors: [new URL(full.monitorUrl)] });
    expect(finding(report, 'SERVER_LIMIT_NEAR')).toMatchObject({
      severity: 'warning',
      evidence: { used: 9, most: 10 },
    });
    for (const close of clients) await close();
  });
});

async function manageCore(url: string): Promise<() => Promise<void>> {
  const { connect } = await import('@nats-io/transport-node');
  const connection = await connect({ servers: url });
  return () => connection.close();
}

describe('the audit of a cluster of two', () => {
  let cluster: NatsCluster;
  let app: Awaited<ReturnType<typeof manage>>;
  beforeAll(async () => {
    cluster = await startCluster(2, { jetstream: true });
    app = await manage({ servers: cluster.urls[0]! });
    await app.manager.streams.add({ name: 'ONE', subjects: ['one'], num_replicas: 1 });
    await app.manager.streams.add({ name: 'TWO', subjects: ['two'], num_replicas: 2 });
    await app.manager.consumers.add('TWO', { durable_name: 'worker', num_replicas: 1 });
  });
  afterAll(async () => {
    await app.connection.close();
    await cluster.stop();
  });

  it('finds the even number of servers and of replicas, and what exists once', async () => {
    const monitors = cluster.servers.map(({ monitorUrl }) => new URL(monitorUrl));
    const report = await examine({ url: cluster.urls[0]! }, { monitors });
    expect(finding(report, 'CLUSTER_SIZE_EVEN')?.evidence).toMatchObject({ servers: 2 });
    expect(finding(report, 'REPLICAS_EVEN')?.scope).toEqual({ kind: 'stream', stream: 'TWO' });
    expect(finding(report, 'ONE_REPLICA')).toMatchObject({
      severity: 'warning',
      scope: { stream: 'ONE' },
    });
    expect(finding(report, 'CONSUMER_STATE_AT_RISK')?.summary).toContain('on 1 of the 2 servers');
    expect(finding(report, 'ROUTES_WITHOUT_TLS')?.evidence).toEqual({ servers: ['n1', 'n2'] });
    expect(finding(report, 'SINGLE_SERVER')).toBeUndefined();
  });

  it('knows the even number from an ordinary account as well', async () => {
    const report = await examine({ url: cluster.urls[0]! });
    expect(finding(report, 'CLUSTER_SIZE_EVEN')?.evidence).toMatchObject({ servers: 2 });
  });
});
