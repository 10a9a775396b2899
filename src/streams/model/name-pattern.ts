import { usageError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';

/** A choice of streams or consumers by their names. */
export interface NamePattern {
  /** As it was typed. */
  readonly text: string;
  readonly matches: (name: string) => boolean;
}

/** Characters that no stream or consumer name may have, or hardly has: a pattern is meant. */
const LOOKS_LIKE_PATTERN = /[.*^|\\?[\]()]|\$$/;
/** Letters and stars alone: the wildcard of shells, which takes the whole name. */
const STARS = /^[\w-]*\*[\w*-]*$/;

export function looksLikePattern(text: string): boolean {
  return LOOKS_LIKE_PATTERN.test(text);
}

/** What people type for all of them. */
export function meansAll(text: string): boolean {
  return text === '*' || text === '>' || text === '.*';
}

/** A name is itself; with stars it is the whole name; anything else is a regular expression. @throws usage */
export function namePattern(text: string): NamePattern {
  if (!looksLikePattern(text)) return { text, matches: (name) => name === text };
  const expression = STARS.test(text)
    ? new RegExp(`^${text.replaceAll(/\*+/g, '.*')}$`)
    : regularExpression(text);
  return { text, matches: (name) => expression.test(name) };
}

/** The letters of a pattern, to compare them with names that exist. */
export function lettersOf(text: string): string {
  return text.replaceAll(/[^\w-]/g, '');
}

function regularExpression(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch {
    throw usageError(
      `${quoted(text)} is not a regular expression`,
      'write a name, a name with stars such as ORD*, or an expression such as ^ORDERS or .*-eu$',
    );
  }
}
