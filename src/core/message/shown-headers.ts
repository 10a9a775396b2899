import type { MessageHeaders } from './message.js';
import { printableBytes, printableText } from '../printable.js';
import { RawHeaders } from './raw-headers.js';

/** A header as a person may see it, safe for a terminal; without a name where a line has none. */
export interface ShownHeader {
  readonly name: string | undefined;
  readonly value: string;
}

/** Headers in their order, a status first; bytes that are not UTF-8 are shown as `\\xNN`. */
export function shownHeaders(headers: MessageHeaders | undefined): readonly ShownHeader[] {
  if (headers instanceof RawHeaders) return rawHeaders(headers);
  const shown: ShownHeader[] = [];
  for (const [name, values] of headers ?? []) {
    for (const value of values)
      shown.push({ name: printableText(name), value: printableText(value) });
  }
  return shown;
}

/** `503 No Responders`; the code alone without a description. */
export function statusText(headers: RawHeaders): string {
  const { status } = headers;
  return status === undefined ? '' : `${status.code} ${status.description}`.trimEnd();
}

function rawHeaders(headers: RawHeaders): readonly ShownHeader[] {
  const shown = headers.lines().map(({ name, value }) => ({
    name: name && printableBytes(name),
    value: printableBytes(value),
  }));
  const status = statusText(headers);
  return status === ''
    ? shown
    : [{ name: undefined, value: `status ${printableText(status)}` }, ...shown];
}
