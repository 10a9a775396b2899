import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { runCli, startCli } from '../support/run-cli.js';

let server: NatsServer;
const clients: NatsConnection[] = [];

const config = {
  http: '127.0.0.1:-1',
  accounts: {
    A: {
      users: [
        { user: 'ann', password: 'ann' },
        { user: 'mute', password: 'mute', permissions: { publish: { deny: ['$SYS.>'] } } },
      ],
    },
    B: { users: [{ user: 'bob', password: 'bob' }] },
    SYS: { users: [{ user: 'root', password: 'root' }] },
  },
  system_account: 'SYS',
};

async function client(name: string, user: string, subject?: string): Promise<void> {
  const connection = await connect({ servers: server.url, name, user, pass: user });
  clients.push(connection);
  if (subject !== undefined) connection.subscribe(subject, { callback: () => undefined });
  await connection.flush();
}

beforeAll(async () => {
  server = await startNatsServer({ config });
  await client('billing-1', 'ann', 'orders.>');
  await client('billing-2', 'ann', 'jobs.*');
  await client('stranger', 'bob');
});
afterAll(() => Promise.all(clients.map((connection) => connection.close())));

const as = (user: string): readonly string[] => [
  '-s',
  server.url,
  '--user',
  user,
  '--password',
  user,
];
const list = (...args: readonly string[]) => runCli(['connections', '--window', '200ms', ...args]);

interface Document {
  readonly scope: string;
  readonly account: string | null;
  readonly connections: readonly Readonly<Record<string, unknown>>[];
}

async function namesIn(...args: readonly string[]): Promise<readonly unknown[]> {
  const { code, stdout, stderr } = await list('--json', '--sort', 'name', ...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return (JSON.parse(stdout) as Document).connections.map(({ name }) => name);
}

describe('natsx connections', () => {
  it('shows the account without itself, in 80 columns', async () => {
    const { code, stdout, stderr } = await list(...as('ann'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^2 connections of the account "A"\n/);
    expect(stdout).toMatch(/^Name +Address +Subs +In\/s +Out\/s +Pending +Idle +RTT$/m);
    expect(stdout).toMatch(/^billing-1 +127\.0\.0\.1:\d+ +1 +0 +0 +0 /m);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('filters by name, subject, user and idle time', async () => {
    expect(await namesIn(...as('ann'))).toEqual(['billing-1', 'billing-2']);
    expect(await namesIn('billing-1', ...as('ann'))).toEqual(['billing-1']);
    expect(await namesIn('bill*', ...as('ann'))).toEqual(['billing-1', 'billing-2']);
    expect(await namesIn('--subject', 'jobs.new', ...as('ann'))).toEqual(['billing-2']);
    expect(await namesIn('--user-name', 'bob', ...as('ann'))).toEqual([]);
    expect(await namesIn('--idle', '1d', ...as('ann'))).toEqual([]);
    expect(await namesIn('--pending', ...as('ann'))).toEqual([]);
  });

  it('shows all accounts with more rights', async () => {
    const all = ['billing-1', 'billing-2', 'stranger'];
    expect(await namesIn('--all-accounts', ...as('root'))).toEqual(all);
    expect(await namesIn('--monitor', server.monitorUrl.replace('http://', ''))).toEqual(all);
    expect(await namesIn('--account', 'B', '--all-accounts', ...as('root'))).toEqual(['stranger']);
  });

  it('says what it may not see', async () => {
    const ann = await list('--all-accounts', ...as('ann'));
    expect(ann.code).toBe(4);
    expect(ann.stderr).toMatch(
      /^error: only a user of the system account may list all connections$/m,
    );
    expect(ann.stderr).toMatch(/^hint: .*--system-context.*--monitor/m);
    const mute = await list(...as('mute'));
    expect(mute.code).toBe(4);
    expect(mute.stderr).toMatch(
      /^error: not permitted to publish to "\$SYS.REQ.ACCOUNT.PING.CONNZ"$/m,
    );
  });

  it('goes on with --watch: a line each time, and a document each with --json', async () => {
    const lines = startCli(['connections', '--watch', '--window', '200ms', ...as('ann')]);
    await lines.waitForStdout(/(2 connections of the account "A": .*\n.*){2}/);
    lines.signal('SIGINT');
    expect((await lines.exit).code).toBe(0);
    const documents = startCli([
      'connections',
      '--watch',
      '--json',
      '--window',
      '200ms',
      ...as('ann'),
    ]);
    await documents.waitForStdout(/(natsx.connections\/1.*\n.*){2}/);
    documents.signal('SIGINT');
    const { code, stdout } = await documents.exit;
    expect(code).toBe(0);
    for (const line of stdout.trimEnd().split('\n')) {
      expect((JSON.parse(line) as Document).connections).toHaveLength(2);
    }
  });
});
