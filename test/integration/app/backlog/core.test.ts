import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterEach, describe, expect, it } from 'vitest';
import { backlogReport } from '../../../../src/app/backlog/backlog.js';
import type { BacklogReport } from '../../../../src/domain/backlog/report.js';
import { eventually } from '../../../support/eventually.js';
import { startNatsServer, type NatsServer } from '../../../support/nats-server.js';
import { deafSubscriber } from './deaf-subscriber.js';

const accounts = `
  accounts { APP { jetstream: disabled, users: [ { user: app, password: app } ] } }
`;
let server: NatsServer | undefined;
const connections: NatsConnection[] = [];

afterEach(async () => {
  await Promise.all(connections.splice(0).map((connection) => connection.close()));
  await server?.stop();
});

async function open(name: string): Promise<NatsConnection> {
  const connection = await connect({ servers: server!.url, name, user: 'app', pass: 'app' });
  connections.push(connection);
  return connection;
}

async function look(windowMs = 1000): Promise<BacklogReport> {
  const viewer = await open('natsx backlog');
  const scope = { apiPrefix: '$JS.API', timeoutMs: 5000 };
  const request = { windowMs, taps: false, coreOnly: true, scope };
  return backlogReport(viewer, request, new AbortController().signal);
}

describe('core NATS', () => {
  it('finds nothing on a quiet account', async () => {
    server = await startNatsServer({ config: accounts });
    const report = await look();
    expect(report.server.jetstream).toBe(false);
    expect(report.connections).toEqual([]);
    expect(report.complete).toBe(true);
  });

  it('names the client that reads too slowly, and after it was cut off, too', async () => {
    server = await startNatsServer({ config: `${accounts}\n max_pending: 16777216` });
    await deafSubscriber(server, 'sleepy', { user: 'app', pass: 'app' });
    const publisher = await open('publisher');
    const payload = new Uint8Array(512 * 1024);
    for (let i = 0; i < 28; i += 1) publisher.publish('flood', payload);
    await publisher.flush();
    const slow = await look();
    expect(slow.connections[0]).toMatchObject({ name: 'sleepy', severity: 'warning' });
    expect(slow.connections[0]?.findings[0]?.id).toBe('CORE_SLOW_CONSUMER');

    await eventually(
      'it is cut off',
      async () => {
        publisher.publish('flood', payload);
        await publisher.flush();
        const { connections: gone } = await server!.monitor('/connz?state=closed');
        return (gone as readonly { name?: string }[]).some(({ name }) => name === 'sleepy');
      },
      { timeoutMs: 20_000 },
    );
    const cut = await look();
    const found = cut.connections.find(({ name }) => name === 'sleepy');
    expect(found?.findings[0]).toMatchObject({ id: 'CORE_SLOW_CONSUMER', severity: 'critical' });
    expect(found?.findings[0]?.evidence['last_reason']).toMatch(/^Slow Consumer/);
  });

  it('names a client that loses its connection again and again', async () => {
    server = await startNatsServer({ config: accounts });
    for (let time = 0; time < 3; time += 1) {
      const flappy = await open('flappy');
      flappy.subscribe('orders');
      await flappy.flush();
      await flappy.close();
    }
    const report = await look(200);
    expect(report.connections[0]).toMatchObject({ name: 'flappy', severity: 'warning' });
    expect(report.connections[0]?.findings[0]).toMatchObject({ id: 'CONNECTION_FLAPPING' });
    expect(report.connections[0]?.findings[0]?.evidence['closes']).toBe(3);
  });
});
