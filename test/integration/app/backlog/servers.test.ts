import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterEach, describe, expect, it } from 'vitest';
import { readWindow } from '../../../../src/app/backlog/window.js';
import { diagnose } from '../../../../src/domain/backlog/diagnose.js';
import type { BacklogReport } from '../../../../src/domain/backlog/report.js';
import {
  allSources,
  monitoringPorts,
  systemAccount,
  type ServerSource,
} from '../../../../src/nats/server-source.js';
import { startNatsServer, type NatsServer } from '../../../support/nats-server.js';
import { requires } from '../../../support/server-version.js';
import { deafSubscriber, floodUntilCut, floodUntilPending } from './deaf-subscriber.js';

const SMALL = 'max_pending: 16777216';
let server: NatsServer | undefined;
const connections: NatsConnection[] = [];

afterEach(async () => {
  await Promise.all(connections.splice(0).map((connection) => connection.close()));
  await server?.stop();
});

async function open(name: string, user?: string): Promise<NatsConnection> {
  const credentials = user === undefined ? {} : { user, pass: user };
  const connection = await connect({ servers: server!.url, name, ...credentials });
  connections.push(connection);
  return connection;
}

async function look(
  servers: ServerSource | undefined,
  options: { readonly user?: string; readonly during?: () => Promise<void> } = {},
): Promise<BacklogReport> {
  const viewer = await open('natsx backlog', options.user);
  const scope = { apiPrefix: '$JS.API', timeoutMs: 5000 };
  const request = {
    windowMs: options.during === undefined ? 300 : 1500,
    taps: false,
    coreOnly: true,
    scope,
  };
  const signal = new AbortController().signal;
  const reading = readWindow(viewer, request, signal, { servers });
  await options.during?.();
  return diagnose(await reading);
}

describe('the monitoring port', () => {
  it('tells users of the default account who was cut off, and what the limit is', async () => {
    await requires('2.10');
    server = await startNatsServer({ config: SMALL });
    const port = monitoringPorts([new URL(server.monitorUrl)], 2000);
    await deafSubscriber(server, 'sleepy');
    const publisher = await open('publisher');
    await floodUntilPending(server, 'sleepy', publisher, 14 * 1024 ** 2);

    const alone = await look(undefined);
    expect(alone.missing).toMatchObject([{ what: 'closed connections' }]);
    expect(alone.complete).toBe(false);
    // Three quarters of 16 MiB are critical; of the usual 64 MiB they are not.
    expect(alone.connections[0]?.severity).toBe('warning');
    const told = await look(port);
    expect(told.connections[0]).toMatchObject({ name: 'sleepy', severity: 'critical' });
    expect(told.missing).toEqual([]);

    await floodUntilCut(server, 'sleepy', publisher);
    expect(JSON.stringify((await look(undefined)).connections)).not.toContain('Slow Consumer (');
    const cut = await look(port);
    expect(cut.connections[0]).toMatchObject({ name: 'sleepy', severity: 'critical' });
    expect(cut.connections[0]?.findings[0]?.evidence['last_reason']).toMatch(/^Slow Consumer/);
  });

  it('is missing when it does not answer', async () => {
    server = await startNatsServer();
    const report = await look(monitoringPorts([new URL('http://127.0.0.1:1/')], 1000));
    expect(report.missing).toMatchObject([
      { what: 'the monitoring port 127.0.0.1:1', why: 'error' },
    ]);
  });
});

describe('a system account', () => {
  it("tells of clients of other accounts that are cut off, by the server's own count", async () => {
    await requires('2.10');
    const user = (name: string) => `${name}: { users: [{ user: ${name}, password: ${name} }] }`;
    server = await startNatsServer({
      name: 'n1',
      config: `${SMALL}\n accounts { ${user('APP')}, ${user('OTHER')}, ${user('SYS')} }\n system_account: SYS`,
    });
    const system = systemAccount(await open('natsx backlog system', 'SYS'));
    const credentials = { user: 'OTHER', pass: 'OTHER' };
    await deafSubscriber(server, 'sleepy', credentials);
    const publisher = await open('publisher', 'OTHER');
    const quiet = await look(system, { user: 'APP' });
    expect(quiet.connections).toEqual([]);
    const during = () => floodUntilCut(server!, 'sleepy', publisher);
    const { connections: found, missing } = await look(system, { user: 'APP', during });
    expect(found.map(({ name }) => name)).toContain('clients of server n1');
    expect(found[0]?.findings[0]?.id).toBe('CORE_SLOW_CONSUMER');
    expect(found[0]?.findings[0]?.summary).toContain('other accounts');
    expect(missing).toEqual([]);
    // The client of another account is counted, not named.
    expect(found.map(({ name }) => name)).not.toContain('sleepy');
  });

  it('is missing when its user may not ask', async () => {
    server = await startNatsServer();
    const report = await look(systemAccount(await open('natsx backlog system')));
    expect(report.missing).toMatchObject([{ what: 'the system account' }]);
  });
});

describe('several sources', () => {
  it('tell of each server once', async () => {
    server = await startNatsServer({
      config: `accounts { SYS: { users: [{ user: SYS, password: SYS }] } }\n system_account: SYS`,
    });
    const both = allSources([
      monitoringPorts([new URL(server.monitorUrl)], 2000),
      systemAccount(await open('natsx backlog (system)', 'SYS')),
    ]);
    expect(await both?.varz()).toHaveLength(1);
    expect(await both?.closed()).toHaveLength(1);
    expect(both?.silent()).toEqual([]);
  });
});
