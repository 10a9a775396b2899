import { AckPolicy } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { readWindow } from '../../../../src/backlog/run/window.js';
import { startNatsServer, type NatsServer } from '../../../support/nats-server.js';
import { setUp, work, type Bench } from './bench.js';

const scope = { apiPrefix: '$JS.API', timeoutMs: 30_000 };
const narrow = { user: 'narrow', pass: 'narrow' };

let server: NatsServer;
let bench: Bench;
beforeAll(async () => {
  const deny = `permissions: { subscribe: { deny: "$JS.API.CONSUMER.MSG.NEXT.>" } }`;
  server = await startNatsServer({
    jetstream: true,
    config: `authorization { users: [{ user: all, password: all }, { user: narrow, password: narrow, ${deny} }] }`,
  });
});
afterEach(() => bench.close());
afterAll(() => server.stop());

const credentials = { user: 'all', pass: 'all' };
const named = { consumer: 'worker', namesClients: true, windowMs: 1000 };

it('names the clients that pull from a consumer that is named, with their round trip', async () => {
  bench = await setUp(server.url, { credentials });
  bench.publishSteadily(50);
  for (const name of ['billing-1', 'billing-2']) {
    await work(bench, ({ ack }) => ack(), { name, batch: 2 });
  }
  await bench.client('bystander');
  const { consumer, report } = await bench.look(named);
  const serving = consumer?.facts?.clients.serving ?? [];
  expect(serving.map(({ name }) => name).toSorted()).toEqual(['billing-1', 'billing-2']);
  for (const { address, rttMs } of serving) {
    expect(address).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(rttMs).toBeGreaterThan(0);
  }
  expect(report.missing.map(({ what }) => what)).not.toContain('clients');
  // The account view asks nobody's pulls.
  const all = await bench.look({ ...named, namesClients: false });
  expect(all.consumer?.facts?.clients.serving).toBeUndefined();
});

it('names those that a consumer pushes to', async () => {
  const deliver = 'deliver.worker';
  bench = await setUp(server.url, {
    credentials,
    consumer: { ack_policy: AckPolicy.None, deliver_subject: deliver },
  });
  const client = await bench.client('listener-1');
  client.subscribe(deliver, { callback: () => undefined });
  await client.flush();
  await bench.publish(1);
  const { consumer } = await bench.look({ ...named, windowMs: 300 });
  expect(consumer?.facts?.clients.serving).toMatchObject([{ name: 'listener-1' }]);
});

it('says which permission is missing to name them', async () => {
  bench = await setUp(server.url, { credentials });
  const viewer = await connect({ servers: server.url, ...narrow });
  const request = { ...named, stream: bench.stream, taps: false, coreOnly: false, scope };
  const window = await readWindow(viewer, request, new AbortController().signal);
  await viewer.close();
  const missing = window.missing.find(({ what }) => what === 'clients');
  expect(missing?.detail).toContain(
    `subscribe to $JS.API.CONSUMER.MSG.NEXT.${bench.stream}.worker`,
  );
  // Announcements are heard all the same.
  expect(window.missing.map(({ what }) => what)).not.toContain('advisories');
});
