import { encodeHeadersBlock } from './headers-block.js';
import type { MessageHeaders, ReceivedMessage } from './message.js';
import { RawHeaders } from './raw-headers.js';
import { stringifyExactJson } from './exact-json.js';
import { TimeTexts } from './time-texts.js';
import { isTooDeep } from '../values/json-depth.js';
import { decodeUtf8 } from '../printable.js';
import { isPublishSubject } from '../subject/subject.js';
import { readableSubject, subjectBytes } from '../subject/subject-bytes.js';

/** Further keys of a message line, in order, such as `stream` and `seq`; `undefined` is left out. */
export type ExtraKeys = Readonly<
  Record<string, string | number | bigint | boolean | null | undefined>
>;

/**
 * A message as one line of JSON, without a line feed: `subject`, `reply`, `headers`, `payload` or `payload_base64`,
 * `size_bytes`, `received_at`, and the extra keys. `decodeMessageLine` gives the same bytes back.
 *
 * @param times kept by the caller who writes many
 */
export function encodeMessageLine(
  message: ReceivedMessage,
  extra?: ExtraKeys,
  times: TimeTexts = new TimeTexts(),
): string {
  let line = `{${subjectMembers('subject', message.subject)}`;
  if (message.reply !== undefined && message.reply !== '')
    line += `,${subjectMembers('reply', message.reply)}`;
  line += headersMembers(message.headers);
  line += `,${payloadMember(message.payload)},"size_bytes":${message.payload.length}`;
  line += `,"received_at":"${times.iso(message.receivedAtMs)}"`;
  if (extra !== undefined) line += extraMembers(extra);
  return `${line}}`;
}

/**
 * The payload as a member of a JSON object: `"payload":` and a JSON value when the bytes are the canonical JSON of
 * something other than a string, `"payload":` and a string for other UTF-8, else `"payload_base64":`; so is more than a
 * MiB of which a tenth would be escapes.
 */
export function payloadMember(payload: Uint8Array): string {
  const text = isMostlyEscapes(payload) ? undefined : decodeUtf8(payload);
  return text === undefined
    ? `"payload_base64":"${base64(payload)}"`
    : `"payload":${isCanonicalJson(text) ? terminalSafe(text) : jsonString(text)}`;
}

/** From here on a payload is looked at: escapes such as \u0000 would create lines that cannot be read back. */
const LARGE_BYTES = 1024 * 1024;
const MOST_ESCAPES = 0.1;

function isMostlyEscapes(payload: Uint8Array): boolean {
  if (payload.length <= LARGE_BYTES) return false;
  let escapes = 0;
  for (const byte of payload) {
    if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13) escapes += 1;
  }
  return escapes > MOST_ESCAPES * payload.length;
}

/** Whether `text` is JSON, not a string, and stays the same when it is parsed and serialised again. */
export function isCanonicalJson(text: string): boolean {
  // Most text is refused here: a parser that fails costs more than all the rest of a line.
  if (!mayBeCanonical(text) || isTooDeep(text)) return false;
  try {
    return JSON.stringify(JSON.parse(text)) === text;
  } catch {
    return false;
  }
}

/** Without blanks, as it is serialised. */
const CONTAINER_START = /^(?:\{["}]|\[[[\]{"\d\-tfn])/;
const CONTAINER_END = /[\]}]$/;
/** No number is longer. */
const LONGEST_SCALAR = 32;
const SCALAR = /^(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]\d+)?|true|false|null)$/;

function mayBeCanonical(text: string): boolean {
  const first = text.charCodeAt(0);
  if (first === OPENING_BRACE || first === OPENING_BRACKET) {
    return CONTAINER_START.test(text) && CONTAINER_END.test(text.slice(-1));
  }
  return text.length <= LONGEST_SCALAR && SCALAR.test(text);
}

const OPENING_BRACE = 123;
const OPENING_BRACKET = 91;
const NEEDS_ESCAPE = /[^ !#-[\]-~]/;
// JSON may carry these raw, a terminal should not see them: DEL, C1, bidirectional controls, line separators.
const UNSAFE_IN_TERMINAL = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
const ALL_UNSAFE_IN_TERMINAL = new RegExp(UNSAFE_IN_TERMINAL, 'g');

/** A JSON string that is safe to show in a terminal. */
export function jsonString(text: string): string {
  return NEEDS_ESCAPE.test(text) ? terminalSafe(JSON.stringify(text)) : `"${text}"`;
}

/** A value as one line of JSON that is safe to show in a terminal. */
export function jsonText(
  value: unknown,
  replacer?: (key: string, value: unknown) => unknown,
): string {
  return terminalSafe(JSON.stringify(value, replacer));
}

/** The same with bigints, which are written as plain numbers. */
export function exactJsonText(value: unknown): string {
  return terminalSafe(stringifyExactJson(value));
}

/** Such characters are only inside JSON's strings, where an escape means the same. */
function terminalSafe(json: string): string {
  if (!UNSAFE_IN_TERMINAL.test(json)) return json;
  return json.replace(
    ALL_UNSAFE_IN_TERMINAL,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * Headers as members of a JSON object, each behind a comma; empty without any: `"headers":` to be read, and where these
 * do not say all, `"status":`, `"description":`, and `"headers_base64":` with the whole block.
 */
export function headersMembers(headers: MessageHeaders | undefined): string {
  if (headers === undefined) return '';
  const names = headers.size === 0 ? '' : `,"headers":${headersJson(headers)}`;
  if (!(headers instanceof RawHeaders)) {
    return names.length <= LONGEST_HEADERS ? names : blockMember(encodeHeadersBlock(headers));
  }
  const { status } = headers;
  let members = names.length <= LONGEST_HEADERS ? names : '';
  if (status !== undefined) members += `,"status":${status.code}`;
  if (status !== undefined && status.description !== '')
    members += `,"description":${jsonString(status.description)}`;
  return members + blockMember(headers.block);
}

/**
 * A subject as a member of a JSON object, and where natsx would not publish to it, its bytes as another one:
 * servers take wildcards, control characters and bytes that are not UTF-8.
 */
export function subjectMembers(key: 'subject' | 'reply', subject: string): string {
  if (isPublishSubject(subject)) return `"${key}":${jsonString(subject)}`;
  const readable = jsonString(readableSubject(subject));
  return `"${key}":${readable},"${key}_base64":"${base64(subjectBytes(subject))}"`;
}

/** Escapes could make a longer one six times as long. */
const LONGEST_HEADERS = 1024 * 1024;

function blockMember(block: Uint8Array): string {
  return `,"headers_base64":"${base64(block)}"`;
}

/** Headers as a JSON object of lists. */
function headersJson(headers: MessageHeaders): string {
  let json = '';
  for (const [name, values] of headers) {
    json += `${json === '' ? '' : ','}${jsonString(name)}:[${values.map(jsonString).join(',')}]`;
  }
  return `{${json}}`;
}

function extraMembers(extra: ExtraKeys): string {
  let json = '';
  for (const [key, value] of Object.entries(extra)) {
    if (value === undefined) continue;
    const text = typeof value === 'bigint' ? value.toString() : JSON.stringify(value);
    json += `,${jsonString(key)}:${terminalSafe(text)}`;
  }
  return json;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
