import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterEach, describe, expect, it } from 'vitest';
import { readWindow } from '../../../../src/app/backlog/window.js';
import { diagnose } from '../../../../src/domain/backlog/diagnose.js';
import type { BacklogReport } from '../../../../src/domain/backlog/report.js';
import {
  monitoringPorts,
  systemAccount,
  type ServerSource,
} from '../../../../src/nats/server-source.js';
import { startNatsServer, type NatsServer } from '../../../support/nats-server.js';
import { requires } from '../../../support/server-version.js';
import { deafSubscriber, floodUntilPending } from './deaf-subscriber.js';

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

async function look(servers: ServerSource, user?: string): Promise<BacklogReport> {
  const viewer = await open('natsx backlog', user);
  const scope = { apiPrefix: '$JS.API', timeoutMs: 5000 };
  const request = { windowMs: 1500, taps: false, coreOnly: true, scope };
  return diagnose(await readWindow(viewer, request, new AbortController().signal, { servers }));
}

describe('a server that holds up those who publish', () => {
  it('is told by its own count, without accusing a client of another account', async () => {
    await requires('2.12');
    const user = (name: string) => `${name}: { users: [{ user: ${name}, password: ${name} }] }`;
    server = await startNatsServer({
      name: 'n1',
      config: `max_pending: 33554432\n write_deadline: "60s"\n accounts { ${user('APP')}, ${user('OTHER')}, ${user('SYS')} }\n system_account: SYS`,
    });
    const system = systemAccount(await open('natsx backlog system', 'SYS'));
    await deafSubscriber(server, 'sleepy', { user: 'OTHER', pass: 'OTHER' });
    const publisher = await open('publisher', 'OTHER');
    await floodUntilPending(server, 'sleepy', publisher, 25 * 1024 ** 2);
    const timer = setInterval(() => publisher.publish('flood', new Uint8Array(16)), 20);
    const { connections: found } = await look(system, 'APP').finally(() => clearInterval(timer));
    const stalled = found.find(({ findings }) =>
      findings.some(({ id }) => id === 'PRODUCER_STALLED'),
    );
    expect(stalled).toMatchObject({ name: 'clients of server n1', severity: 'warning' });
    expect(stalled?.findings[0]?.summary).toMatch(/\d+ time/);
    expect(found.map(({ name }) => name)).not.toContain('sleepy');
    expect(found.map(({ name }) => name)).not.toContain('publisher');
  });
});

describe('an API with a queue', () => {
  it('is told by what waits at the server', async () => {
    await requires('2.10');
    server = await startNatsServer({ jetstream: true });
    const port = monitoringPorts([new URL(server.monitorUrl)], 5000);
    expect((await look(port)).account.findings).toEqual([]);
    const pollers = await Promise.all([1, 2, 3].map((one) => open(`poller ${String(one)}`)));
    let polling = true;
    const floods = pollers.map(async (poller, place) => {
      const inbox = `_INBOX.poller.${String(place)}`;
      for (let round = 0; polling; round += 1) {
        for (let one = 0; one < 200; one += 1) {
          const name = `P${String(place)}-${String(round)}-${String(one)}`;
          const body = JSON.stringify({ name, subjects: [`${name}.>`], storage: 'memory' });
          poller.publish(`$JS.API.STREAM.CREATE.${name}`, body, { reply: inbox });
        }
        await poller.flush();
        await sleep(5);
      }
    });
    const report = await look(port).finally(() => (polling = false));
    await Promise.all(floods);
    const found = report.account.findings.find(({ id }) => id === 'API_OVERLOADED');
    expect(found?.evidence['queue'], JSON.stringify(report.account)).toBeGreaterThan(64);
  });
});
