import type { NatsConnection } from '@nats-io/transport-node';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ConnectionList } from '../../../../src/backlog/model/connection-list.js';
import {
  accountConnections,
  allConnections,
  connectionLists,
  serverConnections,
  type ConnectionSource,
} from '../../../../src/backlog/run/connection-list.js';
import {
  monitoringPorts,
  systemAccount,
} from '../../../../src/backlog/run/reader/server-source.js';
import { NatsxError } from '../../../../src/core/errors.js';
import { eventually } from '../../../support/eventually.js';
import { open, start } from './own-server.js';

const accounts = {
  accounts: {
    A: {
      users: [
        { user: 'ann', password: 'ann' },
        { user: 'mute', password: 'mute', permissions: { publish: { deny: ['$SYS.>'] } } },
        { user: 'deaf', password: 'deaf', permissions: { subscribe: { deny: ['_INBOX.>'] } } },
      ],
    },
    B: { users: [{ user: 'bob', password: 'bob' }] },
    SYS: { users: [{ user: 'root', password: 'root' }] },
  },
  system_account: 'SYS',
};

async function first(source: ConnectionSource, windowMs = 200): Promise<ConnectionList> {
  for await (const list of connectionLists(source, windowMs, new AbortController().signal)) {
    return list;
  }
  throw new Error('there was no list');
}

const namesOf = ({ rows }: ConnectionList): readonly string[] =>
  rows.map(({ name }) => name).toSorted();

async function failureOf(source: ConnectionSource): Promise<NatsxError> {
  const failure = await first(source).catch((error: unknown) => error);
  if (failure instanceof NatsxError) return failure;
  throw new Error('it did not fail');
}

/** Publishes until the test ends. */
function publishing(connection: NatsConnection, subject: string): void {
  const timer = setInterval(() => connection.publish(subject, 'x'.repeat(10)), 10);
  onTestFinished(() => clearInterval(timer));
}

describe('who is connected', () => {
  it('lists the connections of the account without the own one, with what they do', async () => {
    const server = await start({ config: accounts });
    const viewer = await open(server, { name: 'viewer', user: 'ann' });
    const reader = await open(server, { name: 'reader', user: 'ann' });
    const writer = await open(server, { name: 'writer', user: 'ann' });
    await open(server, { name: 'stranger', user: 'bob' });
    reader.subscribe('orders.>', { callback: () => undefined });
    await reader.flush();
    publishing(writer, 'orders.new');
    const source = accountConnections(viewer, 5_000);
    // Both are listed with a rate as soon as both readings have them.
    const list = await eventually(
      'rates',
      async () => {
        const found = await first(source);
        return found.rows.some(({ rates }) => (rates?.inPerS ?? 0) > 0) ? found : undefined;
      },
      { timeoutMs: 20_000 },
    );
    expect(list.scope).toEqual({ type: 'account', account: 'A' });
    expect(namesOf(list)).toEqual(['reader', 'writer']);
    const [read, written] = ['reader', 'writer'].map((name) =>
      list.rows.find((row) => row.name === name),
    );
    expect(read).toMatchObject({
      account: 'A',
      user: 'ann',
      language: 'nats.js',
      subscriptionCount: 1,
      subjects: ['orders.>'],
      pendingBytes: 0,
    });
    expect(read?.address).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(read?.rates?.outPerS).toBeGreaterThan(0);
    expect(read?.rates?.inPerS).toBe(0);
    expect(written?.rates?.inBytesPerS).toBeCloseTo((written?.rates?.inPerS ?? 0) * 10);
    expect(written?.uptimeMs).toBeGreaterThanOrEqual(0);
  });

  it('says which right is missing', async () => {
    const server = await start({ config: accounts });
    const mute = await failureOf(accountConnections(await open(server, { user: 'mute' }), 5_000));
    expect(mute.kind).toBe('auth');
    expect(mute.message).toBe('not permitted to publish to "$SYS.REQ.ACCOUNT.PING.CONNZ"');
    const deaf = await failureOf(accountConnections(await open(server, { user: 'deaf' }), 5_000));
    expect(deaf.kind).toBe('auth');
    expect(deaf.message).toMatch(/^not permitted to subscribe to "_INBOX\./);
    expect(deaf.hint).toContain('--inbox-prefix');
  });
});

describe('all accounts', () => {
  it('are for users of the system account, whose answers are not those of one account', async () => {
    const server = await start({ config: accounts });
    await open(server, { name: 'reader', user: 'ann' });
    await open(server, { name: 'stranger', user: 'bob' });
    const system = await open(server, { name: 'system', user: 'root' });
    const list = await first(allConnections(system));
    expect(list.scope).toEqual({ type: 'servers' });
    expect(namesOf(list)).toEqual(['reader', 'stranger']);
    const named = await first(serverConnections(systemAccount(system)));
    expect(namesOf(named)).toEqual(['reader', 'stranger', 'system']);
    const ann = await open(server, { name: 'ann', user: 'ann' });
    expect((await failureOf(allConnections(ann))).kind).toBe('auth');
    const other = await failureOf(serverConnections(systemAccount(ann)));
    expect(other.message).toMatch(/^the system account did not answer: no server answers on/);
  });

  it('are in what a monitoring port says, and a silent port is named', async () => {
    const server = await start({ config: { ...accounts, http: '127.0.0.1:-1' } });
    await open(server, { name: 'reader', user: 'ann' });
    await open(server, { name: 'stranger', user: 'bob' });
    const monitor = new URL(server.monitorUrl);
    const list = await first(serverConnections(monitoringPorts([monitor], 5_000)));
    expect(namesOf(list)).toEqual(['reader', 'stranger']);
    expect(list.rows.map(({ account }) => account).toSorted()).toEqual(['A', 'B']);
    const silent = new URL('http://127.0.0.1:9');
    const half = await first(serverConnections(monitoringPorts([monitor, silent], 5_000)));
    expect(half.missing.map(({ what }) => what)).toEqual(['the monitoring port 127.0.0.1:9']);
    const none = await failureOf(serverConnections(monitoringPorts([silent], 5_000)));
    expect(none.message).toMatch(/^the monitoring port 127.0.0.1:9 did not answer: /);
  });
});
