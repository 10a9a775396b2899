import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { BacklogReport } from '../../../../src/backlog/model/report.js';
import {
  monitoringPorts,
  systemAccount,
  type ServerSource,
} from '../../../../src/backlog/run/reader/server-source.js';
import type { NatsServer } from '../../../support/nats-server.js';
import { requires } from '../../../support/server-version.js';
import { deafSubscriber, floodUntilPending } from './deaf-subscriber.js';
import { lookAtConnections, open, start } from './own-server.js';

async function look(
  server: NatsServer,
  servers: ServerSource,
  user?: string,
): Promise<BacklogReport> {
  return lookAtConnections(await open(server, { name: 'natsx backlog', ...(user && { user }) }), {
    servers,
  });
}

describe('a server that holds up those who publish', () => {
  it('is told by its own count, without accusing a client of another account', async () => {
    await requires('2.12');
    const user = (name: string) => `${name}: { users: [{ user: ${name}, password: ${name} }] }`;
    const server = await start({
      name: 'n1',
      config: `max_pending: 33554432\n write_deadline: "60s"\n accounts { ${user('APP')}, ${user('OTHER')}, ${user('SYS')} }\n system_account: SYS`,
    });
    const system = systemAccount(await open(server, { name: 'natsx backlog system', user: 'SYS' }));
    await deafSubscriber(server, 'sleepy', { user: 'OTHER', pass: 'OTHER' });
    const publisher = await open(server, { name: 'publisher', user: 'OTHER' });
    await floodUntilPending(server, 'sleepy', publisher, 25 * 1024 ** 2);
    const timer = setInterval(() => publisher.publish('flood', new Uint8Array(16)), 20);
    const { connections: found } = await look(server, system, 'APP').finally(() =>
      clearInterval(timer),
    );
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
    // Before, a server answers its own clients' requests on their connections: only those from elsewhere wait.
    await requires('2.12');
    const server = await start({ jetstream: true });
    const port = monitoringPorts([new URL(server.monitorUrl)], 30_000);
    expect((await look(server, port)).account.findings).toEqual([]);
    const pollers = await Promise.all(
      [1, 2, 3].map((one) => open(server, { name: `poller ${String(one)}` })),
    );
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
    const report = await look(server, port).finally(() => (polling = false));
    await Promise.all(floods);
    const found = report.account.findings.find(({ id }) => id === 'API_OVERLOADED');
    expect(found?.evidence['queue'], JSON.stringify(report.account)).toBeGreaterThan(64);
  });
});
