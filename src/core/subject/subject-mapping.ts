import { usageError } from '../errors.js';
import { quoted } from '../printable.js';
import { hasWildcard, parseSubscriptionPattern, subjectTokens } from './subject.js';
import { compileSubjectMatcher, matchesSubject, type SubjectMatcher } from './subject-match.js';

/** Gives the new subject of a message; the same one where nothing is to be changed. */
export type SubjectMapper = (subject: string) => string;

/** A mapping, and what it matches. */
export interface SubjectMapping {
  /** As it was given. */
  readonly text: string;
  readonly matches: SubjectMatcher;
}

/** What each of some (valid) mappings matches. */
export function mappingMatchers(mappings: readonly string[]): readonly SubjectMapping[] {
  return mappings.map((text) => ({ text, matches: compileOne(text).matches }));
}

/**
 * Compiles mappings such as `orders.>=copy.orders.>` or `*.new=new.*`: what the first `*` matched goes to the first `*`
 * of the other side, and so on. The first mapping that matches counts; what matches none stays as it is.
 *
 * @throws {NatsxError} usage
 */
export function compileSubjectMapping(mappings: readonly string[]): SubjectMapper {
  const compiled = mappings.map(compileOne);
  const known = new Map<string, string>();
  return (subject) => {
    let mapped = known.get(subject);
    if (mapped === undefined) {
      mapped = compiled.find(({ matches }) => matches(subject))?.map(subject) ?? subject;
      if (known.size > MOST_KNOWN) known.clear();
      known.set(subject, mapped);
    }
    return mapped;
  };
}

/**
 * Maps subjects where nothing can be read in advance: a subject that matches no mapping is an error, before its message
 * goes to a subject that was not meant.
 */
export class StrictMapping {
  readonly #mappings: readonly SubjectMapping[];
  readonly #map: SubjectMapper;
  readonly #used = new Set<string>();
  readonly #known = new Set<string>();

  /** @throws {NatsxError} usage */
  constructor(mappings: readonly string[]) {
    this.#mappings = mappingMatchers(mappings);
    this.#map = compileSubjectMapping(mappings);
  }

  /** @throws {NatsxError} usage — no mapping matches the subject */
  readonly map: SubjectMapper = (subject) => {
    if (!this.#known.has(subject)) this.#find(subject);
    return this.#map(subject);
  };

  /** Mappings that have matched no subject so far, as given. */
  get unused(): readonly string[] {
    return this.#mappings.map(({ text }) => text).filter((text) => !this.#used.has(text));
  }

  #find(subject: string): void {
    const mapping = this.#mappings.find(({ matches }) => matches(subject));
    if (mapping === undefined) throw unmapped(subject, this.unused);
    this.#used.add(mapping.text);
    if (this.#known.size > MOST_KNOWN) this.#known.clear();
    this.#known.add(subject);
  }
}

function unmapped(subject: string, unused: readonly string[]): Error {
  const better = suggestMapping(unused[0] ?? '', [subject]);
  const meant = better === undefined ? '' : `did you mean '${better}'? `;
  return usageError(
    `no --map matches the subject ${quoted(subject)}`,
    `${meant}--map '>=>' keeps all other subjects`,
  );
}

const MOST_KNOWN = 10_000;

function compileOne(mapping: string): {
  readonly matches: SubjectMatcher;
  readonly map: SubjectMapper;
} {
  const [from, to, ...more] = mapping.split('=');
  if (from === undefined || to === undefined || more.length > 0) {
    throw usageError(
      `invalid mapping ${quoted(mapping)}: it has no two sides`,
      "write it as 'orders.>=copy.orders.>'",
    );
  }
  const source = subjectTokens(parseSubscriptionPattern(from));
  const target = subjectTokens(parseSubscriptionPattern(to));
  const stars = (tokens: readonly string[]): number =>
    tokens.filter((token) => token === '*').length;
  const isOpen = target.at(-1) === '>';
  if (stars(target) > stars(source) || (isOpen && source.at(-1) !== '>')) {
    throw usageError(
      `invalid mapping ${quoted(mapping)}: the right side has a wildcard that the left side does not fill`,
      "write it as 'orders.>=copy.orders.>' or '*.new=new.*'",
    );
  }
  const matches = compileSubjectMatcher(from);
  if (!hasWildcard(to)) return { matches, map: () => to };
  return { matches, map: (subject) => fill(subjectTokens(subject), source, target) };
}

function fill(
  tokens: readonly string[],
  source: readonly string[],
  target: readonly string[],
): string {
  const matched = source.flatMap((token, index) => (token === '*' ? [tokens[index] ?? ''] : []));
  const rest = source.at(-1) === '>' ? tokens.slice(source.length - 1) : [];
  let star = 0;
  return target
    .flatMap((token) => {
      if (token === '*') return [matched[star++] ?? ''];
      return token === '>' ? rest : [token];
    })
    .join('.');
}

/**
 * A mapping that is likely meant where one matches nothing: `orders=old` for subjects below `orders` was to be
 * `orders.>=old.>`.
 *
 * @param mapping as it was given, valid
 * @param subjects some that there are
 */
export function suggestMapping(mapping: string, subjects: readonly string[]): string | undefined {
  const [from = '', to = ''] = mapping.split('=');
  const wider = `${from.replace(/\.[*>]$/, '')}.>`;
  if (!subjects.some((subject) => matchesSubject(wider, subject))) return undefined;
  return `${wider}=${to.replace(/\.[*>]$/, '')}.>`;
}
