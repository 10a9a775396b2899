import { describe, expect, test } from 'vitest';

import { configChanges } from '../../../../src/streams/model/config-changes.js';
import {
  CONSUMER_DEFAULTS,
  wantedConsumer,
} from '../../../../src/streams/model/consumer-config.js';
import { consumerEditCommand } from '../../../../src/streams/model/consumer-edit.js';
import {
  editedStream,
  streamEditCommand,
  wantedStream,
} from '../../../../src/streams/model/stream-config.js';

describe('a configuration that somebody wrote', () => {
  test.each([
    [{ subjets: ['a'] }, 'there is no setting "subjets"', 'did you mean subjects?'],
    [{ max_msgs: 'many' }, 'the setting "max_msgs" must be a number, not "many"', undefined],
    [{ max_age: '7d' }, 'the setting "max_age" must be a number, not "7d"', 'nanoseconds'],
    [{ subjects: 'a.>' }, 'the setting "subjects" must be a list of strings, not "a.>"', undefined],
    [{ allow_direct: 'yes' }, 'must be true or false, not "yes"', undefined],
    [{ sources: [1n] }, 'the setting "sources" must be a list of objects, not [1]', undefined],
    [{ placement: [] }, 'the setting "placement" must be an object, not []', undefined],
  ])('%o is refused in words', (file, message, hint) => {
    const said = expect.objectContaining({
      kind: 'usage',
      message: expect.stringContaining(message) as string,
      hint: hint === undefined ? undefined : (expect.stringContaining(hint) as string),
    }) as Error;
    expect(() => wantedStream('A', {}, file)).toThrow(said);
    expect(() => editedStream({ name: 'A' }, {}, file)).toThrow(said);
  });

  test.each([
    [{ ack_wait: 'x' }, 'the setting "ack_wait" must be a number, not "x"'],
    [{ backoff: ['1s'] }, 'the setting "backoff" must be a list of numbers, not ["1s"]'],
    [{ filter: 'a' }, 'there is no setting "filter"'],
  ])('of a consumer: %o', (file, message) => {
    expect(() => wantedConsumer('w', {}, file)).toThrow(message);
  });

  test('may have keys of a newer server, and null for nothing', () => {
    expect(wantedStream('A', {}, { quantum: 7, placement: null })).toMatchObject({ quantum: 7 });
  });

  test('is taken as it is when a server printed it', () => {
    const printed = { config: { subjects: ['a'], subjets: 1 } };
    expect(wantedStream('A', {}, printed)).toMatchObject({ subjets: 1 });
  });
});

describe('differences', () => {
  test('there is none between no time and the first one that Go knows', () => {
    const written = { pause_until: '0001-01-01T00:00:00Z' };
    expect(configChanges({}, written, { defaults: CONSUMER_DEFAULTS })).toEqual([]);
  });

  test('the command to take a setting back names what the server would put in', () => {
    const change = { key: 'ack_wait', before: 10e9, after: undefined };
    expect(consumerEditCommand({ stream: 'S', consumer: 'w' }, [change])).toBe(
      'natsx consumer edit S w --ack-wait 30s',
    );
    const filters = [
      { key: 'filter_subject', before: 'a', after: undefined },
      { key: 'filter_subjects', before: undefined, after: ['b', 'c'] },
    ];
    expect(consumerEditCommand({ stream: 'S', consumer: 'w' }, filters)).toBe(
      'natsx consumer edit S w --filter b,c',
    );
    const unknown = { key: 'sample_freq', before: undefined, after: '50' };
    expect(consumerEditCommand({ stream: 'S', consumer: 'w' }, [unknown])).toBe(
      'natsx consumer edit S w --config FILE',
    );
    const fixed = { key: 'ack_policy', before: 'explicit', after: 'all' };
    expect(consumerEditCommand({ stream: 'S', consumer: 'w' }, [fixed])).toBeUndefined();
    expect(
      streamEditCommand('S', [
        { key: 'duplicate_window', before: 5e9, after: undefined },
        { key: 'max_age', before: 5e9, after: undefined },
      ]),
    ).toBe('natsx stream edit S --duplicate-window 2m --max-age unlimited');
  });
});
