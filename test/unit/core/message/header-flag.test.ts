import { expect, it } from 'vitest';
import { parseHeaderFlag, parseHeaderFlags } from '../../../../src/core/message/header-flag.js';
import { complaint } from '../../../support/complaint.js';

it.each([
  ['Name: value', 'Name', 'value'],
  ['Name:value', 'Name', 'value'],
  ['Name:', 'Name', ''],
  ['A: b: c', 'A', 'b: c'],
  ['URL:http://x', 'URL', 'http://x'],
  ['Nats-Msg-Id:  7 ', 'Nats-Msg-Id', '7'],
])('%j', (text, name, value) => {
  expect(parseHeaderFlag(text)).toEqual([name, value]);
});

it('collects several values of one name in order', () => {
  expect(parseHeaderFlags(['A: 1', 'B: 2', 'A: 3', 'a: 4'])).toEqual(
    new Map([
      ['A', ['1', '3']],
      ['B', ['2']],
      ['a', ['4']],
    ]),
  );
});

it('says what is wrong', () => {
  const bad = ['', 'x', ':v', ' : v', 'a b: c', 'A : b', 'ü: 1', 'A: b\r\nC: d', 'A\n: b', 'A: \n'];
  expect(bad.map((text) => complaint(() => parseHeaderFlag(text)))).toMatchInlineSnapshot(`
    [
      "usage: invalid header "": it has no colon | write it as 'Name: value'",
      "usage: invalid header "x": it has no colon | write it as 'Name: value'",
      "usage: a header has an empty name | write it as 'Name: value'",
      "usage: a header has an empty name | write it as 'Name: value'",
      "usage: invalid header name "a b": only visible ASCII characters without a colon are allowed",
      "usage: invalid header name "A ": only visible ASCII characters without a colon are allowed",
      "usage: invalid header name "ü": only visible ASCII characters without a colon are allowed",
      "usage: the value of the header A has a line break | header values are one line; put longer text into the body",
      "usage: invalid header name "A\\n": only visible ASCII characters without a colon are allowed",
      "usage: the value of the header A has a line break | header values are one line; put longer text into the body",
    ]
  `);
});
