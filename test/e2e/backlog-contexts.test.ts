import { AckPolicy } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';

import { startNatsServer } from '../support/nats-server.js';
import { patientClient, patientManager } from '../support/patient-jetstream.js';
import { runCli } from '../support/run-cli.js';
import { temporaryFolder } from '../support/shut-down.js';

let env: Record<string, string>;
beforeAll(async () => {
  const home = temporaryFolder('contexts');
  const folder = join(home, 'nats', 'context');
  mkdirSync(folder, { recursive: true });
  env = { XDG_CONFIG_HOME: home };
  const save = (name: string, url: string) =>
    writeFileSync(join(folder, `${name}.json`), JSON.stringify({ url }));
  save('down', 'nats://127.0.0.1:1');
  save('plain', (await startNatsServer({ jetstream: false })).url);
  for (const [name, messages] of [
    ['eu', 20],
    ['us', 3],
  ] as const) {
    const server = await startNatsServer({ jetstream: true });
    save(name, server.url);
    const connection = await connect({ servers: server.url });
    const manager = await patientManager(connection);
    await manager.streams.add({ name: 'ORDERS', subjects: ['orders.>'] });
    await manager.consumers.add('ORDERS', {
      durable_name: 'billing',
      ack_policy: AckPolicy.Explicit,
    });
    for (let id = 0; id < messages; id += 1) {
      await patientClient(connection).publish('orders.new', String(id));
    }
    await connection.close();
  }
});

const natsx = (...args: readonly string[]) =>
  runCli(['backlog', ...args, '--window', '400ms'], { env });

describe('backlog of several contexts', () => {
  test('has all consumers in one table, and commands for their context', async () => {
    const { code, stdout, stderr } = await natsx('--context', 'eu,us');
    expect(code).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^eu {2}1 stream, 1 consumer: 1 critical/m);
    expect(stdout).toMatch(/^eu +ORDERS +billing +20 .*NO_CLIENT$/m);
    expect(stdout).toMatch(/^us +ORDERS +billing +3 .*NO_CLIENT$/m);
    expect(stdout).toContain('CRITICAL NO_CLIENT  eu ORDERS billing, us ORDERS billing');
    expect(stdout).toContain('$ natsx backlog ORDERS billing --window 30s --context eu\n');
  });

  test('shows the others when one cannot be reached; the worst failure decides', async () => {
    const run = await natsx('--context', 'eu,down,nope', '--json');
    expect(run.code).toBe(7);
    const documents = run.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(documents).toMatchObject([
      { context: 'eu', schema: 'natsx.backlog/1', streams: [{ name: 'ORDERS' }] },
      { context: 'down', error: { kind: 'connection' } },
      { context: 'nope', error: { kind: 'not-found' } },
    ]);
    expect(run.stderr).toContain('"message":"there is no context \\"nope\\""');
    expect(run.stderr).toContain('down');
  });

  test('names each context that does not exist once', async () => {
    for (const command of ['rtt', 'backlog']) {
      const { code, stderr } = await runCli([command, '--context', 'no-1,no-2'], { env });
      expect(code).toBe(7);
      expect(stderr).toMatch(
        /^there is no context "no-2"\nerror: there is no context "no-1"\nhint: /,
      );
    }
  });

  test('says in which context something could not be read', async () => {
    const { stdout } = await natsx('--context', 'eu,plain');
    expect(stdout).toContain('  not read in plain: streams (unsupported): ');
  });

  test('names the context in which a condition is true', async () => {
    const run = await natsx('ORDERS', '--context', 'us,eu', '--fail-if', 'backlog>10');
    expect(run.code).toBe(9);
    expect(run.stderr).toContain('context "eu": backlog>10 for ORDERS billing (it is 20)');
    expect((await natsx('--context', 'us,eu', '--fail-if', 'backlog>20')).code).toBe(0);
  });

  test('shows the details of a consumer for each', async () => {
    const { stdout } = await natsx('ORDERS', 'billing', '--context', 'eu,us');
    expect(stdout).toMatch(/^context eu\n\nORDERS billing {2}NO_CLIENT$/m);
    expect(stdout).toMatch(/^context us\n\nORDERS billing {2}NO_CLIENT$/m);
  });

  test('is not for a live view, nor for servers of one of them', async () => {
    for (const flags of [
      ['--watch'],
      ['--monitor', 'http://127.0.0.1:1'],
      ['--system-context', 'eu'],
    ]) {
      const run = await natsx('--context', 'eu,us', ...flags);
      expect(run.code).toBe(2);
      expect(run.stderr).toContain(`${flags[0] ?? ''} works with a single context`);
    }
  });
});
