import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AckPolicy, jetstream } from '@nats-io/jetstream';
import type { AuditReport } from '../../../../src/doctor/model/report.js';
import { startCluster, type NatsCluster } from '../../../support/cluster.js';
import { serverIsAtLeast } from '../../../support/server-version.js';
import { store } from '../../../support/store.js';
import { makeCertificates, type TestCertificates } from '../../../support/tls.js';
import { dialFor, examine, finding, manage, told, type Reach } from './bench.js';

/** Everything that an audit of this account reads, and nothing that changes anything. */
const AUDITOR_MAY_ASK = [
  '$JS.API.INFO',
  '$JS.API.STREAM.LIST',
  '$JS.API.STREAM.INFO.*',
  '$JS.API.CONSUMER.LIST.*',
  '$JS.API.CONSUMER.INFO.*.*',
  '$JS.API.DIRECT.GET.>',
  '$JS.API.STREAM.MSG.GET.*',
  '$SYS.REQ.USER.INFO',
  '$SYS.REQ.ACCOUNT.PING.*',
];

const AUDITOR = { user: 'auditor', password: 'ieYoo4aequ6o' };
const APP = { user: 'app', password: 'aiph0Ohn6quu' };
const SYSTEM = { user: 'sys', password: 'Eingae7ohch8' };

let cluster: NatsCluster;
let certificates: TestCertificates;
let auditor: Reach;
let app: Awaited<ReturnType<typeof manage>>;

beforeAll(async () => {
  certificates = await makeCertificates();
  cluster = await startCluster(3, {
    jetstream: true,
    tls: certificates.serverTls,
    config: {
      system_account: 'SYS',
      accounts: {
        SYS: { users: [SYSTEM] },
        ORDERS: {
          jetstream: true,
          users: [
            {
              ...AUDITOR,
              permissions: { publish: AUDITOR_MAY_ASK, subscribe: ['_INBOX.>'] },
            },
            {
              ...APP,
              permissions: {
                publish: ['orders.>', '$JS.API.>', '$JS.ACK.>'],
                subscribe: ['_INBOX.>', 'orders.requests'],
              },
            },
          ],
        },
      },
    },
  });
  auditor = { url: cluster.urls[0]!, credentials: AUDITOR, tls: { ca: certificates.ca } };
  app = await manage({
    servers: cluster.urls[1]!,
    user: APP.user,
    pass: APP.password,
    tls: { ca: certificates.ca },
  });
  await app.manager.streams.add({ name: 'ORDERS', subjects: ['orders.new.>'], num_replicas: 3 });
  await app.manager.consumers.add('ORDERS', {
    durable_name: 'billing',
    ack_policy: AckPolicy.Explicit,
    max_deliver: 10,
  });
  await app.manager.consumers.add('ORDERS', {
    durable_name: 'audit',
    ack_policy: AckPolicy.Explicit,
  });
  for (let count = 0; count < 200; count += 1) {
    await store(app.connection, `orders.new.${String(count % 7)}`, 'x'.repeat(200));
  }
  const js = jetstream(app.connection);
  const messages = await (await js.consumers.get('ORDERS', 'billing')).fetch({ max_messages: 150 });
  for await (const message of messages) message.ack();
  app.connection.subscribe('orders.requests', { queue: 'q' });
  await app.connection.flush();
});

afterAll(async () => {
  await app.connection.close();
  await cluster.stop();
});

/** An old version is not sound, and tells less. */
const isRecent = await serverIsAtLeast('2.14.3');
const untoldByOldServers = (await serverIsAtLeast('2.10')) ? [] : ['user permissions'];

function aboveNotes(report: AuditReport): readonly string[] {
  return told(report).filter(
    (line) => !line.startsWith('info') && (isRecent || !line.includes(' KNOWN_BUGS: ')),
  );
}

describe('a sound deployment of three servers with TLS and narrow permissions', () => {
  it('gives nothing above a note to an ordinary user, and says what that user is not told', async () => {
    const report = await examine(auditor);
    expect(aboveNotes(report)).toEqual([]);
    expect(report.looked).toMatchObject({ servers: 3, streams: 1, consumers: 2, connections: 1 });
    expect(report.missing.map(({ what }) => what)).toEqual([
      'server settings',
      ...untoldByOldServers,
    ]);
    expect(report.missing[0]?.rules).toContain('SYNC_INTERVAL_LAZY');
    expect(finding(report, 'CORE_ONLY_SUBJECTS')?.summary).toContain('orders.requests');
  });

  it('nor with everything that the system account tells', async () => {
    const dial = dialFor({ ...auditor, credentials: SYSTEM });
    const report = await examine(auditor, { system: { context: 'sys', dial } });
    expect(aboveNotes(report)).toEqual([]);
    if (!(await serverIsAtLeast('2.10'))) {
      expect(report.missing.map(({ what }) => what)).toEqual(['sync interval', 'user permissions']);
      return;
    }
    expect(report.missing).toEqual([]);
    expect(finding(report, 'SYNC_INTERVAL_LAZY')).toMatchObject({
      severity: 'info',
      evidence: { sync_interval_ms: 120_000, single_replica_streams: [] },
    });
    expect(finding(report, 'ROUTES_WITHOUT_TLS')?.severity).toBe('info');
  });

  it('says so when the context is not of the system account', async () => {
    const report = await examine(auditor, {
      system: { context: 'wrong', dial: dialFor(auditor) },
    });
    const lines = report.missing.map(({ what, detail }) => `${what}: ${detail}`);
    expect(lines).toHaveLength(1 + untoldByOldServers.length);
    expect(lines[0]).toBe(
      'server settings: no server answers on $SYS.REQ.SERVER.PING.VARZ over the context wrong',
    );
  });
});
