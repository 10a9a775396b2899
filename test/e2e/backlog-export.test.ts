import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AckPolicy } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { patientClient, patientManager } from '../support/patient-jetstream.js';
import { startCli } from '../support/run-cli.js';

const contrib = fileURLToPath(new URL('../../contrib', import.meta.url));
/** What Prometheus wants escaped in a label. */
const oddName = 'a"b=c';

let server: NatsServer;
beforeAll(async () => {
  server = await startNatsServer({ jetstream: true });
  const connection = await connect({ servers: server.url });
  const manager = await patientManager(connection);
  await manager.streams.add({ name: 'ORDERS', subjects: ['orders.>'] });
  await manager.consumers.add('ORDERS', { durable_name: oddName, ack_policy: AckPolicy.Explicit });
  for (let id = 0; id < 7; id += 1) await patientClient(connection).publish('orders.new', 'x');
  await connection.close();
});

async function exporter(...flags: string[]): Promise<string> {
  const args = ['--listen', '127.0.0.1:0', '--window', '300ms', '--server', server.url, ...flags];
  const run = startCli(['backlog', 'export', ...args], { timeoutMs: 60_000 });
  const [, address = ''] = await run.waitForStderr(/serving metrics on (\S+)/);
  return address;
}

async function apiRequests(): Promise<number> {
  const { api } = (await server.monitor('/jsz')) as { api: { total: number } };
  return api.total;
}

test('every metric in contrib is exported', async () => {
  const metrics = await (await fetch(await exporter())).text();
  const exported = new Set([...metrics.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
  expect(metrics).toContain('consumer="a\\"b=c"} 7');
  for (const file of readdirSync(contrib).filter((name) => name.startsWith('natsx-'))) {
    const text = readFileSync(join(contrib, file), 'utf8');
    const used = new Set(text.match(/\bnatsx_\w+/g));
    expect(used.size).toBeGreaterThan(0);
    for (const name of used) expect(exported, `${name} in ${file}`).toContain(name);
  }
});

test('many scrapes at a time, and those shortly after, cost one reading', async () => {
  const address = await exporter('--cache', '1m');
  const body = async () => (await fetch(address)).text();
  const before = await apiRequests();
  const first = await body();
  const cost = (await apiRequests()) - before;
  expect(cost).toBeGreaterThan(0);
  expect(new Set([first, ...(await Promise.all(Array.from({ length: 20 }, body)))]).size).toBe(1);
  expect(await apiRequests()).toBe(before + cost);
  const fresh = await exporter('--cache', '1m');
  const together = await Promise.all(
    Array.from({ length: 20 }, async () => (await fetch(fresh)).text()),
  );
  expect(new Set(together).size).toBe(1);
  expect(await apiRequests()).toBe(before + 2 * cost);
});

test('no server: the scrape fails; it is back: figures again', async () => {
  const address = await exporter('--cache', '1ms');
  expect((await fetch(address)).status).toBe(200);
  await server.kill();
  await eventually('a scrape fails', async () => (await fetch(address)).status === 503, {
    timeoutMs: 30_000,
  });
  await server.restart();
  await eventually('a scrape succeeds', async () => (await fetch(address)).status === 200, {
    timeoutMs: 30_000,
  });
  expect(await (await fetch(address)).text()).toContain('consumer="a\\"b=c"} 7');
});
