import { describe, expect, test } from 'vitest';

import {
  parseDeliver,
  startConfig,
  filterConfig,
  parseStartTime,
  wantedConsumer,
} from '../../../../src/streams/model/consumer-config.js';
import { checkConsumerConfig } from '../../../../src/streams/model/consumer-rules.js';

test('a consumer is durable and acknowledges each message, and has the given name', () => {
  expect(wantedConsumer('c', { ack_wait: 1 })).toEqual({
    name: 'c',
    durable_name: 'c',
    ack_policy: 'explicit',
    deliver_policy: 'all',
    replay_policy: 'instant',
    max_deliver: -1,
    ack_wait: 1,
  });
  expect(wantedConsumer('c', {}, { durable_name: 'd', name: 'd' })).toMatchObject({
    name: 'c',
    durable_name: 'c',
  });
  expect(wantedConsumer('c', { durable_name: '' })).not.toHaveProperty('durable_name');
});

const NOW = Date.parse('2026-02-01T12:00:00Z');

describe('filters', () => {
  test('one has a key of its own', () => {
    expect(filterConfig(undefined)).toEqual({});
    expect(filterConfig(['a'])).toEqual({ filter_subject: 'a' });
    expect(filterConfig(['a', 'b'])).toEqual({ filter_subjects: ['a', 'b'] });
  });

  test('a list of one in a file is a single filter; a flag replaces both', () => {
    expect(wantedConsumer('c', {}, { filter_subjects: ['a'] })).toMatchObject({
      filter_subject: 'a',
    });
    const replaced = wantedConsumer('c', { filter_subject: 'x' }, { filter_subjects: ['a', 'b'] });
    expect(replaced).toMatchObject({ filter_subject: 'x' });
    expect(replaced).not.toHaveProperty('filter_subjects');
  });
});

describe('where it begins', () => {
  test.each([
    [{ deliver: parseDeliver('last-per-subject', 0) }, { deliver_policy: 'last_per_subject' }],
    [{ 'start-seq': 7 }, { deliver_policy: 'by_start_sequence', opt_start_seq: 7 }],
    [{ 'start-time': 'T' }, { deliver_policy: 'by_start_time', opt_start_time: 'T' }],
    [{}, {}],
  ])('%j', (choice, config) => {
    expect(startConfig(choice)).toEqual(config);
  });

  test('only in one place', () => {
    expect(() => startConfig({ deliver: { policy: 'all' }, 'start-seq': 7 })).toThrow(
      /only one start/,
    );
  });

  test('a time keeps its nanoseconds, and gets a zone', () => {
    expect(parseStartTime('2026-01-31T12:00:00.123456789Z', NOW)).toBe(
      '2026-01-31T12:00:00.123456789Z',
    );
    expect(parseStartTime('2026-01-31', NOW)).toBe('2026-01-31T00:00:00.000Z');
    expect(parseStartTime('1h', NOW)).toBe('2026-02-01T11:00:00.000Z');
    expect(() => parseStartTime('eventually', NOW)).toThrow(/invalid time/);
    expect(() => parseStartTime('2026-13-01T00:00:00Z', NOW)).toThrow(/invalid time/);
  });
});

describe('checkConsumerConfig', () => {
  test.each([
    [{ filter_subject: 'a..b' }, /two dots/],
    [{ filter_subjects: ['a.>', 'a.b'] }, /overlap/],
    [{ backoff: [1, 2], max_deliver: 2 }, /more than 2 deliveries/],
    [{ ack_policy: 'none', ack_wait: 1 }, /ack_wait has no effect/],
    [{ idle_heartbeat: 1 }, /for push consumers/],
    [{ deliver_subject: 'd', max_waiting: 1 }, /for pull consumers/],
    [{ deliver_subject: 'd.*' }, /wildcard/],
  ])('refuses %j', (config, message) => {
    expect(() => checkConsumerConfig(config)).toThrow(message);
  });

  test.each([
    [{ backoff: [1, 2], max_deliver: 3 }],
    [{ backoff: [1, 2] }],
    [{ deliver_subject: 'd', idle_heartbeat: 1, flow_control: true }],
  ])('accepts %j', (config) => {
    expect(() => checkConsumerConfig(config)).not.toThrow();
  });
});
