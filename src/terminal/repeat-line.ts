import { shellWord } from '../core/printable.js';
import { redact } from '../core/redact.js';

/** What `--serve` becomes if it has no address: loopback, and a port that the system chooses. */
export const SERVE_ANYWHERE = '--serve=127.0.0.1:0';
const HIDDEN = '[redacted]';
/** Flags whose values are secrets. */
const SECRET_FLAG = /^--(?:password|token|seed|jwt)(?:=|$)/;
/** Headers that usually carry one. */
const SECRET_HEADER = /^([^:]*(?:auth|token|secret|passw|cookie|cred|key)[^:]*:).*/is;

/**
 * A command line that repeats a run, for a shell, without secrets.
 *
 * @param id of the command, topics separated by a colon
 */
export function repeatLine(id: string, argv: readonly string[]): string {
  const words = argv.map((word, index) => hidden(word, argv[index - 1] ?? ''));
  return ['natsx', ...id.split(':'), ...words.map(shellWord)].join(' ');
}

function hidden(word: string, before: string): string {
  if (word === SERVE_ANYWHERE) return '--serve';
  if (SECRET_FLAG.test(before) && !before.includes('=')) return HIDDEN;
  if (SECRET_FLAG.test(word)) return word.replace(/=.*/s, `=${HIDDEN}`);
  const [, flag = '', header = word] = /^(--headers?=|-H=?)?(.*)$/s.exec(word) ?? [];
  const isHeader = flag !== '' || ['-H', '--header', '--headers'].includes(before);
  if (isHeader) return `${flag}${redact(header.replace(SECRET_HEADER, `$1 ${HIDDEN}`))}`;
  return redact(word);
}
