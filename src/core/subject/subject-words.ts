import { hasWildcard, subjectTokens } from './subject.js';

/** One sentence (no full stop) that says which subjects a valid pattern matches. */
export function explainPattern(pattern: string): string {
  if (!hasWildcard(pattern)) return `${pattern} matches that one subject`;
  if (pattern === '>') return '> matches every subject';
  const tokens = subjectTokens(pattern);
  const stars = tokens.flatMap((token, index) => (token === '*' ? [index + 1] : []));
  const open = tokens.at(-1) === '>';
  const fixedPart = tokens.slice(0, -1).join('.');
  if (open && stars.length === 0) {
    return `${pattern} matches every subject with one or more tokens after ${fixedPart}`;
  }
  if (!open && stars.length === 1 && stars[0] === tokens.length && tokens.length > 1) {
    return `${pattern} matches every subject with exactly one token after ${fixedPart}`;
  }
  if (stars.length === tokens.length)
    return `${pattern} matches every subject of ${tokenCount(tokens.length)}`;
  const length = open ? `${tokens.length} or more tokens` : tokenCount(tokens.length);
  return `${pattern} matches subjects of ${length} with any token in ${places(stars)}`;
}

function tokenCount(count: number): string {
  return count === 1 ? 'one token' : `exactly ${count} tokens`;
}

function places(numbers: readonly number[]): string {
  const last = numbers.at(-1) ?? 0;
  if (numbers.length === 1) return `place ${last}`;
  return `places ${numbers.slice(0, -1).join(', ')} and ${last}`;
}
