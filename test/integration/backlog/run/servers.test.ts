import { describe, expect, it } from 'vitest';
import type { BacklogReport } from '../../../../src/backlog/model/report.js';
import {
  allSources,
  monitoringPorts,
  systemAccount,
  type ServerSource,
} from '../../../../src/backlog/run/reader/server-source.js';
import type { NatsServer } from '../../../support/nats-server.js';
import { requires } from '../../../support/server-version.js';
import { deafSubscriber, floodUntilCut, floodUntilPending } from './deaf-subscriber.js';
import { lookAtConnections, open, start } from './own-server.js';

const SMALL = 'max_pending: 16777216';

interface Viewing {
  readonly servers?: ServerSource;
  readonly user?: string;
  readonly during?: () => Promise<void>;
}

async function look(
  server: NatsServer,
  { servers, user, during }: Viewing = {},
): Promise<BacklogReport> {
  const viewer = await open(server, { name: 'natsx backlog', ...(user && { user }) });
  const windowMs = during === undefined ? 300 : 1500;
  return lookAtConnections(viewer, { windowMs, ...(servers && { servers }) }, during);
}

describe('the monitoring port', () => {
  it('tells users of the default account who was cut off, and what the limit is', async () => {
    await requires('2.10');
    const server = await start({ config: SMALL });
    const port = monitoringPorts([new URL(server.monitorUrl)], 30_000);
    await deafSubscriber(server, 'sleepy');
    const publisher = await open(server, { name: 'publisher' });
    await floodUntilPending(server, 'sleepy', publisher, 14 * 1024 ** 2);

    const alone = await look(server);
    expect(alone.missing).toMatchObject([{ what: 'closed connections' }]);
    expect(alone.complete).toBe(false);
    // Three quarters of 16 MiB are critical; of the usual 64 MiB they are not.
    expect(alone.connections[0]?.severity).toBe('warning');
    const told = await look(server, { servers: port });
    expect(told.connections[0]).toMatchObject({ name: 'sleepy', severity: 'critical' });
    expect(told.missing).toEqual([]);

    await floodUntilCut(server, 'sleepy', publisher);
    expect(JSON.stringify((await look(server)).connections)).not.toContain('Slow Consumer (');
    const cut = await look(server, { servers: port });
    expect(cut.connections[0]).toMatchObject({ name: 'sleepy', severity: 'critical' });
    expect(cut.connections[0]?.findings[0]?.evidence['last_reason']).toMatch(/^Slow Consumer/);
  });

  it('is missing when it does not answer', async () => {
    const server = await start();
    const servers = monitoringPorts([new URL('http://127.0.0.1:1/')], 1000);
    const report = await look(server, { servers });
    expect(report.missing).toMatchObject([
      { what: 'the monitoring port 127.0.0.1:1', why: 'error' },
    ]);
  });
});

describe('a system account', () => {
  it("tells of clients of other accounts that are cut off, by the server's own count", async () => {
    await requires('2.10');
    const user = (name: string) => `${name}: { users: [{ user: ${name}, password: ${name} }] }`;
    const server = await start({
      name: 'n1',
      config: `${SMALL}\n accounts { ${user('APP')}, ${user('OTHER')}, ${user('SYS')} }\n system_account: SYS`,
    });
    const system = systemAccount(await open(server, { name: 'natsx backlog system', user: 'SYS' }));
    const credentials = { user: 'OTHER', pass: 'OTHER' };
    await deafSubscriber(server, 'sleepy', credentials);
    const publisher = await open(server, { name: 'publisher', user: 'OTHER' });
    const quiet = await look(server, { servers: system, user: 'APP' });
    expect(quiet.connections).toEqual([]);
    const during = () => floodUntilCut(server, 'sleepy', publisher);
    const { connections: found, missing } = await look(server, {
      servers: system,
      user: 'APP',
      during,
    });
    expect(found.map(({ name }) => name)).toContain('clients of server n1');
    expect(found[0]?.findings[0]?.id).toBe('CORE_SLOW_CONSUMER');
    expect(found[0]?.findings[0]?.summary).toContain('other accounts');
    expect(missing).toEqual([]);
    // The client of another account is counted, not named.
    expect(found.map(({ name }) => name)).not.toContain('sleepy');
  });

  it('is missing when its user may not ask', async () => {
    const server = await start();
    const servers = systemAccount(await open(server, { name: 'natsx backlog system' }));
    const report = await look(server, { servers });
    expect(report.missing).toMatchObject([{ what: 'the system account' }]);
  });
});

describe('several sources', () => {
  it('tell of each server once', async () => {
    const server = await start({
      config: `accounts { SYS: { users: [{ user: SYS, password: SYS }] } }\n system_account: SYS`,
    });
    const both = allSources([
      monitoringPorts([new URL(server.monitorUrl)], 30_000),
      systemAccount(await open(server, { name: 'natsx backlog (system)', user: 'SYS' })),
    ]);
    expect(await both?.varz()).toHaveLength(1);
    expect(await both?.closed()).toHaveLength(1);
    expect(both?.silent()).toEqual([]);
  });
});
