import { describe, expect, test } from 'vitest';

import type { ConfigOutcome } from '../../../../src/streams/model/config-outcome.js';
import type { StoredMessage } from '../../../../src/streams/model/stored-message.js';
import {
  configOutcomeJson,
  configOutcomeText,
} from '../../../../src/streams/view/config-outcome-text.js';
import { configValueText } from '../../../../src/streams/view/config-value-text.js';
import {
  consumerRemovalJson,
  consumerRemovalText,
  messageRemovalJson,
  messageRemovalText,
  streamPurgeJson,
  streamPurgeText,
  streamRemovalJson,
  streamRemovalText,
} from '../../../../src/streams/view/removal-text.js';
import {
  storedMessageJson,
  storedMessageText,
} from '../../../../src/streams/view/stored-message-text.js';
import { createStyle } from '../../../../src/terminal/text/style.js';

const plain = { style: createStyle(false), width: undefined };
const outcome: ConfigOutcome = {
  action: 'would-edit',
  stream: 'ORDERS',
  changes: [
    { key: 'max_age', before: undefined, after: 3_600_000_000_000 },
    { key: 'max_bytes', before: -1, after: 1_048_576 },
    { key: 'subjects', before: ['a'], after: ['a', 'b.>'] },
    { key: 'metadata.team', before: 'a', after: undefined },
  ],
  losses: ['the oldest 3 of 5 messages go'],
  ignored: [],
  config: { name: 'ORDERS', max_age: 9_223_372_036_854_775_807n },
};

describe('what became of a configuration', () => {
  test('the differences and what they cost', () => {
    expect(configOutcomeText(outcome, plain)).toMatchInlineSnapshot(`
      "would change the stream ORDERS
      Setting        Is         Would be
      max_age        unlimited  1h
      max_bytes      unlimited  1 MiB
      subjects       a          a, b.>
      metadata.team  a          –
      loss: the oldest 3 of 5 messages go
      "
    `);
  });

  test('what was created, without the name, defaults, and metadata of the server', () => {
    const config = {
      name: 'c1',
      durable_name: 'c1',
      ack_wait: 30_000_000_000,
      max_deliver: -1,
      metadata: { '_nats.ver': '2', team: 'a\u001b[31m' },
    };
    const made = {
      ...outcome,
      action: 'created',
      consumer: 'c1',
      ignored: ['weird'],
      config,
    } as const;
    expect(configOutcomeText(made, plain)).toMatchInlineSnapshot(`
      "created the consumer c1 of ORDERS
        metadata  team=a\\x1b[31m
      warning: the server set weird to another value than the given one
      "
    `);
  });

  test('JSON keeps large numbers', () => {
    expect(configOutcomeJson({ ...outcome, changes: outcome.changes.slice(0, 1) })).toBe(
      '{"action":"would-edit","stream":"ORDERS","changes":[{"key":"max_age","before":null,"after":3600000000000}],"losses":["the oldest 3 of 5 messages go"],"ignored":[],"config":{"name":"ORDERS","max_age":9223372036854775807}}',
    );
  });

  test.each([
    ['max_age', 0, 'unlimited'],
    ['max_msgs', -1, 'unlimited'],
    ['max_deliver', -1, 'unlimited'],
    ['num_replicas', 0, '0'],
    ['backoff', [1_000_000_000, 60_000_000_000], '1s, 1m'],
    ['max_msg_size', 1_024, '1 KiB'],
    ['max_msgs', 1_500, '1,500'],
    ['allow_direct', true, 'yes'],
    ['description', '', '–'],
    ['placement', { cluster: 'c', tags: ['ssd', 'eu'] }, 'cluster c, tags ssd, eu'],
    [
      'mirror',
      { name: 'A', filter_subject: 'a.>', opt_start_seq: 7, external: { api: '$JS.hub.API' } },
      'A, only a.>, from sequence 7, through $JS.hub.API',
    ],
    ['sources', [{ name: 'A' }, { name: 'B' }], 'A, B'],
    ['republish', { src: '>', dest: 'copy.>', headers_only: true }, '> to copy.>, headers only'],
    [
      'consumer_limits',
      { inactive_threshold: 1e9, max_ack_pending: 5 },
      'inactive threshold 1s, max ack pending 5',
    ],
  ])('%s %j is shown as %s', (key, value, text) => {
    expect(configValueText(key, value)).toBe(text);
  });
});

describe('what goes', () => {
  test('a stream', () => {
    const removal = {
      stream: 'A',
      messages: 1_200,
      bytes: 2_048,
      consumerCount: 2,
      consumers: ['x', 'y'],
      dependents: [],
      done: false,
    };
    expect(streamRemovalText(removal, plain.style)).toBe(
      'would remove the stream A with 1,200 messages (2 KiB) and 2 consumers: x, y\n',
    );
    expect(streamRemovalText({ ...removal, consumers: undefined, done: true }, plain.style)).toBe(
      'removed the stream A with 1,200 messages (2 KiB) and 2 consumers\n',
    );
    expect(streamRemovalText({ ...removal, dependents: ['EU'] }, plain.style)).toContain(
      'loss: EU copies from this stream, and gets no more messages\n',
    );
    expect(JSON.stringify(streamRemovalJson(removal))).toBe(
      '{"action":"would-remove","stream":"A","messages":1200,"bytes":2048,"consumer_count":2,"consumers":["x","y"],"dependents":[]}',
    );
  });

  test('a consumer', () => {
    const removal = {
      stream: 'A',
      consumer: 'c',
      pending: 1,
      ackPending: 2,
      losses: [],
      removes: undefined,
      removed: undefined,
      done: true,
    };
    expect(JSON.stringify(consumerRemovalJson(removal))).toBe(
      '{"action":"removed","stream":"A","consumer":"c","num_pending":1,"num_ack_pending":2,"losses":[]}',
    );
    expect(consumerRemovalText(removal, plain.style)).toContain('; the messages stay\n');
    const losing = {
      ...removal,
      losses: ['3 messages go: nobody waits'],
      removes: { least: 3, most: 3 },
      removed: { count: 3, unexpected: false },
    };
    expect(consumerRemovalText(losing, plain.style)).toMatchInlineSnapshot(`
      "removed the consumer c of A (1 message pending, 2 not acknowledged)
      loss: 3 messages go: nobody waits
      removed: 3 messages
      "
    `);
    expect(consumerRemovalJson(losing)).toMatchObject({
      removes: { at_least: 3, at_most: 3 },
      removed: 3,
    });
    expect(consumerRemovalText({ ...removal, losses: undefined }, plain.style)).toContain(
      'is not known',
    );
  });

  test('messages', () => {
    const choice = { filter: 'a.>', seq: 7 };
    const purge = {
      stream: 'A',
      choice,
      messages: 10,
      bytes: 100,
      expected: undefined,
      purged: undefined,
      purgedBytes: undefined,
      unexpected: false,
    };
    expect(streamPurgeText(purge, plain.style)).toBe(
      'would purge an unknown number of 10 messages (100 B) in the stream A, only a.>, before sequence 7\n',
    );
    expect(
      streamPurgeText({ ...purge, purged: 4, purgedBytes: 30, choice: { keep: 6 } }, plain.style),
    ).toBe('purged 4 (30 B) of 10 messages (100 B) in the stream A, keeping the newest 6\n');
    expect(JSON.stringify(streamPurgeJson(purge))).toBe(
      '{"action":"would-purge","stream":"A","subject":"a.>","seq":7,"messages":10,"bytes":100,"expected":null,"purged":0}',
    );
  });
});

describe('a stored message', () => {
  const stored: StoredMessage = {
    stream: 'A',
    seq: 7,
    time: '2026-01-02T03:04:05.123456789Z',
    message: {
      subject: 'a.\u001bb',
      headers: new Map([['Trace', ['x']]]),
      payload: Buffer.from('{"id":7}'),
      receivedAtMs: 0,
    },
  };

  test('as text, safe for a terminal', () => {
    const text = storedMessageText(stored, { style: plain.style, pretty: false });
    expect(text).toBe('[A 7] 2026-01-02T03:04:05.123456789Z a.\\x1bb\nTrace: x\n\n{"id":7}\n');
  });

  test('as JSON', () => {
    expect(storedMessageJson(stored)).toBe(
      String.raw`{"subject":"a.\u001bb","subject_base64":"YS4bYg==","headers":{"Trace":["x"]},"payload":{"id":7},"size_bytes":8,"received_at":"1970-01-01T00:00:00.000Z","stream":"A","seq":7,"time":"2026-01-02T03:04:05.123456789Z"}`,
    );
  });

  test('when it goes', () => {
    const removal = { stored, done: false };
    expect(messageRemovalText(removal)).toBe(
      'would remove message 7 of A: a.\\x1bb, 8 B, from 2026-01-02T03:04:05.123456789Z\n',
    );
    expect(messageRemovalJson(removal)).toEqual({
      action: 'would-remove',
      stream: 'A',
      seq: 7,
      subject: 'a.\u001bb',
      time: '2026-01-02T03:04:05.123456789Z',
      size_bytes: 8,
    });
  });
});
