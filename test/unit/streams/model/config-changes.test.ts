import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { configChanges, ignoredKeys } from '../../../../src/streams/model/config-changes.js';
import { CONSUMER_DEFAULTS } from '../../../../src/streams/model/consumer-config.js';
import { STREAM_DEFAULTS } from '../../../../src/streams/model/stream-config.js';

const stream = { defaults: STREAM_DEFAULTS };

describe('configChanges', () => {
  test.each([
    ['a missing limit, 0 and -1', { max_msgs: -1, max_age: 0 }, {}],
    ['a default that is written out', { storage: 'file', num_replicas: 1 }, {}],
    ['the default duplicate window', { duplicate_window: 120e9 }, { duplicate_window: 0 }],
    ['the order of subjects', { subjects: ['a', 'b'] }, { subjects: ['b', 'a'] }],
    ["the server's own metadata", { metadata: { '_nats.ver': '2.15.2' } }, { metadata: {} }],
    ['empty objects and absent ones', { consumer_limits: {}, sources: [] }, { mirror: null }],
    [
      'unset members of objects',
      { placement: { cluster: 'c', tags: null } },
      { placement: { cluster: 'c' } },
    ],
    ['compression "none"', { compression: 'none' }, {}],
  ])('%s are the same', (_what, before, after) => {
    expect(configChanges(before, after, stream)).toEqual([]);
    expect(configChanges(after, before, stream)).toEqual([]);
  });

  test('tells each key that differs, with both values', () => {
    const before = { name: 'A', max_age: 10, subjects: ['a'], future_key: { deep: 1 } };
    const after = { name: 'A', max_age: 20, subjects: ['a', 'b'], description: 'x' };
    expect(configChanges(before, after, stream)).toEqual([
      { key: 'max_age', before: 10, after: 20 },
      { key: 'subjects', before: ['a'], after: ['a', 'b'] },
      { key: 'future_key', before: { deep: 1 }, after: undefined },
      { key: 'description', before: undefined, after: 'x' },
    ]);
  });

  test('metadata differs by entry', () => {
    const before = { metadata: { team: 'a', old: '1', '_nats.ver': 'x' } };
    const after = { metadata: { team: 'b', new: '2' } };
    expect(configChanges(before, after, stream).map(({ key }) => key)).toEqual([
      'metadata.team',
      'metadata.old',
      'metadata.new',
    ]);
  });

  test('compares only the named keys when some are named', () => {
    const changes = configChanges(
      { max_age: 1, max_msgs: 1 },
      {},
      { ...stream, keys: ['max_age'] },
    );
    expect(changes.map(({ key }) => key)).toEqual(['max_age']);
  });

  test('where the server has a default of its own, -1 means something else than nothing', () => {
    const options = { defaults: CONSUMER_DEFAULTS };
    expect(configChanges({ max_ack_pending: 1_000 }, {}, options)).toEqual([]);
    expect(configChanges({ max_ack_pending: -1 }, {}, options)).toHaveLength(1);
    expect(configChanges({ ack_policy: 'none' }, { ack_policy: 'explicit' }, options)).toHaveLength(
      1,
    );
  });

  test('the same time in two spellings is the same', () => {
    const before = { opt_start_time: '2026-01-01T00:00:00Z' };
    expect(configChanges(before, { opt_start_time: '2026-01-01T01:00:00+01:00' }, stream)).toEqual(
      [],
    );
    expect(configChanges(before, { opt_start_time: '2026-01-01T01:00:00Z' }, stream)).toHaveLength(
      1,
    );
  });

  test('whatever a configuration is, it does not differ from itself', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (config) => {
        const copy = structuredClone(config) as Record<string, never>;
        expect(configChanges(config as Record<string, never>, copy, stream)).toEqual([]);
      }),
    );
  });
});

test('ignoredKeys names what the server answered otherwise, and nothing that it added', () => {
  const wanted = { max_age: 5, weird: 1, description: 'x' };
  const answer = { max_age: 5, description: 'x', duplicate_window: 5, compression: 's2' };
  expect(ignoredKeys(answer, wanted, STREAM_DEFAULTS)).toEqual(['weird']);
});
