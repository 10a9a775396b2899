import { execFileSync } from 'node:child_process';

import { describe, expect, test } from 'vitest';

import { configFromFlags, flagsFor } from '../../../../src/streams/model/config-flags.js';

import { STREAM_FLAGS, streamEditCommand } from '../../../../src/streams/model/stream-config.js';

describe('configFromFlags', () => {
  test('writes flags as the wire has them', () => {
    const flags = {
      subjects: ['orders.>'],
      'max-age': 3_600_000,
      'max-bytes': 1_024,
      'max-msgs': -1,
      replicas: 3,
      'allow-direct': false,
      metadata: ['team=billing', 'note=a=b', 'gone='],
      server: ['nats://x'],
    };
    expect(configFromFlags(STREAM_FLAGS, flags)).toEqual({
      subjects: ['orders.>'],
      max_age: 3_600_000_000_000,
      max_bytes: 1_024,
      max_msgs: -1,
      num_replicas: 3,
      allow_direct: false,
      metadata: { team: 'billing', note: 'a=b', gone: '' },
    });
  });

  test('several durations', () => {
    const table = [{ flag: 'backoff', key: 'backoff', kind: 'durations' }] as const;
    expect(configFromFlags(table, { backoff: [0.0005, 1_000] })).toEqual({
      backoff: [500, 1_000_000_000],
    });
  });

  test('refuses metadata that is no pair', () => {
    expect(() => configFromFlags(STREAM_FLAGS, { metadata: ['team'] })).toThrow(
      /is not name=value/,
    );
  });
});

describe('flagsFor', () => {
  const change = (key: string, after: never) => ({ key, before: undefined, after });

  test('gives the words of a command line', () => {
    const words = flagsFor(STREAM_FLAGS, [
      change('max_age', 5_400_000_000_000 as never),
      change('max_bytes', 16_384 as never),
      change('max_msgs', -1 as never),
      change('allow_direct', undefined as never),
      change('metadata.team', 'a' as never),
    ]);
    expect(words?.join(' ')).toBe(
      '--max-age 1h30m --max-bytes 16K --max-msgs unlimited --no-allow-direct --metadata team=a',
    );
  });

  test('a shell reads them back as they are', () => {
    const text = 'it\'s $HOME `x` "y" \\ >';
    const command = streamEditCommand('A', [
      change('description', text as never),
      change('subjects', ['a.>', 'b.*'] as never),
    ]);
    const shown = execFileSync('sh', ['-c', command.replace('natsx', String.raw`printf '%s\n'`)]);
    expect(shown.toString().split('\n').slice(0, -1)).toEqual([
      'stream',
      'edit',
      'A',
      '--description',
      text,
      '--subjects',
      'a.>,b.*',
    ]);
  });

  test('a key without a flag needs a file', () => {
    expect(flagsFor(STREAM_FLAGS, [change('republish', {} as never)])).toBeUndefined();
    expect(streamEditCommand('A', [change('republish', {} as never)])).toBe(
      'natsx stream edit A --config FILE',
    );
  });
});
