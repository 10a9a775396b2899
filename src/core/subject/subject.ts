import { type NatsxError, usageError } from '../errors.js';
import { quoted } from '../printable.js';

/** The tokens of a subject or pattern, separated by its dots. */
export function subjectTokens(subject: string): readonly string[] {
  return subject.split('.');
}

/** Whether a pattern has a token `*` or `>`, so that it can match more than one subject. */
export function hasWildcard(pattern: string): boolean {
  return /(^|\.)[*>](\.|$)/.test(pattern);
}

/**
 * Checks a subject to publish to: tokens without gaps, white space or control characters, and no wildcard.
 *
 * @returns the subject itself
 * @throws usage, naming the place
 */
export function parsePublishSubject(subject: string): string {
  // One regular expression decides for nearly all subjects; only a bad one is looked at closely.
  if (PLAIN_SUBJECT.test(subject)) return subject;
  checkTokens(subject, 'subject');
  const wildcard = subjectTokens(subject).findIndex((token) => token === '*' || token === '>');
  if (wildcard >= 0) {
    throw usageError(
      `invalid subject ${quoted(subject)}: token ${wildcard + 1} is a wildcard, and only subscriptions may have one`,
      'name the one subject that the message is for',
    );
  }
  return subject;
}

/**
 * Checks a subscription pattern: as a subject, and `*` is only allowed as a whole token, `>` only at the end.
 *
 * @returns the pattern itself
 * @throws usage, naming the place
 */
export function parseSubscriptionPattern(pattern: string): string {
  if (PLAIN_SUBJECT.test(pattern)) return pattern;
  checkTokens(pattern, 'subject pattern');
  const tokens = subjectTokens(pattern);
  for (const [index, token] of tokens.entries()) {
    if (token === '>' && index < tokens.length - 1) {
      throw patternError(
        pattern,
        index,
        '">" may only be the last token',
        withStarAt(tokens, index),
      );
    }
    if (token.length > 1 && /[*>]/.test(token)) {
      const sign = token.includes('*') ? '*' : '>';
      throw patternError(
        pattern,
        index,
        `"${sign}" must be a whole token, not a part of ${quoted(token)}`,
        withStarAt(tokens, index),
      );
    }
  }
  return pattern;
}

/** Whether {@link parsePublishSubject} takes it. */
export function isPublishSubject(subject: string): boolean {
  if (PLAIN_SUBJECT.test(subject)) return true;
  if (FORBIDDEN.test(subject) || hasWildcard(subject)) return false;
  return !subjectTokens(subject).includes('');
}

/** Whether a server hands on what is published to it; more than what a person may write. */
export function isDeliverable(subject: string): boolean {
  return !/[ \t\r\n]/.test(subject) && !subjectTokens(subject).includes('');
}

const PLAIN_SUBJECT = /^[\w-]+(?:\.[\w-]+)*$/;
// The protocol separates its fields by these; a lone surrogate would be sent as another character.
const FORBIDDEN = /[\u0000-\u0020\u007f]|\p{Surrogate}/u;

function checkTokens(subject: string, what: 'subject' | 'subject pattern'): void {
  if (subject === '') {
    throw usageError(`the ${what} is empty`, 'give a subject such as orders.new');
  }
  const forbidden = FORBIDDEN.exec(subject);
  if (forbidden !== null) {
    throw usageError(
      `invalid ${what} ${quoted(subject)}: ${nameOfCharacter(forbidden[0])} at position ${forbidden.index + 1}`,
      'subjects have no white space and no control characters',
    );
  }
  const tokens = subjectTokens(subject);
  const empty = tokens.indexOf('');
  if (empty >= 0) {
    const remaining = tokens.filter((token) => token !== '').join('.');
    throw usageError(
      `invalid ${what} ${quoted(subject)}: ${nameOfGap(empty, tokens.length)}`,
      remaining === '' ? 'give a subject such as orders.new' : `did you mean ${remaining}?`,
    );
  }
}

function nameOfGap(index: number, count: number): string {
  if (index === 0) return 'it starts with a dot';
  if (index === count - 1) return 'it ends with a dot';
  return `token ${index + 1} is empty (two dots in a row)`;
}

function nameOfCharacter(character: string): string {
  if (character === ' ') return 'a space';
  if (character === '\t') return 'a tab';
  if (character === '\n' || character === '\r') return 'a line break';
  return `the character ${quoted(character)}`;
}

function withStarAt(tokens: readonly string[], index: number): string {
  return tokens.map((token, at) => (at === index ? '*' : token)).join('.');
}

function patternError(pattern: string, index: number, fault: string, better: string): NatsxError {
  return usageError(
    `invalid subject pattern ${quoted(pattern)}: token ${index + 1}: ${fault}`,
    `for any one token in that place write ${better}`,
  );
}
