import { describe, expect, it } from 'vitest';
import {
  connectionListJson,
  connectionRows,
  isWanted,
  sortedConnections,
  type ConnectionFilter,
  type ConnectionRow,
  type ListedConnection,
} from '../../../../src/backlog/model/connection-list.js';
import { connectionFilter } from '../../../../src/backlog/flags/connections.js';
import {
  connectionLine,
  connectionListText,
} from '../../../../src/backlog/view/connection-list.js';
import { createStyle } from '../../../../src/terminal/text/style.js';

function connection(name: string, more: Partial<ListedConnection> = {}): ListedConnection {
  return {
    server: 'n1',
    cid: 1,
    name,
    address: '10.0.0.7:5000',
    account: 'A',
    user: 'ann',
    subscriptionCount: 1,
    subjects: ['orders.>'],
    inMessages: 0,
    outMessages: 0,
    inBytes: 0,
    outBytes: 0,
    pendingBytes: 0,
    idleMs: 0,
    rttMs: 1.5,
    ...more,
  };
}

const row = (name: string, more: Partial<ConnectionRow> = {}): ConnectionRow => ({
  ...connection(name),
  rates: { inPerS: 0, outPerS: 0, inBytesPerS: 0, outBytesPerS: 0 },
  ...more,
});

const NO_FILTER: ConnectionFilter = { onlyPending: false };

describe('rates', () => {
  it('are the difference of two readings over their distance', () => {
    const before = [connection('a', { inMessages: 100, outMessages: 10, inBytes: 1000 })];
    const after = [connection('a', { inMessages: 300, outMessages: 10, inBytes: 5000 })];
    expect(connectionRows(before, after, 2)[0]?.rates).toEqual({
      inPerS: 100,
      outPerS: 0,
      inBytesPerS: 2000,
      outBytesPerS: 0,
    });
  });

  it('are unknown for a connection that is new, or has the id of one on another server', () => {
    const before = [connection('a', { server: 'n2' })];
    expect(connectionRows(before, [connection('a')], 1)[0]?.rates).toBeUndefined();
  });
});

describe('filters', () => {
  const choice = { pending: false };
  it.each([
    ['by name', connectionFilter('billing', choice), ['billing']],
    ['by pattern', connectionFilter('bill*', choice), ['billing', 'billing-2']],
    ['by subject', connectionFilter(undefined, { ...choice, subject: 'jobs.new' }), ['billing-2']],
    ['by subjects', connectionFilter(undefined, { ...choice, subject: 'jobs.>' }), ['billing-2']],
    ['by account', connectionFilter(undefined, { ...choice, account: 'B' }), ['other']],
    ['by user', connectionFilter(undefined, { ...choice, 'user-name': 'bob' }), ['other']],
    ['by idle time', connectionFilter(undefined, { ...choice, idle: 60_000 }), ['billing-2']],
    ['by pending bytes', connectionFilter(undefined, { pending: true }), ['other']],
    ['none', NO_FILTER, ['billing', 'billing-2', 'other']],
  ])('%s', (_how, filter, expected) => {
    const all = [
      connection('billing'),
      connection('billing-2', { subjects: ['jobs.*'], idleMs: 60_000 }),
      connection('other', { account: 'B', user: 'bob', pendingBytes: 1, idleMs: undefined }),
    ];
    expect(all.filter((one) => isWanted(one, filter)).map(({ name }) => name)).toEqual(expected);
  });
});

it('sorts the largest first, and equal ones by name', () => {
  const busy = { inPerS: 10, outPerS: 5, inBytesPerS: 0, outBytesPerS: 0 };
  const rows = [row('b', { pendingBytes: 5 }), row('c', { rates: busy }), row('a')];
  const order = (by: Parameters<typeof sortedConnections>[1]): string =>
    sortedConnections(rows, by)
      .map(({ name }) => name)
      .join('');
  expect([order('traffic'), order('pending'), order('name')]).toEqual(['cab', 'bac', 'abc']);
});

describe('the list', () => {
  const rows = [
    row('billing', {
      rates: { inPerS: 0, outPerS: 1234, inBytesPerS: 0, outBytesPerS: 5 },
      pendingBytes: 4096,
    }),
    row('a client with a long name\u001b[2J', { rates: undefined, server: 'n2', rttMs: undefined }),
  ];
  const list = {
    atMs: Date.UTC(2026, 10, 29, 12),
    scope: { type: 'account', account: 'A' } as const,
    windowMs: 1001.4,
    rows,
    unread: 3,
    missing: [{ what: 'the monitoring port n3:8222', reason: 'timed out' }],
  };
  const view = { style: createStyle(false), width: 80 };

  it('is a table of at most 80 columns', () => {
    const text = connectionListText(list, rows, { ...view, top: 50 });
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(text).toMatchInlineSnapshot(`
      "2 connections of the account "A" on 2 servers
      0 msg/s in, 1.23k msg/s out over 1s, 4 KiB pending

      Name              Address        Server  Subs  In/s  Out/s  Pending  Idle    RTT
      billing           10.0.0.7:5000  n1         1     0  1.23k    4 KiB    0s  1.5ms
      a client…\\x1b[2J  10.0.0.7:5000  n2         1     –      –        0    0s      –
      3 connections of these servers could not be read
      not read: the monitoring port n3:8222: timed out
      "
    `);
  });

  it('counts what is left out', () => {
    expect(connectionListText(list, rows, { ...view, top: 1 })).toContain(
      'and 1 more connection: --top 2 shows all',
    );
  });

  it('is a line in a log', () => {
    expect(connectionLine(list, rows)).toMatch(
      /^\d\d:\d\d:\d\d 2 connections of the account "A" on 2 servers: 0 msg\/s in, 1.23k msg\/s out/,
    );
  });

  it('is a document', () => {
    expect(connectionListJson(list, rows.slice(0, 1))).toMatchInlineSnapshot(`
      {
        "account": "A",
        "at": "2026-11-29T12:00:00.000Z",
        "connections": [
          {
            "account": "A",
            "address": "10.0.0.7:5000",
            "cid": 1,
            "idle_ms": 0,
            "in_bytes": 0,
            "in_bytes_per_s": 0,
            "in_msgs": 0,
            "in_per_s": 0,
            "language": null,
            "name": "billing",
            "out_bytes": 0,
            "out_bytes_per_s": 5,
            "out_msgs": 0,
            "out_per_s": 1234,
            "pending_bytes": 4096,
            "rtt_ms": 1.5,
            "server": "n1",
            "subjects": [
              "orders.>",
            ],
            "subscriptions": 1,
            "uptime_ms": null,
            "user": "ann",
            "version": null,
          },
        ],
        "missing": [
          {
            "what": "the monitoring port n3:8222",
            "why": "timed out",
          },
        ],
        "schema": "natsx.connections/1",
        "scope": "account",
        "unread": 3,
        "window_ms": 1001,
      }
    `);
  });
});
