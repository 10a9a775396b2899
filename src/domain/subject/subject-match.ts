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

function tokenSource(token: string): string {
  if (token === '*') return '[^.]+';
  if (token === '>') return '.+';
  return token.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
