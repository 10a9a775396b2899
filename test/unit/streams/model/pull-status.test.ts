import { describe, expect, it } from 'vitest';

import { pullStatus } from '../../../../src/streams/model/pull-status.js';

const status = (code: number, description: string, values: Readonly<Record<string, string>> = {}) =>
  pullStatus({ code, description, value: (name) => values[name] });

describe('what a server says about a pull request', () => {
  const left = { 'Nats-Pending-Messages': '7' };

  it.each([
    [100, 'Idle Heartbeat', {}, { type: 'heartbeat', lastConsumerSeq: undefined }],
    [
      100,
      'Idle Heartbeat',
      { 'Nats-Last-Consumer': '12' },
      { type: 'heartbeat', lastConsumerSeq: 12 },
    ],
    [404, 'No Messages', {}, { type: 'ended', undelivered: 0 }],
    [408, 'Request Timeout', left, { type: 'ended', undelivered: 7 }],
    [409, 'Batch Completed', left, { type: 'ended', undelivered: 7 }],
    [409, 'Message Size Exceeds MaxBytes', left, { type: 'too-large', undelivered: 7 }],
    [503, '', {}, { type: 'unheard' }],
    [
      409,
      'Leadership Change',
      left,
      { type: 'refused', reason: 'Leadership Change', undelivered: 7 },
    ],
    [
      409,
      'Exceeded MaxWaiting',
      {},
      { type: 'refused', reason: 'Exceeded MaxWaiting', undelivered: undefined },
    ],
    [423, '', {}, { type: 'refused', reason: 'status 423', undelivered: undefined }],
  ])('%i %s', (code, description, values, meaning) => {
    expect(status(code, description, values)).toEqual(meaning);
  });
});
