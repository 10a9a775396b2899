import { describe, expect, test } from 'vitest';

import type { StreamInfo } from '../../../../src/streams/model/stream-info.js';
import {
  checkExactSequences,
  countable,
  parseSequence,
  sequenceOf,
} from '../../../../src/streams/model/sequence.js';

const LARGEST = Number.MAX_SAFE_INTEGER;

describe('a sequence on a command line', () => {
  test.each([
    ['1', 1],
    ['42', 42],
    ['0042', 42],
    [`${LARGEST}`, LARGEST],
  ])('%s', (text, seq) => {
    expect(parseSequence(text)).toBe(seq);
  });

  test.each([
    '',
    '+5',
    '-5',
    '1e3',
    '0x10',
    '1.5',
    '5 ',
    '0',
    'last',
    '9007199254740993',
    '9'.repeat(30),
  ])('%j is refused', (text) => {
    expect(() => parseSequence(text)).toThrow(expect.objectContaining({ kind: 'usage' }) as Error);
  });

  test('says that a large one cannot be counted', () => {
    expect(() => parseSequence('9007199254740993')).toThrow(
      'the sequence 9007199254740993 is too large: natsx counts exactly up to 9007199254740991',
    );
  });
});

test('large ones keep their digits', () => {
  expect(sequenceOf('9007199254740991')).toBe(9_007_199_254_740_991);
  expect(sequenceOf('9007199254740992')).toBe(9_007_199_254_740_992n);
  expect(sequenceOf('18446744073709551615')).toBe(18_446_744_073_709_551_615n);
  expect(countable(7)).toBe(7);
  expect(() => countable(9_007_199_254_740_993n)).toThrow('too large');
});

test.each([
  [5, true],
  [LARGEST - 1, true],
  [LARGEST, false],
  [LARGEST + 1, false],
  [9_007_199_254_740_993n, false],
])('a stream at %s: %s', (lastSeq, exact) => {
  const info = { config: { name: 'B' }, state: { last_seq: lastSeq } } as unknown as StreamInfo;
  const check = (): void => checkExactSequences(info);
  if (exact) check();
  else expect(check).toThrow('the stream "B" cannot be used here');
});
