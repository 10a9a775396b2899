import { patternCovers } from '../../core/subject/subject-match.js';

/**
 * Whether the filters let everything through that the stream stores; then sequences can be counted instead of
 * matches. No filter means everything. A mirror has no subjects of its own, so that only `>` covers it.
 */
export function coversAll(filters: readonly string[], subjects: readonly string[]): boolean {
  if (filters.length === 0 || filters.includes('>')) return true;
  if (subjects.length === 0) return false;
  return subjects.every((subject) => filters.some((filter) => patternCovers(filter, subject)));
}
