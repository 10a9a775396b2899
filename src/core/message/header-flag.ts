import { usageError } from '../errors.js';
import type { MessageHeaders } from './message.js';
import { quoted } from '../printable.js';

/**
 * Reads one `-H 'Name: value'`; the value may be empty, and the blanks around it do not belong to it.
 *
 * @throws usage when there is no colon, the name is not a header name, or the value has a line break
 */
export function parseHeaderFlag(text: string): readonly [name: string, value: string] {
  const colon = text.indexOf(':');
  if (colon < 0) {
    throw usageError(
      `invalid header ${quoted(text)}: it has no colon`,
      "write it as 'Name: value'",
    );
  }
  const name = text.slice(0, colon).trimStart();
  const value = text.slice(colon + 1);
  checkHeader(name, value);
  return [name, value.replace(/^[ \t]+|[ \t]+$/g, '')];
}

/** Reads all `-H` flags in order; a name that is given several times has several values. @throws usage */
export function parseHeaderFlags(flags: readonly string[]): MessageHeaders {
  const headers = new Map<string, string[]>();
  for (const [name, value] of flags.map(parseHeaderFlag)) {
    const values = headers.get(name);
    if (values === undefined) headers.set(name, [value]);
    else values.push(value);
  }
  return headers;
}

/** Checks that a header can be sent: its name is visible ASCII without a colon, its value one line. @throws usage */
export function checkHeader(name: string, value: string): void {
  if (name === '') throw usageError('a header has an empty name', "write it as 'Name: value'");
  if (!/^[!-9;-~]+$/.test(name)) {
    throw usageError(
      `invalid header name ${quoted(name)}: only visible ASCII characters without a colon are allowed`,
    );
  }
  checkRecordedHeader(name, value);
}

/**
 * Checks that a header of a message that was read somewhere can be sent as it is: clients have sent names with blanks
 * and other letters, and they go on. @throws usage
 */
export function checkRecordedHeader(name: string, value: string): void {
  if (name === '') throw usageError('a header has an empty name', 'write it as "Name": ["value"]');
  if (/[:\r\n]/.test(name)) {
    throw usageError(`invalid header name ${quoted(name)}: it has a colon or a line break`);
  }
  if (/\p{Surrogate}/u.test(name + value)) {
    throw usageError(
      `the header ${quoted(name)} has half of a surrogate pair, which no UTF-8 can carry`,
      'use "headers_base64" for bytes that are not text',
    );
  }
  if (/[\r\n]/.test(value)) {
    throw usageError(
      `the value of the header ${name} has a line break`,
      'header values are one line; put longer text into the body',
    );
  }
}
