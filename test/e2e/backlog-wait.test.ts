import { AckPolicy, type JetStreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { patientClient, patientManager } from '../support/patient-jetstream.js';
import { runCli, startCli, type CliResult } from '../support/run-cli.js';
import { requires } from '../support/server-version.js';

let server: NatsServer;
let connection: NatsConnection;
let manager: JetStreamManager;
beforeAll(async () => {
  server = await startNatsServer({ jetstream: true });
  connection = await connect({ servers: server.url, maxReconnectAttempts: -1 });
  manager = await patientManager(connection);
});
afterAll(() => connection.close());

let stream: string;
let count = 0;
beforeEach(async () => {
  stream = `S${String((count += 1))}`;
  await manager.streams.add({ name: stream, subjects: [`${stream}.>`] });
  await consumer('worker');
  for (let id = 0; id < 3; id += 1) {
    await patientClient(connection).publish(`${stream}.x`, String(id));
  }
});

function consumer(durable_name: string, metadata?: Record<string, string>): Promise<unknown> {
  const config = { durable_name, ack_policy: AckPolicy.Explicit };
  return manager.consumers.add(stream, { ...config, ...(metadata && { metadata }) });
}

/** Acknowledges one message. */
async function finish(name = 'worker'): Promise<void> {
  const own = await patientClient(connection).consumers.get(stream, name);
  const message = await own.next();
  await message?.ackAck();
}

const line = (...args: readonly string[]) => ['backlog', 'wait', stream, ...args, '-s', server.url];

function wait(...args: readonly string[]): Promise<CliResult> {
  return runCli(line(...args));
}

describe('backlog wait', () => {
  test('ends with 0 when the last message is acknowledged, and not before', async () => {
    const run = startCli(line('worker'));
    await run.waitForStderr(/waiting until backlog<1 for S\d+ worker \(it is 3\)/);
    await finish();
    await finish();
    const last = finish();
    const { code, stdout, stderr } = await run.exit;
    await last;
    expect(code).toBe(0);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^backlog<1 for S\d+ worker after \d/m);
    const { num_pending, num_ack_pending } = await manager.consumers.info(stream, 'worker');
    expect(num_pending + num_ack_pending).toBe(0);
  });

  test('ends with 5 and what is left, the largest first', async () => {
    await consumer('other');
    await finish();
    const run = await wait('--timeout', '1500ms', '--json', '--quiet');
    expect(run.code).toBe(5);
    expect(JSON.parse(run.stdout)).toMatchObject({
      met: false,
      until: ['backlog<1'],
      consumers: 2,
      left: [
        { stream, consumer: 'other', condition: 'backlog<1', value: 3 },
        { stream, consumer: 'worker', condition: 'backlog<1', value: 2 },
      ],
    });
    expect(JSON.parse(run.stderr)).toMatchObject({
      error: {
        kind: 'timeout',
        message: `not reached within 1.5s: backlog<1 for ${stream} other (it is 3), and 1 more`,
        hint: `natsx backlog ${stream} other shows why`,
        details: { stream, consumer: 'other', left: 2 },
      },
    });
  });

  test('leaves the consumer as it is', async () => {
    const before = await manager.consumers.info(stream, 'worker');
    expect((await wait('--timeout', '2s', '-q')).code).toBe(5);
    const after = await manager.consumers.info(stream, 'worker');
    expect(after.delivered).toEqual(before.delivered);
    expect(after.num_waiting).toBe(0);
    expect((await manager.streams.info(stream)).state.consumer_count).toBe(1);
  });

  test('all conditions must be true for all consumers', async () => {
    expect((await wait('--until', 'backlog<4', '--until', 'pending>2', '--json')).code).toBe(0);
    expect((await wait('worker', '--until', 'age<1ms', '--timeout', '1s')).code).toBe(5);
    expect((await wait('w*', '--until', 'age<1h')).code).toBe(0);
  });

  test('a consumer that its owner marked counts only by name', async () => {
    await requires('2.10');
    await consumer('laggard', { 'io.natsx.ignore': 'true' });
    for (let id = 0; id < 3; id += 1) await finish();
    expect((await wait('--timeout', '2s')).code).toBe(0);
    expect((await wait('laggard', '--timeout', '1s')).code).toBe(5);
  });

  test('7 for what does not exist, also when it is removed meanwhile', async () => {
    const typo = await wait('wroker');
    expect(typo.code).toBe(7);
    expect(typo.stderr).toContain('worker');
    const run = startCli(line('worker'));
    await run.waitForStderr(/waiting until/);
    await manager.consumers.delete(stream, 'worker');
    expect((await run.exit).code).toBe(7);
    const none = await wait('--timeout', '2s');
    expect(none.code).toBe(7);
    expect(none.stderr).toContain('no consumers to wait for');
  });

  test('2 for a comparison that cannot be read; 3 without a server', async () => {
    expect((await wait('--until', 'weight<3')).code).toBe(2);
    expect((await runCli(['backlog', 'wait', 'A', '-s', '127.0.0.1:1'])).code).toBe(3);
  });
});

test('a server that is gone for a while is waited for', async () => {
  const own = await startNatsServer({ jetstream: true });
  const client = await connect({ servers: own.url });
  const its = await patientManager(client);
  await its.streams.add({ name: 'KEPT', subjects: ['kept.>'] });
  await its.consumers.add('KEPT', { durable_name: 'worker', ack_policy: AckPolicy.Explicit });
  await patientClient(client).publish('kept.x', 'x');
  await client.close();
  const run = startCli(['backlog', 'wait', 'KEPT', '-s', own.url]);
  await run.waitForStderr(/waiting until/);
  await own.stop();
  await run.waitForStderr(/lost the connection/);
  await own.restart();
  await run.waitForStderr(/connected again/);
  await runCli(['sub', '--stream', 'KEPT', '--durable', 'worker', '--count', '1', '-s', own.url]);
  expect((await run.exit).code).toBe(0);
  await own.stop();
});

test('the time is up while the server is gone', async () => {
  const own = await startNatsServer({ jetstream: true });
  const client = await connect({ servers: own.url });
  const its = await patientManager(client);
  await its.streams.add({ name: 'GONE', subjects: ['gone.>'] });
  await its.consumers.add('GONE', { durable_name: 'worker', ack_policy: AckPolicy.Explicit });
  await patientClient(client).publish('gone.x', 'x');
  await client.close();
  const run = startCli(['backlog', 'wait', 'GONE', '--timeout', '3s', '-s', own.url]);
  await run.waitForStderr(/waiting until/);
  await own.stop();
  const { code, stderr } = await run.exit;
  expect(code).toBe(5);
  expect(stderr).toContain('not reached within 3s: backlog<1 for GONE worker (it is 1)');
});
