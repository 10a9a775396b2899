import { usageError } from '../errors.js';
import { quoted } from '../printable.js';

const NAMED: ReadonlyMap<string, string> = new Map([
  ['newline', '\n'],
  ['nul', '\0'],
  ['null', '\0'],
  ['none', ''],
]);
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  '0': '\0',
  '\\': '\\',
};

/**
 * Reads the delimiter between messages: `newline`, `nul`, `none`, or a text in which `\n`, `\r`, `\t`, `\0` and `\\`
 * mean what they mean in most languages.
 *
 * @returns its bytes; empty for `none`
 * @throws usage for an unknown escape
 */
export function parseDelimiter(text: string): Uint8Array {
  const named = NAMED.get(text.toLowerCase());
  return Buffer.from(named ?? unescaped(text), 'utf8');
}

function unescaped(text: string): string {
  return text.replace(/\\(.?)/gsu, (written, name: string) => {
    const meant = ESCAPES[name];
    if (meant !== undefined) return meant;
    throw usageError(
      `invalid delimiter ${quoted(text)}: it has an unknown escape ${quoted(written)}`,
      'write newline, nul, none, or a text with \\n, \\r, \\t, \\0 or \\\\',
    );
  });
}
