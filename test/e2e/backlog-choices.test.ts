import { AckPolicy } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { patientManager } from '../support/patient-jetstream.js';
import { runCli, type CliResult } from '../support/run-cli.js';

const window = ['--window', '300ms'];
const login = (user: string) => ['--user', user, '--password', user];

let server: NatsServer;
let connection: NatsConnection;
beforeAll(async () => {
  server = await startNatsServer({
    jetstream: true,
    config: `accounts {
      APP { jetstream: enabled, users: [
        { user: app, password: app }
        { user: poor, password: poor, permissions: { publish: "orders.>", subscribe: "_INBOX.>" } } ] }
      EMPTY { jetstream: enabled, users: [{ user: empty, password: empty }] }
      CORE { users: [{ user: core, password: core }] }
    }`,
  });
  connection = await connect({ servers: server.url, user: 'app', pass: 'app' });
  const manager = await patientManager(connection);
  await manager.streams.add({ name: 'ORDERS', subjects: ['orders.>'] });
  await manager.streams.add({ name: 'BARE', subjects: ['bare.>'] });
  for (const durable_name of ['billing', 'mail', 'fraud'])
    await manager.consumers.add('ORDERS', { durable_name, ack_policy: AckPolicy.Explicit });
});
afterAll(async () => {
  await connection.close();
  await server.stop();
});

function natsx(args: readonly string[], user = 'app'): Promise<CliResult> {
  return runCli([...args, '--server', server.url, ...login(user)]);
}

describe('a choice that matches nothing is not found', () => {
  test.each([
    [['NOPE.*'], 'no stream matches "NOPE.*"'],
    [['NOPE*'], 'no stream matches "NOPE*"'],
    [['ORDRES.*'], 'did you mean ORDERS?'],
    [['ORDERS.billing'], 'did you mean natsx backlog ORDERS billing?'],
    [['ORDERS.biling'], 'did you mean natsx backlog ORDERS billing?'],
    [['ORDERS', 'nope.*'], 'no consumer of the stream "ORDERS" matches "nope.*"'],
    [['ORDERS', 'biling.*'], 'did you mean billing?'],
    [['*', 'nope'], 'no consumer of any of the streams matches "nope"'],
    [['orders.>'], "--subject 'orders.>'"],
    [['--subject', 'nope.>'], 'the subjects are bare.>, orders.>'],
    [['ORDERS', '--subject', 'bare.>'], 'the stream "ORDERS" does not store subjects that match'],
    [['BARE.*', '--subject', 'orders.>'], 'no stream matches "BARE.*"'],
  ])('backlog %j', async (args, words) => {
    const run = await natsx(['backlog', ...args, ...window, '--fail-if', 'backlog>0']);
    expect(run.stderr).toContain(words);
    expect(run.code).toBe(7);
    expect(run.stdout).toBe('');
  });

  test.each([
    ['check', 'NOPE.*'],
    ['check', 'ORDERS.billing'],
    ['check', 'ORDERS', 'nope.*'],
    ['check', 'ORDERS', '--subject', 'nope.>'],
  ])('backlog %s %s: UNKNOWN', async (...args) => {
    const run = await natsx(['backlog', ...args, ...window]);
    expect(run.stdout).toMatch(/^UNKNOWN /);
    expect(run.code).toBe(3);
  });

  test.each([
    ['backlog', 'NOPE.*', '--watch'],
    ['backlog', 'ORDERS', 'nope.*', '--watch'],
    ['backlog', 'export', '--subject', 'nope.>', '--listen', '127.0.0.1:0'],
    ['stream', 'ls', '--subject', 'nope.>'],
    ['backlog', 'peek', 'ORDERS', 'nope'],
    ['backlog', 'subjects', 'NOPE'],
    ['doctor', 'NOPE'],
  ])('%s %s %s …', async (...args) => {
    expect((await natsx(args)).code).toBe(7);
  });

  test('a stream and a consumer with a slash are two words', async () => {
    const run = await natsx(['backlog', 'ORDERS/billing']);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('did you mean ORDERS billing?');
  });
});

describe('a choice that matches', () => {
  test.each([
    [['*'], '2 streams, 3 consumers: all well'],
    [['>'], '2 streams, 3 consumers: all well'],
    [['ORDERS', '*'], '1 stream, 3 consumers: all well'],
    [['ORD*'], '1 stream, 3 consumers match: all well'],
    [['*', 'billing'], '1 stream, 1 consumer match: all well'],
    [['*', 'a*'], undefined],
    [['ORDERS', 'a.*'], '1 stream, 2 consumers match: all well'],
    [['BARE'], '1 stream, 0 consumers: no consumers'],
    [['BA.*'], '1 stream, 0 consumers match: no consumers'],
    [['--subject', 'bare.a'], '1 stream, 0 consumers: no consumers'],
  ])('backlog %j: %s', async (args, head) => {
    const run = await natsx(['backlog', ...args, ...window]);
    expect(run.code).toBe(head === undefined ? 7 : 0);
    if (head !== undefined) expect(run.stdout).toContain(head);
  });

  test('backlog check of a stream without consumers', async () => {
    const run = await natsx(['backlog', 'check', 'BARE', ...window]);
    expect(run.stdout).toBe('OK BARE: no consumers\n');
    expect(run.code).toBe(0);
  });
});

describe('all is well only where something was read', () => {
  test('an account without streams', async () => {
    const run = await natsx(['backlog', ...window, '--fail-if', 'backlog>0'], 'empty');
    expect(run.stdout).toContain('0 streams, 0 consumers: no streams');
    expect(run.code).toBe(0);
  });

  test.each([
    ['backlog', 'nothing was read'],
    ['doctor', ''],
  ])('%s as a user who may not read JetStream', async (command, words) => {
    const run = await natsx([command, ...window], 'poor');
    expect(run.stdout).toContain(words);
    expect(run.stdout).not.toContain('all well');
    expect(run.stderr).toMatch(/^error: not permitted to publish to "\$JS.API/m);
    expect(run.code).toBe(4);
  });

  test('a comparison of consumers where JetStream is off', async () => {
    const run = await natsx(['backlog', ...window, '--fail-if', 'backlog>0'], 'core');
    expect(run.code).toBe(7);
  });
});

test.each(['backlog', 'doctor', 'stream'])('%s help is its help', async (command) => {
  const run = await runCli([command, 'help']);
  expect(run.code).toBe(0);
  expect(run.stdout).toContain('USAGE');
});
