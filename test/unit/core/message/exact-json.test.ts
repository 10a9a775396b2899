import fc from 'fast-check';
import { expect, test } from 'vitest';

import { parseExactJson, stringifyExactJson } from '../../../../src/core/message/exact-json.js';

test('large whole numbers keep their digits', () => {
  const text = '{"a":9223372036854775807,"b":[-9007199254740993],"c":"9223372036854775807"}';
  const value = parseExactJson(text);
  expect(value).toEqual({
    a: 9223372036854775807n,
    b: [-9007199254740993n],
    c: '9223372036854775807',
  });
  expect(stringifyExactJson(value)).toBe(text);
});

test('a number that JavaScript holds exactly stays a plain number', () => {
  expect(parseExactJson('{"max_age":31536000000000000}')).toEqual({ max_age: 31536000000000000 });
});

test('a number that JavaScript holds but prints otherwise keeps its digits', () => {
  const text = '{"seq":1152921504606846976}';
  expect(parseExactJson(text)).toEqual({ seq: 1152921504606846976n });
  expect(stringifyExactJson(parseExactJson(text))).toBe(text);
});

test('there and back again nothing changes', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.maxSafeNat(), (value, seq) => {
      const text = JSON.stringify({
        value,
        seq,
        text: `1234567890123456 "${seq}" 99999999999999999`,
      });
      expect(stringifyExactJson(parseExactJson(text))).toBe(text);
    }),
  );
});
