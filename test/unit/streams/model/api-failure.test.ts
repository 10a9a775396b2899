import { describe, expect, test } from 'vitest';

import { apiCodeOf, apiFailure, noJetStream } from '../../../../src/streams/model/api-failure.js';
import { jetStreamApiPrefix } from '../../../../src/connection/model/api-scope.js';
import { chooseMessage } from '../../../../src/streams/model/stored-message.js';

test.each([
  [10059, 'not-found'],
  [10014, 'not-found'],
  [10037, 'not-found'],
  [10039, 'not-found'],
  [10076, 'not-found'],
  [10008, 'connection'],
  [10009, 'connection'],
  [10058, 'rejected'],
  [10052, 'rejected'],
  [99999, 'rejected'],
])('%i means %s', (err_code, kind) => {
  const failure = apiFailure({ code: 400, err_code, description: 'why' }, 'doing it');
  expect(failure.kind).toBe(kind);
  expect(apiCodeOf(failure)).toBe(err_code);
});

test('a rejection has the description and the code', () => {
  const failure = apiFailure(
    { code: 500, err_code: 10052, description: 'bad idea' },
    'creating "A"',
  );
  expect(failure.message).toBe('creating "A": bad idea (10052)');
});

test('a foreign prefix is named when nobody answers there', () => {
  expect(noJetStream('$JS.API').message).toBe('JetStream is off for the server');
  expect(noJetStream('$JS.hub.API').message).toContain('"$JS.hub.API"');
});

test('the prefix: given, of the domain, or the usual one', () => {
  expect(jetStreamApiPrefix('from.there.', 'hub')).toBe('from.there');
  expect(jetStreamApiPrefix(undefined, 'hub')).toBe('$JS.hub.API');
  expect(jetStreamApiPrefix(undefined, undefined)).toBe('$JS.API');
  expect(() => jetStreamApiPrefix('a b', undefined)).toThrow(/prefix of the JetStream API "a b"/);
  expect(() => jetStreamApiPrefix(undefined, 'a\nb')).toThrow(/JetStream domain "a\\nb"/);
});

describe('chooseMessage', () => {
  const words = { seq: undefined, lastFor: undefined, next: undefined };
  test.each([
    [{ seq: 4 }, { by: 'seq', seq: 4 }],
    [{ lastFor: 'a.*' }, { by: 'last', subject: 'a.*' }],
    [{ next: 'a' }, { by: 'next', subject: 'a', seq: 1 }],
    [
      { next: 'a', seq: 9 },
      { by: 'next', subject: 'a', seq: 9 },
    ],
  ])('%j', (given, choice) => {
    expect(chooseMessage({ ...words, ...given })).toEqual(choice);
  });

  test.each([[{}], [{ seq: 1, lastFor: 'a' }], [{ lastFor: 'a..b' }]])('refuses %j', (given) => {
    expect(() => chooseMessage({ ...words, ...given })).toThrow();
  });
});
