import { usageError } from '../errors.js';
import type { HeadersStatus, MessageHeaders } from './message.js';
import { RawHeaders, trimBlanks } from './raw-headers.js';

const VERSION_LINE = 'NATS/1.0';
const LINE_END = '\r\n';
const START = `${VERSION_LINE}${LINE_END}`;
const BLANK = 32;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * The bytes of a headers block as HPUB carries it: version line, one line a value, an empty line. Headers that were
 * read from a block that has another form are that block.
 * @throws {NatsxError} usage: a name is empty or holds a colon or a line break; a value holds a line break.
 */
export function encodeHeadersBlock(headers: MessageHeaders): Uint8Array {
  if (headers instanceof RawHeaders) return headers.block;
  let text = START;
  for (const [name, values] of headers) {
    checkName(name);
    for (const value of values) {
      checkValue(name, value);
      text += `${name}: ${value}${LINE_END}`;
    }
  }
  return encoder.encode(`${text}${LINE_END}`);
}

/**
 * Reads a block leniently: names keep their case, space around values is dropped, lines without a colon are skipped.
 * `encodeHeadersBlock` gives the same bytes back; nothing of `block` is kept.
 */
export function decodeHeadersBlock(block: Uint8Array): MessageHeaders {
  const text = decoder.decode(block);
  return readPlain(text, block) ?? readRaw(text, block);
}

/** The status alone, without decoding the rest; cheap when there is none. */
export function readStatus(block: Uint8Array): HeadersStatus | undefined {
  // A block without a status has its line end right after the version.
  if (block[VERSION_LINE.length] === 13) return undefined;
  const [line = ''] = decoder.decode(block).split(/\r?\n/, 1);
  return parseStatus(line);
}

/** The headers of a block that is written as we write it; undefined for any other. */
function readPlain(text: string, block: Uint8Array): MessageHeaders | undefined {
  if (!text.startsWith(START) || !text.endsWith('\r\n\r\n')) return undefined;
  const lines = text.split(LINE_END);
  // Version line, two empty ones at the end, and something between them: no headers at all have no block.
  if (lines.length < 4) return undefined;
  const headers = new Map<string, string[]>();
  let nameBefore = '';
  for (let at = 1; at < lines.length - 2; at++) {
    const line = lines[at] ?? '';
    const colon = line.indexOf(':');
    const name = line.slice(0, colon);
    const value = line.slice(colon + 2);
    if (colon <= 0 || line.charCodeAt(colon + 1) !== BLANK || !isPlain(name, value))
      return undefined;
    const values = headers.get(name);
    if (values === undefined) headers.set(name, [value]);
    // Values of one name are written next to each other.
    else if (name === nameBefore) values.push(value);
    else return undefined;
    nameBefore = name;
  }
  // Only encoding it again distinguishes a replacement character that was sent from one that replaced other bytes.
  const isText = !text.includes('\ufffd') || Buffer.from(text).equals(block);
  return isText ? headers : undefined;
}

function isPlain(name: string, value: string): boolean {
  if (value.includes('\r') || value.includes('\n') || trimBlanks(value) !== value) return false;
  // JSON objects have such names first, in the order of their numbers.
  return !/[\r\n]|^\d+$/.test(name);
}

function readRaw(text: string, block: Uint8Array): RawHeaders {
  const lines = text.split(/\r?\n/);
  const headers = new RawHeaders(new Uint8Array(block), parseStatus(lines[0] ?? ''));
  for (let at = 1; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon);
    const value = trimBlanks(line.slice(colon + 1));
    const values = headers.get(name);
    headers.set(name, values === undefined ? [value] : [...values, value]);
  }
  return headers;
}

function parseStatus(line: string): HeadersStatus | undefined {
  const match = /^NATS\/1\.0[ \t]+(\d{3})(?:[ \t]+(.*))?$/s.exec(line);
  if (match === null) return undefined;
  return { code: Number(match[1]), description: trimBlanks(match[2] ?? '') };
}

function checkName(name: string): void {
  // The server takes any bytes; readers split at the colon and at line ends.
  if (name !== '' && !/[:\r\n]/.test(name)) return;
  throw usageError(
    `invalid header name ${JSON.stringify(name)}`,
    'a name is not empty, and has neither colons nor line breaks',
  );
}

function checkValue(name: string, value: string): void {
  if (/[\r\n]/.test(value)) {
    throw usageError(`the value of header ${JSON.stringify(name)} holds a line break`);
  }
}
