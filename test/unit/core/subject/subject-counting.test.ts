import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  compileAnySubjectMatcher,
  countedOnce,
  matchesSubject,
  patternIntersection,
} from '../../../../src/core/subject/subject-match.js';

const subject = fc
  .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 })
  .map((tokens) => tokens.join('.'));
const pattern = fc
  .tuple(fc.array(fc.constantFrom('a', 'b', '*'), { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([tokens, tail]) => (tail ? [...tokens, '>'] : tokens).join('.'));

describe('what several patterns match', () => {
  test('the intersection matches what both match', () => {
    fc.assert(
      fc.property(pattern, pattern, subject, (first, second, one) => {
        const common = patternIntersection(first, second);
        const both = matchesSubject(first, one) && matchesSubject(second, one);
        expect(common !== undefined && matchesSubject(common, one)).toBe(both);
      }),
    );
  });

  test('each subject is counted once', () => {
    fc.assert(
      fc.property(fc.array(pattern, { minLength: 1, maxLength: 5 }), subject, (patterns, one) => {
        const counted = countedOnce(patterns, 200);
        const sum = counted?.reduce(
          (total, { pattern: each, sign }) => total + (matchesSubject(each, one) ? sign : 0),
          0,
        );
        expect(sum).toBe(compileAnySubjectMatcher(patterns)(one) ? 1 : 0);
      }),
    );
  });

  test('too many counts are none', () => {
    expect(countedOnce(['a.*', '*.b'], 3)).toEqual([
      { pattern: 'a.*', sign: 1 },
      { pattern: 'a.b', sign: -1 },
      { pattern: '*.b', sign: 1 },
    ]);
    expect(countedOnce(['a.*', '*.b'], 2)).toBeUndefined();
  });
});
