import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AckPolicy } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../support/free-port.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { patientManager } from '../support/patient-jetstream.js';
import { emptyHome, runCli, startCli, type CliResult } from '../support/run-cli.js';
import { requires } from '../support/server-version.js';

const APP = { user: 'app', password: 'ohSh4Ach0eiG' };
const SYSTEM = { user: 'sys', password: 'Eingae7ohch8' };

let server: NatsServer;
let home: string;
/** Nobody listens there any more. */
let deadPort: string;
beforeAll(async () => {
  server = await startNatsServer({
    jetstream: true,
    config: {
      system_account: 'SYS',
      accounts: { SYS: { users: [SYSTEM] }, APP: { jetstream: true, users: [APP] } },
    },
  });
  deadPort = `http://127.0.0.1:${String(await freePort())}`;
  home = emptyHome();
  const contexts = join(home, '.config/nats/context');
  mkdirSync(contexts, { recursive: true });
  for (const [name, { user, password }] of Object.entries({ system: SYSTEM, ordinary: APP })) {
    writeFileSync(
      join(contexts, `${name}.json`),
      JSON.stringify({ url: server.url, user, password }),
    );
  }
  const connection = await connect({ servers: server.url, user: APP.user, pass: APP.password });
  const manager = await patientManager(connection);
  await manager.streams.add({ name: 'ORDERS', subjects: ['orders.>'] });
  await manager.consumers.add('ORDERS', { durable_name: 'idle', ack_policy: AckPolicy.Explicit });
  await connection.close();
});

const COMMANDS: readonly { readonly command: readonly string[] }[] = [
  { command: ['backlog', '--json', '--window', '300ms'] },
  { command: ['backlog', 'check', 'ORDERS', '--json', '--window', '300ms'] },
  { command: ['doctor', '--json', '--window', '300ms'] },
];

function reach(): readonly string[] {
  return ['--server', server.url, '--user', APP.user, '--password', APP.password];
}

async function run(command: readonly string[], ...flags: string[]): Promise<CliResult> {
  const result = await runCli([...command, ...flags, ...reach()], { home });
  expect(result.stdout + result.stderr).not.toContain(SYSTEM.password);
  return result;
}

describe.each(COMMANDS)('natsx $command', ({ command }) => {
  test('hears the servers through a monitoring port and through the system account', async () => {
    await requires('2.10');
    for (const flags of [
      ['--monitor', server.monitorUrl],
      ['--monitor', `${server.monitorUrl}/`],
      ['--system-context', 'system'],
      ['--monitor', server.monitorUrl, '--system-context', 'system'],
    ]) {
      const { code, stdout } = await run(command, ...flags);
      expect({ flags, code, missing: untold(stdout) }).toEqual({ flags, code: 0, missing: [] });
    }
  });

  test('says which port does not answer, and why', async () => {
    const { stdout } = await run(command, '--monitor', deadPort);
    expect(untold(stdout).join()).toMatch(/127\.0\.0\.1:\d+ .*ECONNREFUSED/);
  });

  test('says that a context is not of the system account', async () => {
    const { stdout } = await run(command, '--system-context', 'ordinary');
    expect(untold(stdout).join()).toContain('no server answers on $SYS.REQ.SERVER.PING.VARZ');
  });

  test.each([
    [['--monitor', 'ftp://localhost:8222'], 2, 'http://localhost:8222'],
    [['--monitor', 'http://me:secret@localhost:8222'], 2, 'http://localhost:8222'],
    [['--system-context', 'nowhere'], 7, 'natsx context ls'],
  ] as const)('%s ends with %i and says what would do', async (flags, code, hint) => {
    const result = await run(command, ...flags);
    const isCheck = command.includes('check');
    expect(result.code).toBe(isCheck ? 3 : code);
    expect(isCheck ? result.stdout : result.stderr).toContain(hint);
    expect(result.stdout + result.stderr).not.toContain('secret');
  });
});

test('natsx backlog export counts a port that does not answer', async () => {
  const flags = ['--window', '300ms', '--cache', '1ms', '--listen', '127.0.0.1:0'];
  const monitors = ['--monitor', server.monitorUrl, '--monitor', deadPort];
  const exporter = startCli(['backlog', 'export', ...flags, ...monitors, ...reach()], { home });
  const [, address = ''] = await exporter.waitForStderr(/serving metrics on (\S+)/);
  const metrics = await (await fetch(address)).text();
  expect(metrics).toMatch(/^natsx_missing_answers 1$/m);
  exporter.signal('SIGTERM');
  expect((await exporter.exit).code).toBe(0);
});

/** What the report says that it was not told. */
function untold(stdout: string): readonly string[] {
  const report = JSON.parse(stdout) as {
    readonly missing?: readonly { readonly detail: string }[];
    readonly problems?: readonly string[];
  };
  return report.missing?.map(({ detail }) => detail) ?? report.problems ?? [];
}
