import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';

import type { ConsumerInfo } from '../../../../src/streams/model/consumer-info.js';
import type { StreamInfo } from '../../../../src/streams/model/stream-info.js';
import { consumerInfoText } from '../../../../src/streams/view/consumer-info-text.js';
import { streamInfoText } from '../../../../src/streams/view/stream-info-text.js';
import { createStyle } from '../../../../src/terminal/text/style.js';

const view = { style: createStyle(false), width: 80 };
const ts = '2026-03-01T12:00:00Z';
const nowMs = Date.parse(ts);
const NO_TIME = '0001-01-01T00:00:00Z';

/** Without what depends on the time zone. */
function withoutClock(text: string): string {
  return text.replace(/(created +|until )[-\d: ]*\d\d:\d\d/g, '$1HH:MM');
}

const stream: StreamInfo = {
  config: {
    name: 'ORDERS',
    description: 'all orders',
    subjects: ['orders.>'],
    retention: 'limits',
    storage: 'file',
    discard: 'old',
    num_replicas: 1,
    max_age: 600_000_000_000,
    max_msgs: -1,
    max_bytes: 1_048_576,
    max_consumers: -1,
    max_msg_size: -1,
    duplicate_window: 120_000_000_000,
    compression: 'none',
    allow_direct: true,
    metadata: { '_nats.ver': '2.15.3', team: 'billing' },
  },
  created: '2026-02-27T12:00:00Z',
  state: {
    messages: 67_600,
    bytes: 67_633_152,
    first_seq: 1,
    first_ts: '2026-03-01T11:50:00Z',
    last_seq: 67_612,
    last_ts: '2026-03-01T11:59:48Z',
    num_deleted: 12,
    num_subjects: 4,
    consumer_count: 3,
  },
  ts,
};

describe('a stream', () => {
  test('its state, the limits that are on, the settings that are not the default', () => {
    expect(withoutClock(streamInfoText(stream, nowMs, view))).toMatchInlineSnapshot(`
      "Stream ORDERS
        description   all orders
        subjects      orders.>
        created       HH:MM (2d ago)

      State
        messages      67,600 (64.5 MiB)
        first         sequence 1, 10m ago
        last          sequence 67612, 12s ago
        gaps          12 messages deleted in between
        subjects      4
        consumers     3

      Limits
        max age       10m
        max size      1 MiB

      Settings
        allow direct  yes
        metadata      team=billing
      "
    `);
  });

  test('of a cluster', () => {
    const cluster = {
      name: 'C1',
      leader: 'n1',
      replicas: [
        { name: 'n2', current: true, active: 300_000_000 },
        { name: 'n3', current: false, active: 12_000_000_000, lag: 1_200 },
        { name: 'n4', current: false, offline: true, active: 7_200_000_000_000 },
      ],
    };
    const text = streamInfoText({ ...stream, cluster }, nowMs, view);
    expect(text.slice(text.indexOf('Cluster'))).toMatchInlineSnapshot(`
      "Cluster
        name          C1
        leader        n1
        replica       n2, in sync, last contact 300ms ago
        replica       n3, 1,200 operations behind, last contact 12s ago
        replica       n4, offline, last contact 2h ago
      "
    `);
    const alone = { ...stream, cluster: { leader: 'n1' } };
    expect(streamInfoText(alone, nowMs, view)).not.toContain('Cluster');
    const { name, replicas } = cluster;
    expect(streamInfoText({ ...stream, cluster: { name, replicas } }, nowMs, view)).toMatch(
      /leader +none/,
    );
  });

  test('that copies from others', () => {
    const config = {
      name: 'ALL',
      sources: [
        { name: 'EU', filter_subject: 'orders.eu' },
        { name: 'US', external: { api: '$JS.us.API' } },
      ],
    };
    const sources = [
      { name: 'EU', lag: 0, active: 200_000_000 },
      { name: 'US', lag: 120, active: -1, error: { description: 'stream not found' } },
    ];
    const text = streamInfoText({ ...stream, config, sources }, nowMs, view);
    expect(text.slice(text.indexOf('Sources'))).toMatchInlineSnapshot(`
      "Sources
        EU         only orders.eu; nothing left to copy, last contact 200ms ago
        US         through $JS.us.API; 120 messages behind, no contact yet; stream not
                   found
      "
    `);
    const mirror = { name: 'EU', lag: 1, active: 0 };
    const copy = { ...stream, config: { name: 'COPY', mirror: { name: 'EU' } }, mirror };
    expect(streamInfoText(copy, nowMs, view)).toMatch(/Mirror of\n {2}EU +1 message behind/);
  });

  test('that is empty has no times', () => {
    const state = {
      ...stream.state,
      messages: 0,
      bytes: 0,
      first_seq: 51,
      first_ts: NO_TIME,
      last_seq: 50,
      last_ts: NO_TIME,
      num_deleted: 0,
      num_subjects: 0,
    };
    const text = streamInfoText({ ...stream, state }, nowMs, view);
    expect(text).toMatch(/messages +none; the last sequence was 50\n/);
    expect(text).not.toMatch(/first|gaps|0001/);
  });

  test('says nothing of the protocol, and stays within 80 columns', () => {
    const subjects = Array.from({ length: 30 }, (_, n) => `orders.region-${n}.>`);
    const config = { ...stream.config, subjects, max_bytes: -1 };
    const text = streamInfoText({ ...stream, config }, nowMs, view);
    expect(text).not.toMatch(/io\.nats|total|offset| -1\b|_nats|\d{9}/);
    expect(Math.max(...text.split('\n').map((line) => stringWidth(line)))).toBeLessThanOrEqual(80);
    expect(text).toContain('orders.region-29.>');
  });

  test('shows exact sequences beyond what a number holds, and no control characters', () => {
    const config = { ...stream.config, description: 'a\u001b[31m' };
    const state = { ...stream.state, last_seq: 9_223_372_036_854_775_807n as unknown as number };
    const text = streamInfoText({ ...stream, config, state }, nowMs, view);
    expect(text).toContain('sequence 9223372036854775807, 12s ago');
    expect(text).toContain(String.raw`a\x1b[31m`);
  });
});

const consumer: ConsumerInfo = {
  stream_name: 'ORDERS',
  name: 'billing',
  created: '2026-02-27T12:00:00Z',
  config: {
    durable_name: 'billing',
    name: 'billing',
    ack_policy: 'explicit',
    deliver_policy: 'all',
    replay_policy: 'instant',
    ack_wait: 30_000_000_000,
    max_deliver: -1,
    max_ack_pending: 1_000,
    max_waiting: 512,
    filter_subject: 'orders.eu',
    num_replicas: 0,
  },
  delivered: { consumer_seq: 5_012, stream_seq: 5_000, last_active: '2026-03-01T11:59:58Z' },
  ack_floor: { consumer_seq: 4_990, stream_seq: 4_978 },
  num_ack_pending: 12,
  num_redelivered: 3,
  num_waiting: 2,
  num_pending: 62_600,
  ts,
};

describe('a consumer', () => {
  test('pull', () => {
    expect(withoutClock(consumerInfoText(consumer, nowMs, view))).toMatchInlineSnapshot(`
      "Consumer billing of ORDERS
        kind          pull, durable
        filter        orders.eu
        created       HH:MM (2d ago)

      State
        pending       62,600 messages to deliver
        in flight     12 messages delivered, not acknowledged (at most 1,000)
        redelivered   3 messages
        delivered     up to sequence 5000, 2s ago
        acknowledged  all up to sequence 4978
        waiting       2 pull requests
      "
    `);
  });

  test('push without acknowledgements and without a client', () => {
    const config = {
      name: 'feed',
      ack_policy: 'none',
      deliver_subject: 'feed.here',
      deliver_group: 'workers',
      max_deliver: -1,
      idle_heartbeat: 5_000_000_000,
    };
    const push = { ...consumer, config, num_ack_pending: 0, num_redelivered: 0, num_waiting: 0 };
    const text = withoutClock(consumerInfoText(push, nowMs, view));
    expect(text).toMatchInlineSnapshot(`
      "Consumer billing of ORDERS
        kind        push to feed.here in the queue group workers, ephemeral
        filter      none (all messages of the stream)
        created     HH:MM (2d ago)

      State
        pending     62,600 messages to deliver
        delivered   up to sequence 5000, 2s ago
        client      none is subscribed

      Settings
        ack policy  none
        heartbeat   5s
      "
    `);
    expect(consumerInfoText({ ...push, push_bound: true }, nowMs, view)).toMatch(
      /client +subscribed/,
    );
  });

  test('paused, pinned, never used', () => {
    const paused = {
      ...consumer,
      config: { ...consumer.config, max_deliver: 5, backoff: [1_000_000_000, 60_000_000_000] },
      paused: true,
      pause_remaining: 7_200_000_000_000,
      delivered: { consumer_seq: 0, stream_seq: 0 },
      ack_floor: { consumer_seq: 0, stream_seq: 0 },
      priority_groups: [
        { group: 'a', pinned_client_id: 'x1', pinned_ts: '2026-03-01T11:59:00Z' },
        { group: 'b', pinned_ts: NO_TIME },
      ],
    };
    const text = withoutClock(consumerInfoText(paused, nowMs, view));
    expect(text.slice(text.indexOf('State'))).toMatchInlineSnapshot(`
      "State
        paused        until HH:MM (in 2h)
        pending       62,600 messages to deliver
        in flight     12 messages delivered, not acknowledged (at most 1,000)
        redelivered   3 messages
        delivered     nothing yet
        acknowledged  nothing yet
        waiting       2 pull requests
        group a       client x1, pinned 1m ago
        group b       no client is pinned

      Limits
        max deliver   5

      Settings
        ack wait      30s
        backoff       1s, 1m
      "
    `);
  });
});
