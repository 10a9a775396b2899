import { printableText } from '../../core/printable.js';
import { isTooDeep } from '../../core/values/json-depth.js';
import type { Style } from './style.js';

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;
const INDENT = '  ';

/**
 * JSON with one line per member, coloured by the style. Literals stay as written, so that long numbers keep their digits.
 * `undefined` if the text is not a JSON object or array, or is nested too deeply to read.
 */
export function prettyJson(text: string, style: Style): string | undefined {
  if (!/^\s*[{[]/.test(text) || !isFlatJson(text)) return undefined;
  let shown = '';
  let depth = 0;
  let previous = '';
  const tokens = text.match(TOKEN) ?? [];
  for (const [index, token] of tokens.entries()) {
    const closing = token === '}' || token === ']';
    const empty = closing && (previous === '{' || previous === '[');
    if (closing) depth -= 1;
    const breaks = closing ? !empty : OPENING.has(previous);
    if (breaks) shown += `\n${INDENT.repeat(depth)}`;
    if (token === '{' || token === '[') depth += 1;
    shown += token === ':' ? ': ' : paint(token, tokens[index + 1] === ':', style);
    previous = token;
  }
  return shown;
}

const OPENING: ReadonlySet<string> = new Set(['{', '[', ',']);

function paint(token: string, isKey: boolean, style: Style): string {
  if (token.startsWith('"')) return (isKey ? style.key : style.good)(printableText(token));
  return /^[{}[\],]$/.test(token) ? token : style.warn(token);
}

function isFlatJson(text: string): boolean {
  if (isTooDeep(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
