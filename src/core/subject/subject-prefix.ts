import { usageError } from '../errors.js';
import { quoted } from '../printable.js';
import { parsePublishSubject } from './subject.js';

/**
 * Checks what subjects are to begin with, such as the prefix of reply subjects: anything else would reach the server as
 * other words of the protocol. A closing dot is left out.
 *
 * @param what names it in errors, such as `inbox prefix`
 * @throws usage
 */
export function parseSubjectPrefix(text: string, what: string): string {
  const prefix = text.replace(/\.$/, '');
  try {
    return parsePublishSubject(prefix);
  } catch {
    throw usageError(
      `invalid ${what} ${quoted(text)}: no subject begins like this`,
      'write tokens separated by dots, without white space or wildcards',
    );
  }
}
