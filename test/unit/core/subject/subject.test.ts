import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NatsxError } from '../../../../src/core/errors.js';
import {
  compileAnySubjectMatcher,
  matchesSubject,
  patternCovers,
  patternsOverlap,
} from '../../../../src/core/subject/subject-match.js';
import { explainPattern } from '../../../../src/core/subject/subject-words.js';
import {
  hasWildcard,
  parsePublishSubject,
  parseSubscriptionPattern,
} from '../../../../src/core/subject/subject.js';
import { complaint } from '../../../support/complaint.js';

describe('parsePublishSubject', () => {
  it.each(['a', 'orders.new', '_INBOX.x-1', '$SYS.REQ', 'ü.日本', 'a.b*c', 'a.>b'])(
    'takes %s',
    (subject) => {
      expect(parsePublishSubject(subject)).toBe(subject);
    },
  );

  it('says what is wrong and where', () => {
    const bad = [
      '',
      '.',
      'a..b',
      '.a',
      'a.',
      'a b',
      'a\tb',
      'a\nb',
      'a\u0000',
      'a.*',
      '>',
      'a.\ud800',
    ];
    expect(bad.map((subject) => complaint(() => parsePublishSubject(subject))))
      .toMatchInlineSnapshot(`
      [
        "usage: the subject is empty | give a subject such as orders.new",
        "usage: invalid subject ".": it starts with a dot | give a subject such as orders.new",
        "usage: invalid subject "a..b": token 2 is empty (two dots in a row) | did you mean a.b?",
        "usage: invalid subject ".a": it starts with a dot | did you mean a?",
        "usage: invalid subject "a.": it ends with a dot | did you mean a?",
        "usage: invalid subject "a b": a space at position 2 | subjects have no white space and no control characters",
        "usage: invalid subject "a\\tb": a tab at position 2 | subjects have no white space and no control characters",
        "usage: invalid subject "a\\nb": a line break at position 2 | subjects have no white space and no control characters",
        "usage: invalid subject "a\\x00": the character "\\x00" at position 2 | subjects have no white space and no control characters",
        "usage: invalid subject "a.*": token 2 is a wildcard, and only subscriptions may have one | name the one subject that the message is for",
        "usage: invalid subject ">": token 1 is a wildcard, and only subscriptions may have one | name the one subject that the message is for",
        "usage: invalid subject "a.\\ud800": the character "\\ud800" at position 3 | subjects have no white space and no control characters",
      ]
    `);
  });
});

describe('parseSubscriptionPattern', () => {
  it.each(['a', '*', '>', 'a.*', 'a.*.b', 'a.>', '*.*.>'])('takes %s', (pattern) => {
    expect(parseSubscriptionPattern(pattern)).toBe(pattern);
  });

  it('says what is wrong and where', () => {
    const bad = ['', 'a..>', 'a.>.b', 'a.b*', 'or>', 'a *', 'a.'];
    expect(bad.map((pattern) => complaint(() => parseSubscriptionPattern(pattern))))
      .toMatchInlineSnapshot(`
        [
          "usage: the subject pattern is empty | give a subject such as orders.new",
          "usage: invalid subject pattern "a..>": token 2 is empty (two dots in a row) | did you mean a.>?",
          "usage: invalid subject pattern "a.>.b": token 2: ">" may only be the last token | for any one token in that place write a.*.b",
          "usage: invalid subject pattern "a.b*": token 2: "*" must be a whole token, not a part of "b*" | for any one token in that place write a.*",
          "usage: invalid subject pattern "or>": token 1: ">" must be a whole token, not a part of "or>" | for any one token in that place write *",
          "usage: invalid subject pattern "a *": a space at position 2 | subjects have no white space and no control characters",
          "usage: invalid subject pattern "a.": it ends with a dot | did you mean a?",
        ]
      `);
  });

  it('never fails otherwise than by a usage error', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        try {
          parseSubscriptionPattern(text);
        } catch (error) {
          expect((error as NatsxError).kind).toBe('usage');
        }
      }),
    );
  });
});

describe('matching', () => {
  it.each([
    ['a', 'a', true],
    ['a', 'a.b', false],
    ['a.*', 'a.b', true],
    ['a.*', 'a', false],
    ['a.*', 'a.b.c', false],
    ['*.b', 'a.b', true],
    ['a.>', 'a.b', true],
    ['a.>', 'a.b.c.d', true],
    ['a.>', 'a', false],
    ['a.>', 'ab.c', false],
    ['>', 'a.b', true],
    ['*.*', 'a.b', true],
    ['a.*.c.>', 'a.b.c.d', true],
    ['$JS.*', '$JS.x', true],
    ['a+.*', 'aa.x', false],
    ['日.*', '日.😀', true],
  ])('%s and %s: %s', (pattern, subject, expected) => {
    expect(matchesSubject(pattern, subject)).toBe(expected);
  });

  it('matches one of several, and none of none', () => {
    expect(compileAnySubjectMatcher(['a', 'b.>'])('b.c')).toBe(true);
    expect(compileAnySubjectMatcher(['a', 'b.>'])('c')).toBe(false);
    expect(compileAnySubjectMatcher([])('c')).toBe(false);
  });

  const token = fc.constantFrom('a', 'b');
  const subject = fc.array(token, { minLength: 1, maxLength: 4 }).map((tokens) => tokens.join('.'));
  const pattern = fc
    .tuple(fc.array(fc.constantFrom('a', 'b', '*'), { minLength: 1, maxLength: 3 }), fc.boolean())
    .map(([tokens, open]) => [...tokens, ...(open ? ['>'] : [])].join('.'));

  it('overlap and cover agree with matching', () => {
    fc.assert(
      fc.property(pattern, pattern, subject, (first, second, each) => {
        const inFirst = matchesSubject(first, each);
        const inSecond = matchesSubject(second, each);
        if (inFirst && inSecond) expect(patternsOverlap(first, second)).toBe(true);
        if (patternCovers(first, second) && inSecond) expect(inFirst).toBe(true);
        if (patternCovers(first, second)) expect(patternsOverlap(first, second)).toBe(true);
      }),
    );
  });

  it.each([
    ['a.*', '*.b', true],
    ['a.>', 'a', false],
    ['a.>', '*.b.c', true],
    ['a.b', 'a.c', false],
    ['>', 'x', true],
    ['a.*', 'a.*.*', false],
  ])('overlap of %s and %s: %s', (first, second, expected) => {
    expect(patternsOverlap(first, second)).toBe(expected);
    expect(patternsOverlap(second, first)).toBe(expected);
  });

  it.each([
    ['a.>', 'a.*', true],
    ['a.*', 'a.>', false],
    ['*', 'a', true],
    ['>', '>', true],
    ['a.*', 'a', false],
  ])('%s covers %s: %s', (wide, narrow, expected) => {
    expect(patternCovers(wide, narrow)).toBe(expected);
  });
});

it('knows wildcards from characters in a token', () => {
  expect(['a.*', '>', 'a.b*', 'a'].map(hasWildcard)).toEqual([true, true, false, false]);
});

it('explains patterns in words', () => {
  const patterns = ['a.b', '>', 'orders.>', 'orders.*', '*', '*.*', '*.eu.*', 'a.*.>', 'a.*.b.*.*'];
  expect(patterns.map(explainPattern)).toMatchInlineSnapshot(`
    [
      "a.b matches that one subject",
      "> matches every subject",
      "orders.> matches every subject with one or more tokens after orders",
      "orders.* matches every subject with exactly one token after orders",
      "* matches every subject of one token",
      "*.* matches every subject of exactly 2 tokens",
      "*.eu.* matches subjects of exactly 3 tokens with any token in places 1 and 3",
      "a.*.> matches subjects of 3 or more tokens with any token in place 2",
      "a.*.b.*.* matches subjects of exactly 5 tokens with any token in places 2, 4 and 5",
    ]
  `);
});
