import { describe, expect, it } from 'vitest';

import { decodeMessageLine } from '../../../../src/core/message/message-line.js';
import {
  idByTemplate,
  idFrom,
  withMessageId,
  type IdEnvironment,
} from '../../../../src/core/message/message-id.js';
import type { OutgoingMessage } from '../../../../src/core/message/message.js';
import { usageError } from '../../../../src/core/errors.js';
import { encodeUnacknowledged } from '../../../../src/streams/model/unacknowledged-line.js';

const environment: IdEnvironment = {
  template: { epochNs: () => 5n, random: () => 0, newId: () => 'unique' },
  digest: (bytes) => Buffer.from(bytes).toString(),
};

const message = (payload: string, headers?: Record<string, string[]>): OutgoingMessage => ({
  subject: 'a',
  payload: Buffer.from(payload),
  ...(headers === undefined ? {} : { headers: new Map(Object.entries(headers)) }),
});

describe('ids by a template', () => {
  it('count, or are new each time', () => {
    const id = idByTemplate('run-{{Count}}-{{ID}}', environment, true);
    expect(id(message('x'), 7)).toBe('run-7-unique');
  });

  it('may be the same for a single message only', () => {
    expect(idByTemplate('same', environment, false)(message('x'), 1)).toBe('same');
    expect(() => idByTemplate('same', environment, true)).toThrow(/would keep only the first/);
    expect(() => idByTemplate('', environment, false)).toThrow(/empty/);
  });
});

describe('ids out of messages', () => {
  it('tell messages apart by subject, headers and payload, but not by what is meant for the server', () => {
    const id = idFrom('hash', environment);
    const plain = id(message('x'), 1);
    expect(id(message('x'), 2)).toBe(plain);
    expect(id({ ...message('x'), subject: 'b' }, 1)).not.toBe(plain);
    expect(id(message('x', { A: ['1'] }), 1)).not.toBe(plain);
    expect(id(message('y'), 1)).not.toBe(plain);
    expect(id(message('x', { 'Nats-Msg-Id': ['old'] }), 1)).toBe(plain);
  });

  it.each([
    ['json:.id', '{"id":"seven"}', 'seven'],
    ['json:.id', '{"id":7}', '7'],
    ['json:.id', '{"id":12345678901234567891}', '12345678901234567891'],
    ['json:.order.items[1].id', '{"order":{"items":[{},{"id":3}]}}', '3'],
  ])('%s of %s', (source, payload, expected) => {
    expect(idFrom(source, environment)(message(payload), 1)).toBe(expected);
  });

  it.each(['no json', '{"other":1}', '{"id":null}', '{"id":{}}', '{"id":true}'])(
    'is missing in %s',
    (payload) => {
      expect(() => idFrom('json:.id', environment)(message(payload), 1)).toThrow(/message id/);
    },
  );

  it('come from a header', () => {
    const id = idFrom('header:Order-Id', environment);
    expect(id(message('x', { 'Order-Id': ['7', '8'] }), 1)).toBe('7');
    expect(() => id(message('x'), 1)).toThrow(/no header "Order-Id"/);
  });

  it.each(['', 'json', 'json:', 'header:', 'hashes', 'json:id'])('%j is no source', (source) => {
    expect(() => idFrom(source, environment)).toThrow();
  });
});

it('a message gets its id beside its other headers', () => {
  const given = message('x', { A: ['1'], 'Nats-Msg-Id': ['old'] });
  expect(new Map(withMessageId(given, 'new').headers)).toEqual(
    new Map([
      ['A', ['1']],
      ['Nats-Msg-Id', ['new']],
    ]),
  );
  expect(() => withMessageId(given, ' ')).toThrow(/empty/);
  expect(() => withMessageId(given, 'a\nb')).toThrow(/line break/);
});

it.each(['text', '{"n":1}', '7', '', 'a"b\\\n', '\u{1F600}'])(
  'a message that was not acknowledged is read back from its line: %j',
  (payload) => {
    const given = withMessageId(message(payload, { A: ['1', '2'] }), 'id-1');
    const line = encodeUnacknowledged(given, { type: 'in-doubt', error: usageError('why "so"') });
    const back = decodeMessageLine(line);
    expect(back).toMatchObject({ subject: 'a', headers: new Map(given.headers) });
    expect(Buffer.from(back.payload)).toEqual(given.payload);
    expect(JSON.parse(line)).toMatchObject({ fate: 'in-doubt', error: 'why "so"' });
  },
);
