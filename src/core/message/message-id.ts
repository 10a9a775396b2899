import { NatsxError, usageError } from '../errors.js';
import { parseExactJson, plainText, type JsonValue } from './exact-json.js';
import { mergeHeaders } from './edit-headers.js';
import { compileJsonPath } from './json-path.js';
import { IdentifiedHeaders } from './identified-headers.js';
import { MESSAGE_ID } from './publish-headers.js';
import type { OutgoingMessage } from './message.js';
import { RawHeaders } from './raw-headers.js';
import { decodeUtf8, quoted } from '../printable.js';
import { compileTemplate, type TemplateEnvironment } from './template.js';

/** The id of a message; `number` counts from 1. @throws {NatsxError} usage — it has none */
export type MessageIdOf = (message: OutgoingMessage, number: number) => string;

/** What the makers of ids may not take for themselves. */
export interface IdEnvironment {
  readonly template: TemplateEnvironment;
  /** A digest as text; equal only for equal bytes. */
  readonly digest: (bytes: Uint8Array) => string;
}

/**
 * Ids by a template.
 *
 * @param many whether there may be more than one message
 * @throws {NatsxError} usage — the template, or all messages would have the same id
 */
export function idByTemplate(text: string, environment: IdEnvironment, many: boolean): MessageIdOf {
  const template = compileTemplate(text, { environment: environment.template });
  if (text === '') throw usageError('the message id is empty');
  if (template.isConstant && many) {
    throw usageError(
      `all messages would have the id ${quoted(text)}, and a stream would keep only the first`,
      `let them differ: --msg-id '${text}-{{Count}}' or --msg-id-from hash`,
    );
  }
  return (_message, number) => template.render({ count: number });
}

/** Ids out of the messages: `hash`, `json:.path` or `header:Name`. @throws {NatsxError} usage */
export function idFrom(source: string, { digest }: IdEnvironment): MessageIdOf {
  if (source === 'hash') return (message) => digest(identity(message));
  const colon = source.indexOf(':');
  const [kind, rest] = [source.slice(0, Math.max(colon, 0)), source.slice(colon + 1)];
  if (kind === 'json' && rest !== '') return idInJson(rest);
  if (kind === 'header' && rest !== '') return idInHeader(rest);
  throw usageError(
    `a message id cannot come from ${quoted(source)}`,
    'write hash, json:.order.id or header:Order-Id',
  );
}

/**
 * The message with its id, which replaces one that it had. @throws {NatsxError} usage — the id is empty or has a line
 * break
 */
export function withMessageId(message: OutgoingMessage, id: string): OutgoingMessage {
  if (id.trim() === '') throw usageError('its message id is empty');
  if (/[\r\n]/.test(id)) throw usageError(`its message id ${quoted(id)} has a line break`);
  const { subject, reply, payload, headers: own } = message;
  const headers =
    own?.has(MESSAGE_ID) === true || own instanceof RawHeaders
      ? mergeHeaders(own, new Map([[MESSAGE_ID, [id]]]))
      : new IdentifiedHeaders(own, id);
  return reply === undefined ? { subject, payload, headers } : { subject, reply, payload, headers };
}

function idInJson(path: string): MessageIdOf {
  const lookUp = compileJsonPath(path);
  return ({ payload }) => {
    const value = lookUp(exactJson(payload)) as JsonValue | undefined;
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') {
      return plainText(value);
    }
    const found = value === undefined ? 'nothing' : 'no text and no number';
    throw usageError(`its payload has ${found} at ${path} for the message id`);
  };
}

/** Large numbers must stay apart: two ids that round to the same would lose a message. */
function exactJson(payload: Uint8Array): unknown {
  try {
    return parseExactJson(decodeUtf8(payload) ?? '');
  } catch {
    throw usageError('its payload is not JSON, so it has no message id');
  }
}

function idInHeader(name: string): MessageIdOf {
  return ({ headers }) => {
    const [value] = headers?.get(name) ?? [];
    if (value !== undefined) return value;
    throw usageError(`it has no header ${quoted(name)} for the message id`);
  };
}

/**
 * Subject, headers and payload; a line feed cannot be in the first two. Headers that are meant for the server do not
 * count, so that the id stays the same when a message is published again.
 */
function identity({ subject, headers, payload }: OutgoingMessage): Uint8Array {
  let text = `${subject}\n`;
  for (const [name, values] of headers ?? []) {
    if (!name.startsWith('Nats-')) text += `${name}: ${values.join('\t')}\n`;
  }
  return Buffer.concat([Buffer.from(`${text}\n`), payload]);
}

/** Names the message whose id could not be made. */
export function idFault(error: unknown, number: number): unknown {
  if (!(error instanceof NatsxError)) return error;
  return new NatsxError(error.kind, `message ${number}: ${error.message}`, {
    hint: error.hint,
    details: { message: number },
  });
}
