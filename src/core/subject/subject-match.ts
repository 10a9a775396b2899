import { hasWildcard, subjectTokens } from './subject.js';

/** Whether a subject belongs to what was compiled. */
export type SubjectMatcher = (subject: string) => boolean;

/** A quick test for one (valid) pattern, for use on each message. */
export function compileSubjectMatcher(pattern: string): SubjectMatcher {
  if (!hasWildcard(pattern)) return (subject) => subject === pattern;
  const source = subjectTokens(pattern).map(tokenSource).join('\\.');
  const expression = new RegExp(`^${source}$`, 'su');
  return (subject) => expression.test(subject);
}

/** A quick test for several (valid) patterns: true when one of them matches; never for none. */
export function compileAnySubjectMatcher(patterns: readonly string[]): SubjectMatcher {
  const matchers = patterns.map(compileSubjectMatcher);
  return (subject) => matchers.some((matches) => matches(subject));
}

/** Whether `pattern` matches `subject`; both valid. */
export function matchesSubject(pattern: string, subject: string): boolean {
  return compileSubjectMatcher(pattern)(subject);
}

/** Whether some subject matches both patterns. */
export function patternsOverlap(first: string, second: string): boolean {
  const left = subjectTokens(first);
  const right = subjectTokens(second);
  for (let index = 0; index < left.length && index < right.length; index += 1) {
    const a = left[index];
    const b = right[index];
    if (a === '>' || b === '>') return true;
    if (a !== '*' && b !== '*' && a !== b) return false;
  }
  return left.length === right.length;
}

/** Whether every subject that `narrow` matches is matched by `wide` as well. */
export function patternCovers(wide: string, narrow: string): boolean {
  const outer = subjectTokens(wide);
  const inner = subjectTokens(narrow);
  for (let index = 0; index < outer.length && index < inner.length; index += 1) {
    const a = outer[index];
    const b = inner[index];
    if (a === '>') return true;
    if (b === '>' || (a !== '*' && a !== b)) return false;
  }
  return outer.length === inner.length;
}

/** The pattern of all subjects that both match; undefined when there is none. */
export function patternIntersection(first: string, second: string): string | undefined {
  if (!patternsOverlap(first, second)) return undefined;
  const left = subjectTokens(first);
  const right = subjectTokens(second);
  const common: string[] = [];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const a = left[index] ?? '>';
    const b = right[index] ?? '>';
    if (a === '>') return [...common, ...right.slice(index)].join('.');
    if (b === '>') return [...common, ...left.slice(index)].join('.');
    common.push(a === '*' ? b : a);
  }
  return common.join('.');
}

/** A set of subjects as patterns whose counts are added, or taken away again where two of them hold the same. */
export interface CountedPattern {
  readonly pattern: string;
  readonly sign: 1 | -1;
}

/**
 * How to count each subject once that any of several patterns matches, with counts of single patterns.
 *
 * @returns undefined when that takes more than `most` counts
 */
export function countedOnce(
  patterns: readonly string[],
  most: number,
): readonly CountedPattern[] | undefined {
  const counted: CountedPattern[] = [];
  const add = (rest: readonly string[], sign: 1 | -1): boolean => {
    const [first, ...others] = widest(rest);
    if (first === undefined) return true;
    if (counted.push({ pattern: first, sign }) > most) return false;
    const shared = others.flatMap((other) => patternIntersection(first, other) ?? []);
    return add(shared, sign === 1 ? -1 : 1) && add(others, sign);
  };
  return add(patterns, 1) ? counted : undefined;
}

/** Without those that another one holds. */
function widest(patterns: readonly string[]): readonly string[] {
  return patterns.filter(
    (one, at) =>
      !patterns.some(
        (other, index) =>
          index !== at && patternCovers(other, one) && !(patternCovers(one, other) && index > at),
      ),
  );
}

function tokenSource(token: string): string {
  if (token === '*') return '[^.]+';
  if (token === '>') return '.+';
  return token.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
