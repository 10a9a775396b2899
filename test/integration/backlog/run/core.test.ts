import { describe, expect, it } from 'vitest';
import { backlogReport } from '../../../../src/backlog/run/backlog.js';
import type { BacklogReport } from '../../../../src/backlog/model/report.js';
import { eventually } from '../../../support/eventually.js';
import type { NatsServer } from '../../../support/nats-server.js';
import { deafSubscriber } from './deaf-subscriber.js';
import { open, start } from './own-server.js';

const accounts = `
  accounts { APP { jetstream: disabled, users: [ { user: app, password: app } ] } }
`;
const user = 'app';

async function look(server: NatsServer, windowMs = 1000): Promise<BacklogReport> {
  const viewer = await open(server, { name: 'natsx backlog', user });
  const scope = { apiPrefix: '$JS.API', timeoutMs: 30_000 };
  const request = { windowMs, taps: false, coreOnly: true, scope };
  return backlogReport(viewer, request, new AbortController().signal);
}

describe('core NATS', () => {
  it('finds nothing on a quiet account', async () => {
    const server = await start({ config: accounts });
    const report = await look(server);
    expect(report.server.jetstream).toBe(false);
    expect(report.connections).toEqual([]);
    expect(report.complete).toBe(true);
  });

  it('names the client that reads too slowly, and after it was cut off, too', async () => {
    const server = await start({ config: `${accounts}\n max_pending: 16777216` });
    await deafSubscriber(server, 'sleepy', { user: 'app', pass: 'app' });
    const publisher = await open(server, { name: 'publisher', user });
    const payload = new Uint8Array(512 * 1024);
    for (let i = 0; i < 28; i += 1) publisher.publish('flood', payload);
    await publisher.flush();
    const slow = await look(server);
    expect(slow.connections[0]).toMatchObject({ name: 'sleepy', severity: 'warning' });
    expect(slow.connections[0]?.findings[0]?.id).toBe('CORE_SLOW_CONSUMER');

    await eventually('it is cut off', async () => {
      publisher.publish('flood', payload);
      await publisher.flush();
      const { connections: gone } = await server.monitor('/connz?state=closed');
      return (gone as readonly { name?: string }[]).some(({ name }) => name === 'sleepy');
    });
    const cut = await look(server);
    const found = cut.connections.find(({ name }) => name === 'sleepy');
    expect(found?.findings[0]).toMatchObject({ id: 'CORE_SLOW_CONSUMER', severity: 'critical' });
    expect(found?.findings[0]?.evidence['last_reason']).toMatch(/^Slow Consumer/);
  });

  it('names a client that loses its connection again and again', async () => {
    const server = await start({ config: accounts });
    for (let time = 0; time < 3; time += 1) {
      const flappy = await open(server, { name: 'flappy', user });
      flappy.subscribe('orders');
      await flappy.flush();
      await flappy.close();
    }
    const report = await look(server, 200);
    expect(report.connections[0]).toMatchObject({ name: 'flappy', severity: 'warning' });
    expect(report.connections[0]?.findings[0]).toMatchObject({ id: 'CONNECTION_FLAPPING' });
    expect(report.connections[0]?.findings[0]?.evidence['closes']).toBe(3);
  });
});
