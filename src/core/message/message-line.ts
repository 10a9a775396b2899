import { usageError } from '../errors.js';
import { checkRecordedHeader } from './header-flag.js';
import { decodeHeadersBlock } from './headers-block.js';
import type { MessageHeaders, OutgoingMessage } from './message.js';
import { statusOf } from './raw-headers.js';
import { quoted } from '../printable.js';
import { isDeliverable, parsePublishSubject } from '../subject/subject.js';
import { readableSubject, subjectText } from '../subject/subject-bytes.js';
import { isJsonObject } from './exact-json.js';

type JsonObject = Readonly<Record<string, unknown>>;

const FORM = 'each line is an object such as {"subject":"orders.new","payload":"text"}';

/**
 * Reads what `encodeMessageLine` wrote, or a person in its form. Unknown keys are ignored.
 *
 * @param subject - overrides the line's own subject, which may then be missing
 * @throws usage when the line is not such an object, or would not be sent as it is written
 */
export function decodeMessageLine(line: string, subject?: string): OutgoingMessage {
  const fields = parseObject(line);
  const reply = subjectOf(fields, 'reply');
  const headers = headersOf(fields);
  return {
    subject: subject === undefined ? requiredSubject(fields) : parsePublishSubject(subject),
    payload: payloadOf(fields, line),
    ...(reply === undefined ? {} : { reply }),
    ...(headers === undefined ? {} : { headers }),
  };
}

function parseObject(line: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // What jq prints without -c begins so.
    const isSpread = /^\s*[[{]\s*$/.test(line);
    throw usageError(
      `the line is not JSON: ${quoted(excerpt(line))}`,
      isSpread ? 'write one object per line, as jq -c does' : FORM,
    );
  }
  if (isJsonObject(value)) return value;
  throw usageError(`the line is JSON, but not an object: ${quoted(excerpt(line))}`, FORM);
}

function requiredSubject(fields: JsonObject): string {
  const subject = subjectOf(fields, 'subject');
  if (subject !== undefined) return subject;
  throw usageError(
    'the line has no "subject"',
    'add it to the line, or give a subject for all lines as the argument',
  );
}

/** What a person may publish to, or any that its bytes are given of; undefined for none. */
function subjectOf(fields: JsonObject, key: 'subject' | 'reply'): string | undefined {
  const text = optionalString(fields, key);
  // A key that is put together for each line would take longer than the rest of this function.
  const encoded = fields[key === 'subject' ? 'subject_base64' : 'reply_base64'];
  if (encoded === undefined) {
    return text === undefined || (key === 'reply' && text === '')
      ? undefined
      : parsePublishSubject(text);
  }
  const subject = subjectText(bytesOfBase64(`${key}_base64`, encoded));
  if (!isDeliverable(subject)) {
    throw usageError(
      `"${key}_base64" is ${quoted(subject)}, which no server delivers`,
      'subjects have no white space and no empty tokens',
    );
  }
  if (text === undefined || text === readableSubject(subject)) return subject;
  throw usageError(
    `"${key}_base64" is ${quoted(subject)} and "${key}" is ${quoted(text)}`,
    'keep only one of them',
  );
}

function optionalString(fields: JsonObject, key: string): string | undefined {
  const value = fields[key];
  if (value === undefined || typeof value === 'string') return value;
  throw usageError(`"${key}" is not a string`, FORM);
}

function payloadOf(fields: JsonObject, line: string): Uint8Array {
  const payload = fields['payload'];
  const encoded = fields['payload_base64'];
  if (payload !== undefined && encoded !== undefined) {
    throw usageError('the line has both "payload" and "payload_base64"', 'keep only one of them');
  }
  if (encoded !== undefined) return bytesOfBase64('payload_base64', encoded);
  if (payload === undefined) {
    throw usageError('the line has no "payload"', 'write "payload":"" for an empty message');
  }
  if (typeof payload === 'string') {
    rejectLoneSurrogate(payload, line);
    return Buffer.from(payload, 'utf8');
  }
  const text = writtenAgain(payload);
  rejectLostDigits(text, line);
  return Buffer.from(text, 'utf8');
}

function writtenAgain(payload: unknown): string {
  try {
    return JSON.stringify(payload);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw usageError('"payload" is nested too deeply', 'write it as a string to send it as it is');
  }
}

function bytesOfBase64(key: string, value: unknown): Uint8Array {
  if (typeof value === 'string') {
    const bytes = Buffer.from(value, 'base64');
    // The decoder skips what it does not understand; only the way back shows that nothing was lost.
    if (bytes.toString('base64') === value) return bytes;
  }
  throw usageError(
    `"${key}" is not standard base64 with padding`,
    'encode it as `base64 -w0` does',
  );
}

function rejectLoneSurrogate(payload: string, line: string): void {
  // Half a character can only be written as an escape.
  if (!/\\u[dD]/.test(line) || !/\p{Surrogate}/u.test(payload)) return;
  throw usageError(
    '"payload" has half of a surrogate pair, which no UTF-8 can carry',
    'use "payload_base64" for bytes that are not text',
  );
}

/** A number that JavaScript cannot hold would be published as another one, or as null. */
function rejectLostDigits(payload: string, line: string): void {
  if (!/[\d.]{17}|\d[eE]/.test(line)) return;
  const withoutStrings = line.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  for (const [literal] of withoutStrings.matchAll(/-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g)) {
    const read = JSON.stringify(Number(literal));
    if (isSameNumber(read, literal) || !payload.includes(read)) continue;
    throw usageError(
      `the number ${literal} in "payload" would be sent as ${read}`,
      'write the payload as a string to send it as it is',
    );
  }
}

/** Whether two ways to write a number (1.50, 15e-1) mean the same one. */
function isSameNumber(one: string, other: string): boolean {
  return one === other || plainNumber(one) === plainNumber(other);
}

/** Its digits without zeros around them, and the power of ten of the last one. */
function plainNumber(literal: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/.exec(literal) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return literal === 'null' ? literal : '0';
  const power = Number(exponent) - fraction.length + digits.length - significant.length;
  return `${sign}${significant}e${power}`;
}

/** The block says all, the other keys are there to be read; they must not say something else. */
function headersOf(fields: JsonObject): MessageHeaders | undefined {
  const plain = plainHeaders(fields['headers']);
  const encoded = fields['headers_base64'];
  if (encoded === undefined) {
    for (const [name, values] of plain ?? [])
      for (const value of values) checkRecordedHeader(name, value);
    return plain;
  }
  const block = bytesOfBase64('headers_base64', encoded);
  if (block.length === 0) throw usageError('"headers_base64" is empty', 'leave it out');
  const headers = decodeHeadersBlock(block);
  const { status } = fields;
  const sameStatus = typeof status !== 'number' || status === statusOf(headers)?.code;
  if (sameStatus && (plain === undefined || isSame(plain, headers))) return headers;
  throw usageError(
    `"headers_base64" has other headers than "${sameStatus ? 'headers' : 'status'}"`,
    'keep only one of them: headers_base64 is the whole block',
  );
}

function isSame(one: MessageHeaders, other: MessageHeaders): boolean {
  if (one.size !== other.size) return false;
  for (const [name, values] of one) {
    const others = other.get(name);
    if (others?.length !== values.length) return false;
    if (!values.every((value, index) => value === others[index])) return false;
  }
  return true;
}

function plainHeaders(value: unknown): MessageHeaders | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isJsonObject(value)) throw headerShape('"headers" is not an object');
  const headers = new Map<string, readonly string[]>();
  for (const [name, given] of Object.entries(value)) {
    const values: readonly unknown[] = Array.isArray(given) ? given : [given];
    if (!values.every((each) => typeof each === 'string')) {
      throw headerShape(`the header ${quoted(name)} is not a list of strings`);
    }
    if (values.length > 0) headers.set(name, values);
  }
  return headers.size === 0 ? undefined : headers;
}

function headerShape(fault: string): Error {
  return usageError(fault, 'write headers as {"Name":["value"]}');
}

function excerpt(line: string): string {
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
