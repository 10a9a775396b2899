import { describe, expect, it } from 'vitest';

import { replayHeaders, headersWithId } from '../../../../src/recording/model/replay-headers.js';

const headers = new Map([
  ['Own', ['1', '2']],
  ['Nats-Msg-Id', ['a']],
  ['Nats-TTL', ['1h']],
  ['Nats-Expected-Stream', ['S']],
  ['nats-rollup', ['all']],
]);

describe('headers of a message that is published again', () => {
  it.each([
    ['safe', ['Own', 'Nats-Msg-Id', 'Nats-TTL']],
    ['keep', [...headers.keys()]],
    ['drop', ['Own']],
  ] as const)('%s keeps %j', (policy, names) => {
    expect([...(replayHeaders(headers, policy)?.keys() ?? [])]).toEqual(names);
  });

  it.each([
    'Nats-Stream-Source',
    'Nats-Expected-Last-Subject-Sequence',
    'Nats-Incr',
    'Nats-Counter-Sources',
    'Nats-Batch-Id',
    'Nats-Schedule',
    'Nats-Scheduler',
    'Nats-Schedule-Next',
    'Nats-Trace-Dest',
    'Nats-Required-Api-Level',
  ])('leave out %s, which belongs to the original alone', (name) => {
    expect(replayHeaders(new Map([[name, ['x']]]), 'safe')).toBeUndefined();
  });

  it.each(['Nats-Msg-Id', 'Nats-TTL', 'Nats-Marker-Reason', 'KV-Operation', 'Nats-Subject'])(
    'keep %s',
    (name) => {
      expect([...(replayHeaders(new Map([[name, ['x']]]), 'safe')?.keys() ?? [])]).toEqual([name]);
    },
  );

  it('are the same object when nothing is left out', () => {
    const plain = new Map([['Own', ['1']]]);
    expect(replayHeaders(plain, 'drop')).toBe(plain);
  });

  it('are gone when nothing is left', () => {
    expect(replayHeaders(new Map([['Nats-TTL', ['1s']]]), 'drop')).toBeUndefined();
  });

  it('get a message id unless they have one', () => {
    expect(headersWithId(undefined, 'x').get('Nats-Msg-Id')).toEqual(['x']);
    expect(headersWithId(headers, 'x')).toBe(headers);
  });
});
