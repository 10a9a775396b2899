import { closestNames } from '../closest-names.js';
import { usageError } from '../errors.js';
import { stringifyExactJson } from './exact-json.js';
import { compileJsonPath, lazyJson } from './json-path.js';
import { localTimeOfDay } from '../values/local-time.js';
import type { MessageHeaders, ReceivedMessage } from './message.js';
import { isCanonicalJson } from './payload-json.js';
import { RawHeaders, statusOf } from './raw-headers.js';
import { isTextSubject, subjectBytes } from '../subject/subject-bytes.js';
import { statusText } from './shown-headers.js';
import { decodeUtf8, printableText, printableBytes, quoted } from '../printable.js';

/** What is known about a message besides itself. */
export interface FormatFacts {
  /** Number of the message since the start, from 1. */
  readonly count: number;
  readonly queue?: string | undefined;
  readonly stream?: string | undefined;
  /** Stream sequence, where the message comes from a stream. */
  readonly seq?: number | undefined;
}

/** Renders a message; bytes only where a payload that is not text was inserted as it is. */
export type MessageFormat = (message: ReceivedMessage, facts: FormatFacts) => string | Uint8Array;

export interface MessageFormatOptions {
  /** For a terminal: what a message contains is made safe, binary payloads are shown as `\xNN`. */
  readonly printable: boolean;
}

interface View {
  readonly message: ReceivedMessage;
  readonly facts: FormatFacts;
  /** The payload, parsed at most once however many fields ask for it. */
  readonly json: () => unknown;
}

type Part = (view: View) => string | Uint8Array;

const FIELDS: Readonly<Record<string, Part>> = {
  subject: ({ message }) => subjectPart(message.subject),
  payload: ({ message }) => decodeUtf8(message.payload) ?? message.payload,
  'payload:hex': ({ message }) => bufferOf(message.payload).toString('hex'),
  'payload:base64': ({ message }) => bufferOf(message.payload).toString('base64'),
  'payload:json': ({ message }) => payloadAsJson(message.payload),
  reply: ({ message }) => subjectPart(message.reply ?? ''),
  size: ({ message }) => `${message.payload.length}`,
  time: ({ message }) => localTimeOfDay(message.receivedAtMs),
  'time:iso': ({ message }) => new Date(message.receivedAtMs).toISOString(),
  'time:unix': ({ message }) => `${Math.floor(message.receivedAtMs / 1000)}`,
  'time:ms': ({ message }) => `${Math.floor(message.receivedAtMs)}`,
  status: ({ message }) => `${statusOf(message.headers)?.code ?? ''}`,
  description: ({ message }) => statusOf(message.headers)?.description ?? '',
  headers: ({ message }) => headersText(message.headers),
  'headers:json': ({ message }) => JSON.stringify(Object.fromEntries(message.headers ?? [])),
  count: ({ facts }) => `${facts.count}`,
  queue: ({ facts }) => facts.queue ?? '',
  stream: ({ facts }) => facts.stream ?? '',
  seq: ({ facts }) => (facts.seq === undefined ? '' : `${facts.seq}`),
};

/** The fields of a format by name, for help and error texts. */
export const MESSAGE_FORMAT_FIELDS: readonly string[] = [
  ...Object.keys(FIELDS),
  'header:Name',
  'json:.path',
];

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '0': '\0',
  e: '\u001b',
  '\\': '\\',
};
const TOKEN = /\{\{|\}\}|\{([^{}]*)\}|\\(.)|[{}]|[^{}\\]+|\\/gsy;

/**
 * Compiles a line format such as `{time} {subject} {header:Trace} {payload}\n`. `\n`, `\t`, `\r`, `\0`, `\e` and `\\`
 * are escapes, `{{` and `}}` are braces. Nothing is added at the end.
 *
 * @throws usage for an unknown field or escape, and for a single brace
 */
export function compileMessageFormat(format: string, options: MessageFormatOptions): MessageFormat {
  const parts: (string | Part)[] = [];
  for (const match of format.matchAll(TOKEN)) parts.push(partOf(match, options));
  return (message, facts) => {
    const view = { message, facts, json: lazyJson(message.payload) };
    const rendered = parts.map((part) => (typeof part === 'string' ? part : part(view)));
    if (rendered.every((part) => typeof part === 'string')) return rendered.join('');
    return Buffer.concat(
      rendered.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)),
    );
  };
}

function partOf(match: RegExpExecArray, options: MessageFormatOptions): string | Part {
  const [token, field, escape] = match;
  if (token === '{{' || token === '}}') return token.charAt(0);
  if (field !== undefined) {
    const part = fieldPart(field);
    return options.printable ? (view) => safe(part(view)) : part;
  }
  if (escape !== undefined) return escapeOf(escape);
  if (token === '{' || token === '}' || token === '\\') {
    throw usageError(
      `invalid format: a single ${quoted(token)} at position ${match.index + 1}`,
      `write ${token}${token} for ${token} itself`,
    );
  }
  return token;
}

function fieldPart(name: string): Part {
  if (Object.hasOwn(FIELDS, name)) return FIELDS[name] ?? unknownField(name);
  if (name.startsWith('header:') && name.length > 'header:'.length) {
    const header = name.slice('header:'.length).trim();
    return ({ message }) => headerText(message.headers, header);
  }
  if (name.startsWith('json:')) {
    const lookup = compileJsonPath(name.slice('json:'.length));
    return ({ json }) => valueText(lookup(json()));
  }
  return unknownField(name);
}

function unknownField(name: string): never {
  const [nearest] = closestNames(name, MESSAGE_FORMAT_FIELDS);
  const fields = `fields: ${MESSAGE_FORMAT_FIELDS.map((each) => `{${each}}`).join(' ')}`;
  throw usageError(
    `the format has an unknown field ${quoted(`{${name}}`)}`,
    nearest === undefined ? fields : `did you mean {${nearest}}? ${fields}`,
  );
}

function escapeOf(letter: string): string {
  const character = ESCAPES[letter];
  if (character !== undefined) return character;
  throw usageError(
    `the format has an unknown escape ${quoted(`\\${letter}`)}`,
    String.raw`known: \n \t \r \0 \e \\`,
  );
}

function safe(part: string | Uint8Array): string {
  return typeof part === 'string' ? printableText(part, { keepLines: true }) : printableBytes(part);
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The payload as one JSON value: itself where it is canonical JSON, else a string (base64 when it is not text). */
function payloadAsJson(payload: Uint8Array): string {
  const text = decodeUtf8(payload);
  if (text === undefined) return JSON.stringify(bufferOf(payload).toString('base64'));
  return isCanonicalJson(text) ? text : JSON.stringify(text);
}

/** Bytes where it is not text. */
function subjectPart(subject: string): string | Uint8Array {
  return isTextSubject(subject) ? subject : subjectBytes(subject);
}

/** All values of a header; bytes where they are not text. */
function headerText(headers: MessageHeaders | undefined, name: string): string | Uint8Array {
  const values = headers?.get(name)?.join(', ') ?? '';
  if (!(headers instanceof RawHeaders) || !values.includes('\ufffd')) return values;
  const lines = headers.lines().filter((line) => line.name && lenientUtf8(line.name) === name);
  return textOr(
    joined(
      lines.map(({ value }) => [value]),
      ', ',
    ),
  );
}

/** A status comes first; anything that is not text becomes bytes. */
function headersText(headers: MessageHeaders | undefined): string | Uint8Array {
  if (headers instanceof RawHeaders) {
    const lines = headers.lines().map(({ name, value }) => (name ? [name, COLON, value] : [value]));
    const status = headers.status === undefined ? [] : [[Buffer.from(statusText(headers))]];
    return textOr(joined([...status, ...lines], '; '));
  }
  const lines = [...(headers ?? [])].flatMap(([name, values]) =>
    values.map((value) => `${name}: ${value}`),
  );
  return lines.join('; ');
}

const COLON = Buffer.from(': ');

function joined(parts: readonly (readonly Uint8Array[])[], between: string): Buffer {
  const separator = Buffer.from(between);
  return Buffer.concat(parts.flatMap((part, index) => (index === 0 ? part : [separator, ...part])));
}

function textOr(bytes: Buffer): string | Uint8Array {
  return decodeUtf8(bytes) ?? bytes;
}

function lenientUtf8(bytes: Uint8Array): string {
  return bufferOf(bytes).toString('utf8');
}

function valueText(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : stringifyExactJson(value);
}
