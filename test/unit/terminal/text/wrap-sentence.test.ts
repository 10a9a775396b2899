import stringWidth from 'string-width';
import { expect, it } from 'vitest';

import { wrapSentence } from '../../../../src/terminal/text/wrap-sentence.js';

it('breaks at spaces, never within a command', () => {
  const text =
    'hint: see who holds it and why with natsx backlog ORDERS billing --window 30s, or stop it, ' +
    'whatever comes first on a day like this';
  expect(wrapSentence(text, 60).split('\n')).toEqual([
    'hint: see who holds it and why with',
    '  natsx backlog ORDERS billing --window 30s, or stop it,',
    '  whatever comes first on a day like this',
  ]);
});

it('leaves what fits, what cannot be broken, and terminals without a width', () => {
  expect(wrapSentence('a b\nc d', 3)).toBe('a b\nc d');
  expect(wrapSentence('a '.repeat(9).trim(), 0)).toBe('a a a a a a a a a');
  expect(wrapSentence('日本語日本語 日本語', 8)).toBe('日本語日本語\n  日本語');
  expect(stringWidth(wrapSentence('x'.repeat(9), 4))).toBe(9);
});
