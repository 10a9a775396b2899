import { describe, expect, test } from 'vitest';

import { editLosses } from '../../../../src/streams/model/edit-losses.js';
import {
  checkConsumerNeeds,
  checkStreamNeeds,
  isAtLeast,
} from '../../../../src/core/server-needs.js';
import { editedStream, wantedStream } from '../../../../src/streams/model/stream-config.js';
import type { StreamInfo } from '../../../../src/streams/model/stream-info.js';
import { checkStreamConfig, checkStreamEdit } from '../../../../src/streams/model/stream-rules.js';

describe('wantedStream', () => {
  test('flags override the file, the file overrides the defaults', () => {
    const file = { name: 'A', subjects: ['a'], storage: 'memory', max_age: 1, future: [1] };
    expect(wantedStream('A', { max_age: 2 }, file)).toMatchObject({
      name: 'A',
      subjects: ['a'],
      storage: 'memory',
      retention: 'limits',
      max_age: 2,
      future: [1],
    });
  });

  test('takes what stream info prints', () => {
    expect(wantedStream('A', {}, { config: { subjects: ['a'] }, state: {} })).toMatchObject({
      subjects: ['a'],
    });
  });

  test('has the given name, whatever the file says', () => {
    expect(wantedStream('A', {}, { name: 'B', subjects: ['a'] })).toMatchObject({ name: 'A' });
  });

  test('refuses metadata of another shape', () => {
    expect(() => wantedStream('A', {}, { metadata: { a: 1 } })).toThrow(/not an object of strings/);
  });
});

describe('editedStream', () => {
  const present = {
    name: 'A',
    subjects: ['a'],
    max_age: 5,
    future: 1,
    metadata: { a: '1', b: '2' },
  };

  test('changes what was named and leaves the rest', () => {
    expect(editedStream(present, { max_age: 6 })).toEqual({ ...present, max_age: 6 });
  });

  test('merges metadata; an empty value removes', () => {
    const edited = editedStream(present, { metadata: { a: '', c: '3' } });
    expect(edited.metadata).toEqual({ b: '2', c: '3' });
  });
});

describe('checkStreamConfig', () => {
  const base = { name: 'A', subjects: ['a'] };
  test.each([
    [{ name: 'A' }, /has no subjects/],
    [{ name: 'A', subjects: ['a.>', 'a.b'] }, /overlap/],
    [{ name: 'A', subjects: ['a', 'a'] }, /overlap/],
    [{ name: 'A', subjects: ['a..b'] }, /two dots/],
    [{ name: 'A', subjects: ['a'], mirror: { name: 'B' } }, /is a mirror/],
    [{ ...base, num_replicas: 6 }, /replicas 6/],
    [{ ...base, max_age: 60e9, duplicate_window: 120e9 }, /duplicate window \(2m\).*\(1m\)/],
    [{ ...base, discard_new_per_subject: true, discard: 'old' }, /discard new/],
  ])('refuses %j', (config, message) => {
    expect(() => checkStreamConfig(config)).toThrow(message);
  });

  test.each([
    [base],
    [{ name: 'A', mirror: { name: 'B' } }],
    [{ name: 'A', sources: [{ name: 'B' }] }],
    [{ ...base, discard_new_per_subject: true, discard: 'new', max_msgs_per_subject: 1 }],
  ])('accepts %j', (config) => {
    expect(() => checkStreamConfig(config)).not.toThrow();
  });
});

describe('checkStreamEdit', () => {
  test.each([
    ['storage', 'file', 'memory', /fixed when a stream is created/],
    ['retention', 'limits', 'workqueue', /work queue/],
    ['retention', 'workqueue', 'limits', /work queue/],
    ['mirror', undefined, { name: 'B' }, /cannot be changed|not set or replaced/],
    ['sealed', true, false, /stays sealed/],
    ['deny_delete', true, false, /turned off/],
    ['allow_msg_ttl', true, undefined, /turned off/],
  ])('refuses %s from %j to %j', (key, before, after, message) => {
    expect(() => checkStreamEdit('A', [{ key, before, after }])).toThrow(message);
  });

  test.each([
    ['retention', 'limits', 'interest'],
    ['mirror', { name: 'B' }, undefined],
    ['deny_delete', false, true],
    ['max_age', 1, 2],
  ])('lets %s go from %j to %j', (key, before, after) => {
    expect(() => checkStreamEdit('A', [{ key, before, after }])).not.toThrow();
  });
});

describe('server needs', () => {
  test.each([
    ['2.9.10', '2.10', false],
    ['2.10.0', '2.10', true],
    ['2.12.0-RC.1', '2.12', true],
    ['2.8.4', '2.8.3', true],
    ['3.0.0', '2.15', true],
    ['dev', '2.15', true],
  ])('%s is at least %s: %s', (version, wanted, answer) => {
    expect(isAtLeast(version, wanted)).toBe(answer);
  });

  test('an old server is named with what it lacks', () => {
    expect(() => checkStreamNeeds({ compression: 's2' }, '2.9.10')).toThrow(
      'the server is too old for compression: it is 2.9.10, compression needs 2.10',
    );
    expect(() => checkConsumerNeeds({ filter_subjects: ['a', 'b'] }, '2.9.10')).toThrow(/2\.10/);
  });

  test('what says nothing needs nothing', () => {
    const config = { compression: 'none', metadata: {}, allow_msg_ttl: false };
    expect(() => checkStreamNeeds(config, '2.9.10')).not.toThrow();
  });

  test('what a newer server wrote down of itself is no wish of those who copy it', () => {
    const note = { '_nats.ver': '2.15.3', '_nats.level': '5' };
    expect(() => checkStreamNeeds({ metadata: note }, '2.9.10')).not.toThrow();
    expect(() => checkConsumerNeeds({ metadata: note }, '2.9.10')).not.toThrow();
    expect(() => checkStreamNeeds({ metadata: { ...note, team: 'a' } }, '2.9.10')).toThrow(/2\.10/);
  });
});

describe('editLosses', () => {
  const nowMs = Date.parse('2026-01-02T00:00:00Z');
  const state = { messages: 10, bytes: 2048, first_ts: '2026-01-01T00:00:00Z' };
  const info = (config: object) => ({ config: { name: 'A', ...config }, state }) as StreamInfo;

  test.each([
    [{ max_msgs: -1 }, { max_msgs: 4 }, ['the oldest 6 of 10 messages go']],
    [{ max_msgs: 4 }, { max_msgs: 5 }, []],
    [{}, { max_msgs: 4, discard: 'new' }, []],
    [{}, { max_bytes: 1024 }, ['the oldest messages go, 1 KiB of 2 KiB']],
    [{}, { max_msgs_per_subject: 1 }, ['of each subject only the newest message stays']],
    [{}, { max_age: 3_600e9 }, ['messages older than 1h go; the oldest is 1d old']],
    [{ max_age: 60e9 }, { max_age: 3_600e9 }, []],
    [{}, { max_age: 2 * 86_400e9 }, []],
  ])('%j to %j', (before, after, losses) => {
    const facts = { info: info(before), nowMs, serverVersion: '2.15.3' };
    const found = editLosses(facts, { name: 'A', ...before, ...after });
    expect(found.map(({ text }) => text)).toEqual(losses);
  });

  test('an empty stream loses nothing', () => {
    const empty = { ...info({}), state: { ...state, messages: 0 } } as StreamInfo;
    const facts = { info: empty, nowMs, serverVersion: '2.15.3' };
    expect(editLosses(facts, { name: 'A', max_msgs: 1 })).toEqual([]);
  });
});
