import { expect, test } from 'vitest';

import { parseSubjectPrefix } from '../../../../src/core/subject/subject-prefix.js';

test.each([
  ['_INBOX', '_INBOX'],
  ['_INBOX.ann', '_INBOX.ann'],
  ['$JS.API.', '$JS.API'],
  ['ü', 'ü'],
])('%j', (text, prefix) => {
  expect(parseSubjectPrefix(text, 'inbox prefix')).toBe(prefix);
});

test.each(['', '.', 'a..', 'a..b', '.a', 'a b', 'a.*', '>', 'a\r\nPUB x 1\r\n'])(
  '%j begins no subject',
  (text) => {
    expect(() => parseSubjectPrefix(text, 'inbox prefix')).toThrow(/^invalid inbox prefix "/);
  },
);
