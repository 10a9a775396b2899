import { connect } from '@nats-io/transport-node';
import { expect, it, onTestFinished } from 'vitest';
import { readConnectionReport } from '../../../src/connection/connection-report.js';
import { connectionReportText } from '../../../src/terminal/text/connection-report-text.js';
import { createStyle } from '../../../src/terminal/text/style.js';
import { startCluster } from '../../support/cluster.js';
import { startNatsServer } from '../../support/nats-server.js';
import { requires } from '../../support/server-version.js';

const RIGHTS = { publish: ['$SYS.REQ.USER.INFO', '$JS.API.INFO'], subscribe: ['_INBOX.>'] };

it('tells the rights of a user in a cluster, whichever server answers first', async () => {
  await requires('2.10');
  const cluster = await startCluster(3, {
    config: {
      system_account: 'SYS',
      accounts: {
        SYS: { users: [{ user: 'sys', password: 'sys' }] },
        APP: { users: [{ user: 'app', password: 'app', permissions: RIGHTS }] },
      },
    },
  });
  onTestFinished(() => cluster.stop());
  const servers = cluster.urls[0]!;
  // With a client of the system account beside it a 2.10 lets another server answer each sixth time or so.
  for (let round = 0; round < 30; round += 1) {
    const app = await connect({ servers, user: 'app', pass: 'app' });
    const system = await connect({ servers, user: 'sys', pass: 'sys' });
    const { user } = await readConnectionReport(app, '$JS.API', {
      timeoutMs: 5000,
      name: undefined,
    });
    await app.close();
    await system.close();
    expect(user).toMatchObject({ name: 'app', account: 'APP', subscribe: { allow: ['_INBOX.>'] } });
  }
});

it('of a user who may not ask has the name that was given, and the reason', async () => {
  const { url } = await startNatsServer({
    config: {
      authorization: {
        users: [{ user: 'r', password: 'r', permissions: { publish: ['x'], subscribe: ['x'] } }],
      },
    },
  });
  const connection = await connect({ servers: url, user: 'r', pass: 'r' });
  const options = { timeoutMs: 5000, name: 'r' };
  const report = await readConnectionReport(connection, '$JS.API', options);
  await connection.close();
  expect(report.user).toBeUndefined();
  expect(report.unknownUser.name).toBe('r');
  expect(report.unknownUser.reason).toMatch(/not permitted to subscribe to "_INBOX\./);
  const text = connectionReportText(report, createStyle(false));
  expect(text).toMatch(/user +r\n/);
  expect(text).toMatch(/account +not known: not permitted/);
});
