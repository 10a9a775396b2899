import { usageError } from '../errors.js';
import type { MessageHeaders } from './message.js';

const VERSION_LINE = 'NATS/1.0';
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** What stands after the version in the first line: `NATS/1.0 503 No Responders`. */
export interface HeadersStatus {
  readonly code: number;
  /** May be empty. */
  readonly description: string;
}

export interface DecodedHeaders {
  readonly headers: MessageHeaders;
  readonly status: HeadersStatus | undefined;
}

/**
 * The bytes of a headers block as HPUB carries it: version line, one line a value, an empty line.
 * @throws {NatsxError} usage: a name is empty or holds a space, a colon or a control character; a value holds CR or LF.
 */
export function encodeHeadersBlock(headers: MessageHeaders): Uint8Array {
  let text = `${VERSION_LINE}\r\n`;
  for (const [name, values] of headers) {
    checkName(name);
    for (const value of values) {
      checkValue(name, value);
      text += `${name}: ${value}\r\n`;
    }
  }
  return encoder.encode(`${text}\r\n`);
}

/** Reads a block leniently: names keep their case, space around values is dropped, lines without a colon are skipped. */
export function decodeHeadersBlock(block: Uint8Array): DecodedHeaders {
  const [first = '', ...lines] = decoder.decode(block).split('\r\n');
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon);
    const value = trimBlanks(line.slice(colon + 1));
    const values = headers.get(name);
    if (values === undefined) headers.set(name, [value]);
    else values.push(value);
  }
  return { headers, status: parseStatus(first) };
}

/** The status alone, without decoding the rest; cheap when there is none. */
export function readStatus(block: Uint8Array): HeadersStatus | undefined {
  // A block without a status has its line end right after the version.
  if (block[VERSION_LINE.length] === 13) return undefined;
  const end = block.indexOf(13);
  return parseStatus(decoder.decode(block.subarray(0, end === -1 ? block.length : end)));
}

function parseStatus(line: string): HeadersStatus | undefined {
  const match = /^NATS\/1\.0[ \t]+(\d{3})(?:[ \t]+(.*))?$/.exec(line);
  if (match === null) return undefined;
  return { code: Number(match[1]), description: trimBlanks(match[2] ?? '') };
}

/** Only blanks and tabs: other white space may belong to the value. */
function trimBlanks(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, '');
}

function checkName(name: string): void {
  // The server takes any bytes; readers split at the colon and at line ends.
  if (!/^[!-9;-~]+$/.test(name)) {
    throw usageError(
      `invalid header name ${JSON.stringify(name)}`,
      'names are printable ASCII without blanks and colons',
    );
  }
}

function checkValue(name: string, value: string): void {
  if (/[\r\n]/.test(value)) {
    throw usageError(`the value of header ${JSON.stringify(name)} holds a line break`);
  }
}
