import { connect } from '@nats-io/transport-node';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { patientManager } from '../support/patient-jetstream.js';
import { emptyHome, runCli } from '../support/run-cli.js';
import { requires, serverIsAtLeast } from '../support/server-version.js';

const APP = { user: 'app', password: 'ohSh4Ach0eiG' };
const SYSTEM = { user: 'sys', password: 'Eingae7ohch8' };

let server: NatsServer;
let home: string;

beforeAll(async () => {
  server = await startNatsServer({
    name: 'n1',
    jetstream: true,
    config: {
      system_account: 'SYS',
      accounts: { SYS: { users: [SYSTEM] }, APP: { jetstream: true, users: [APP] } },
    },
  });
  home = emptyHome();
  const contexts = join(home, '.config/nats/context');
  mkdirSync(contexts, { recursive: true });
  const context = { url: server.url, user: SYSTEM.user, password: SYSTEM.password };
  writeFileSync(join(contexts, 'system.json'), JSON.stringify(context));
  const connection = await connect({ servers: server.url, user: APP.user, pass: APP.password });
  const manager = await patientManager(connection);
  await manager.streams.add({ name: 'ORDERS', subjects: ['orders.>'] });
  await manager.streams.add({ name: 'OTHER', subjects: ['other.>'] });
  await connection.close();
});
afterAll(() => server.stop());

function doctor(...args: readonly string[]) {
  const { user, password } = APP;
  const reach = ['--server', server.url, '--user', user, '--password', password];
  return runCli(['doctor', ...args, ...reach], { home });
}

interface Report {
  readonly schema: string;
  readonly findings: readonly {
    readonly id: string;
    readonly scope: { readonly stream?: string };
  }[];
  readonly missing: readonly { readonly what: string }[];
}

describe('natsx doctor', () => {
  it('prints findings within 80 columns, and what it could not look at', async () => {
    const { code, stdout, stderr } = await doctor();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const tellsAccount = await serverIsAtLeast('2.10');
    expect(stdout).toMatch(
      tellsAccount ? /^n1, version \d\S*, account APP\n/ : /^n1, version \d\S+\n/,
    );
    expect(stdout).toContain('WARNING NO_TLS  exposure  connection n1\n');
    expect(stdout).toContain('SYNC_INTERVAL_LAZY, SERVER_LIMIT_NEAR');
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('reads the settings of servers over the context of the system account', async () => {
    await requires('2.10');
    // Flags speak of the account that is audited, and do not reach the other connection.
    const { code, stdout } = await doctor('--system-context', 'system', '--json');
    const report = JSON.parse(stdout) as Report;
    expect(code).toBe(0);
    expect(report.schema).toBe('natsx.doctor/1');
    expect(report.findings.map(({ id }) => id)).toContain('SYNC_INTERVAL_LAZY');
    expect(report.missing).toEqual([]);
    expect(stdout).not.toContain(SYSTEM.password);
  });

  it('looks at the streams that are named, as arguments or with --stream', async () => {
    const streams = async (...args: readonly string[]) => {
      const report = JSON.parse((await doctor(...args, '--json')).stdout) as Report;
      return new Set(report.findings.flatMap(({ scope }) => scope.stream ?? []));
    };
    expect(await streams('ORDERS')).toEqual(new Set(['ORDERS']));
    expect(await streams('--stream', 'OTHER')).toEqual(new Set(['OTHER']));
    expect(await streams('ORDERS', '--stream', 'OTHER')).toEqual(new Set(['ORDERS', 'OTHER']));
  });

  it.each([
    [['--fail-on', 'critical'], 0],
    [['--fail-on', 'warning'], 9],
    [['--fail-on', 'info'], 9],
    [['--fail-on', 'warning', '--json'], 9],
  ] as const)('%s ends with %i, the report printed', async (args, code) => {
    // Old servers have bugs that are critical by themselves.
    const result = await doctor(...args, '--ignore', 'KNOWN_BUGS');
    expect(result.code).toBe(code);
    expect(result.stdout).toContain('NO_TLS');
  });

  it('leaves out what is to be ignored', async () => {
    await requires('2.14.3');
    const ignored = ['NO_TLS', 'WIDE_PERMISSIONS', 'SINGLE_SERVER'].flatMap((id) => [
      '--ignore',
      id,
    ]);
    const { code, stdout } = await doctor(...ignored, '--fail-on', 'warning');
    expect(code).toBe(0);
    expect(stdout).toContain('; 3 ignored');
  });

  it.each([
    [['ORDRES'], 7, 'did you mean ORDERS?'],
    [['--ordered', 'ORDRES'], 7, 'did you mean ORDERS?'],
    [['--ignore', 'NO_TSL'], 2, 'did you mean NO_TLS?'],
    [['--fail-on', 'catastrophe'], 2, 'critical'],
    [['--monitor', 'ftp://localhost:8222'], 2, 'http://localhost:8222'],
    [['--system-context', 'nowhere'], 7, 'natsx context ls'],
  ] as const)('%s ends with %i and says what would do', async (args, code, hint) => {
    const result = await doctor(...args);
    expect({ code: result.code, stdout: result.stdout }).toEqual({ code, stdout: '' });
    expect(result.stderr).toContain(hint);
  });
});

describe('natsx doctor explain', () => {
  it('says what a finding means, in any case, without a server', async () => {
    const { code, stdout } = await runCli(['doctor', 'explain', 'sync-interval-lazy']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^SYNC_INTERVAL_LAZY {2}warning, found on a server\n/);
  });

  it('lists all, also as JSON lines', async () => {
    const { stdout } = await runCli(['doctor', 'explain', '--json']);
    const rules = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string });
    expect(rules.map(({ id }) => id)).toContain('QUORUM_AT_RISK');
    expect(rules.length).toBeGreaterThan(30);
  });

  it('names the nearest', async () => {
    const { code, stderr } = await runCli(['doctor', 'explain', 'NO_TSL']);
    expect(code).toBe(2);
    expect(stderr).toContain('did you mean NO_TLS?');
  });
});
