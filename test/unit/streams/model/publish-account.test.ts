import { describe, expect, it } from 'vitest';

import { NatsxError } from '../../../../src/core/errors.js';
import { acknowledgedFailure } from '../../../../src/streams/model/acknowledged-result.js';
import { PublishAccount } from '../../../../src/streams/model/publish-account.js';
import { isTransient, type PublishFate } from '../../../../src/streams/model/publish-fate.js';
import {
  checkTimeToLive,
  expectationHeaders,
  parseTimeToLive,
} from '../../../../src/core/message/publish-headers.js';
import {
  ackLine,
  acknowledgedJson,
  acknowledgedSummary,
  unacknowledgedLines,
} from '../../../../src/streams/view/acknowledged-text.js';

const message = { subject: 'a', payload: Buffer.from('xy') };
const refused = { type: 'refused', error: new NatsxError('rejected', 'full') } as const;
const doubtful = { type: 'in-doubt', error: new NatsxError('connection', 'lost') } as const;
const stored = (seq: number, duplicate = false, stream = 'S'): PublishFate => ({
  type: 'stored',
  ack: { stream, seq, duplicate },
});

function resultOf(fates: readonly PublishFate[], failure?: NatsxError) {
  const account = new PublishAccount();
  fates.forEach((fate, index) => account.add(index, message, fate));
  const { totals, range, unacknowledged } = account;
  return { ...totals, range, unacknowledged, durationMs: 1.2345, failure };
}

describe('the account of what was acknowledged', () => {
  it('counts each fate, and rows of messages with the same one', () => {
    const result = resultOf([stored(7), stored(3, true), refused, refused, doubtful, refused]);
    expect(result).toMatchObject({ stored: 2, duplicates: 1, refused: 3, inDoubt: 1, unsent: 0 });
    expect(result.range).toEqual({ stream: 'S', first: 7, last: 7 });
    expect(acknowledgedSummary(result)).toBe('stored 1 new message in S at 7; 1 was already there');
    expect(unacknowledgedLines(result)).toEqual([
      'messages 3 to 4 were refused: full',
      'message 5 ("a") may be stored: lost',
      'message 6 ("a") was refused: full',
    ]);
  });

  it('lists ten rows, and how many messages there are besides', () => {
    const fates = Array.from({ length: 30 }, (_, at) => (at % 2 === 0 ? refused : doubtful));
    expect(unacknowledgedLines(resultOf(fates)).slice(9)).toEqual([
      'message 10 ("a") may be stored: lost',
      '… and 20 more',
    ]);
  });

  it('says plainly that nothing is new', () => {
    expect(acknowledgedSummary(resultOf([stored(3, true)]))).toBe(
      'stored nothing new: the message was already there, in S at 3',
    );
    expect(acknowledgedSummary(resultOf([stored(3, true), stored(5, true)]))).toBe(
      'stored nothing new: all 2 messages were already there, in S, 3 to 5',
    );
  });

  it('does not take what it has sent twice itself for something from before', () => {
    const ack = { stream: 'S', seq: 4, duplicate: true };
    const result = resultOf([stored(3), { type: 'stored', ack, resent: true }]);
    expect(result).toMatchObject({ stored: 2, duplicates: 0, recognized: 1 });
    expect(acknowledgedSummary(result)).toBe(
      'stored 2 messages in S, 3 to 4, 4 B; 1 was sent again and detected as a duplicate',
    );
  });

  it('shows the domain and the counter', () => {
    const ack = { stream: 'S', domain: 'hub', seq: 4, duplicate: false, val: '12' };
    const result = resultOf([{ type: 'stored', ack }]);
    expect(acknowledgedSummary(result)).toBe(
      'stored 1 message in S (domain hub) at 4, 2 B; the counter is at 12',
    );
    expect(acknowledgedJson(result)).toMatchObject({ domain: 'hub', val: '12', first_seq: 4 });
    expect(ackLine(0, message, { type: 'stored', ack })).toBe(
      '{"message":1,"subject":"a","stream":"S","domain":"hub","seq":4,"duplicate":false,"val":"12"}',
    );
  });

  it('names no place for messages that went to several streams', () => {
    const result = resultOf([stored(1), stored(1, false, 'T')]);
    expect(acknowledgedSummary(result)).toBe('stored 2 messages, 4 B');
    expect(acknowledgedJson(result)).not.toHaveProperty('stream');
  });
});

describe('the failure at the end', () => {
  it('is none when everything is stored', () => {
    expect(acknowledgedFailure(resultOf([stored(1)]))).toBeUndefined();
  });

  it('is that of the first message without an acknowledgement, when nothing ended it early', () => {
    const failure = acknowledgedFailure(resultOf([stored(1), doubtful, doubtful]));
    expect(failure).toMatchObject({
      kind: 'connection',
      message: 'lost; 1 message is stored, 2 are not acknowledged, of which 2 may be stored',
      details: { stored: 1, duplicates: 0, recognized: 0, refused: 0, in_doubt: 2, unsent: 0 },
    });
  });

  it('says nothing more about a single message', () => {
    expect(acknowledgedFailure(resultOf([refused]))?.message).toBe('full');
  });
});

it('an acknowledgement as a line', () => {
  const withId = { ...message, headers: new Map([['Nats-Msg-Id', ['i"1']]]) };
  expect(ackLine(0, withId, stored(7, true))).toBe(
    '{"message":1,"subject":"a","msg_id":"i\\"1","stream":"S","seq":7,"duplicate":true}',
  );
  expect(ackLine(1, message, refused)).toBe(
    '{"message":2,"subject":"a","fate":"refused","error":"full"}',
  );
});

describe('what the stream is to check', () => {
  it('is told in headers', () => {
    const expected = {
      stream: 'S',
      lastSequence: '0',
      lastSubjectSequence: '18446744073709551615',
    };
    expect([...expectationHeaders({ ...expected, lastMessageId: 'i', ttl: '5s' })]).toEqual([
      ['Nats-Expected-Stream', ['S']],
      ['Nats-Expected-Last-Sequence', ['0']],
      ['Nats-Expected-Last-Subject-Sequence', ['18446744073709551615']],
      ['Nats-Expected-Last-Msg-Id', ['i']],
      ['Nats-TTL', ['5s']],
    ]);
  });

  it.each([
    ['never', 'never'],
    ['1s', '1s'],
    ['1.9s', '1s'],
    ['1h30m', '5400s'],
    ['7d', '604800s'],
  ])('a time to live of %s is %s', (text, header) => {
    expect(parseTimeToLive(text)).toBe(header);
  });

  it.each(['999ms', '0', '5', 'soon'])('%s is no time to live', (text) => {
    expect(() => parseTimeToLive(text)).toThrow();
  });

  it('needs a server that knows it', () => {
    expect(() => checkTimeToLive('5s', '2.10.29')).toThrow(/it is 2\.10\.29, .* needs 2\.11/);
    expect(() => checkTimeToLive('5s', '2.11.0')).not.toThrow();
    expect(() => checkTimeToLive(undefined, '2.9.10')).not.toThrow();
  });
});

it.each([
  [10008, false, true],
  [10167, false, true],
  [10158, false, false],
  [10158, true, true],
  [10077, true, false],
  [undefined, true, false],
])('an answer of %s (with an id: %s) may be tried again: %s', (code, hasId, expected) => {
  expect(isTransient(code, hasId)).toBe(expected);
});
