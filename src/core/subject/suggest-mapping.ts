import { matchesSubject } from './subject-match.js';

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
