import { decodeHeadersBlock } from './headers-block.js';
import type { MessageHeaders } from './message.js';
import { blockLines, bytesOf, RawHeaders, withoutEnd } from './raw-headers.js';

/** `own` with `added` in place of its headers of the same names. */
export function mergeHeaders(
  own: MessageHeaders | undefined,
  added: MessageHeaders,
): MessageHeaders {
  if (own === undefined || added.size === 0) return own ?? added;
  if (!(own instanceof RawHeaders)) return new Map([...own, ...added]);
  const kept = blockLines(own.block).filter(
    (line, index) => index === 0 || !added.has(nameOf(line)),
  );
  while (kept.length > 1 && withoutEnd(kept.at(-1) ?? '') === '') kept.pop();
  const last = kept.at(-1) ?? '';
  if (!last.endsWith('\n')) kept.push('\r\n');
  for (const [name, values] of added) {
    for (const value of values) kept.push(asBytes(`${name}: ${value}\r\n`));
  }
  return decodeHeadersBlock(bytesOf(`${kept.join('')}\r\n`));
}

/** Without the headers whose names are unwanted; undefined when nothing is left. */
export function withoutHeaders(
  headers: MessageHeaders,
  isUnwanted: (name: string) => boolean,
): MessageHeaders | undefined {
  let someUnwanted = false;
  for (const name of headers.keys()) someUnwanted ||= isUnwanted(name);
  if (!someUnwanted) return headers;
  if (!(headers instanceof RawHeaders)) {
    const kept = [...headers].filter(([name]) => !isUnwanted(name));
    return kept.length === 0 ? undefined : new Map(kept);
  }
  const [first = '', ...lines] = blockLines(headers.block);
  const isKept = (line: string): boolean => nameOf(line) === '' || !isUnwanted(nameOf(line));
  return whatIsLeft([first, ...lines.filter(isKept)]);
}

/** Without the last value of each of these names; undefined when nothing is left. */
export function withoutLast(
  headers: MessageHeaders,
  names: readonly string[],
): MessageHeaders | undefined {
  if (!(headers instanceof RawHeaders)) {
    const own = new Map(headers);
    for (const name of names) {
      const values = own.get(name)?.slice(0, -1) ?? [];
      if (values.length === 0) own.delete(name);
      else own.set(name, values);
    }
    return own.size === 0 ? undefined : own;
  }
  const left = new Set(names);
  const kept = blockLines(headers.block).toReversed();
  return whatIsLeft(kept.filter((line) => !left.delete(nameOf(line))).toReversed());
}

/** An empty block says as much as none. */
function whatIsLeft(lines: readonly string[]): MessageHeaders | undefined {
  const headers = decodeHeadersBlock(bytesOf(lines.join('')));
  const isEmpty = headers instanceof RawHeaders && lines.join('') === 'NATS/1.0\r\n\r\n';
  return isEmpty ? undefined : headers;
}

/** Before the colon; empty for a line without one. */
function nameOf(line: string): string {
  const colon = line.indexOf(':');
  return colon < 0 ? '' : Buffer.from(line.slice(0, colon), 'latin1').toString('utf8');
}

/** A character for each byte of its UTF-8. */
function asBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
