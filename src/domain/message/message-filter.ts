import { usageError } from '../errors.js';
import { compileJsonPath, lazyJson } from './json-path.js';
import type { ReceivedMessage } from './message.js';
import { decodeUtf8, quoted } from '../printable.js';

/** Whether a message is wanted. */
export type MessageFilter = (message: ReceivedMessage) => boolean;

interface FilteredMessage {
  readonly message: ReceivedMessage;
  readonly json: () => unknown;
}

/** What a field has: none, one, or (headers) several values. */
type Field = (filtered: FilteredMessage) => readonly unknown[];
type Test = (values: readonly unknown[]) => boolean;
type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=' | '~';

const FORM =
  "write for example 'header:Region=eu', 'header:Trace', 'json:.order.total>100' or 'json:.user~^a'";
const EXPRESSION =
  /^(header:[^=!<>~]+|json:(?:"(?:[^"\\]|\\.)*"|[^=!<>~"])+|subject|payload|size)(?:(!=|<=|>=|=|<|>|~)(.*))?$/s;

/**
 * Compiles one filter: `header:Name`, `json:.path`, `subject`, `payload` or `size`, alone (it is there) or followed by
 * `=`, `!=`, `<`, `<=`, `>`, `>=` or `~` (regular expression) and a value. Numbers compare as numbers, all else as text.
 * A field that is not there passes only `!=`; of several header values one must pass, for `!=` all.
 *
 * @throws usage
 */
export function compileMessageFilter(expression: string): MessageFilter {
  return compileMessageFilters([expression]);
}

/** Compiles several filters that must all pass; the body is parsed at most once for each message. @throws usage */
export function compileMessageFilters(expressions: readonly string[]): MessageFilter {
  const tests = expressions.map(compileOne);
  return (message) => {
    const filtered = { message, json: lazyJson(message.payload) };
    return tests.every((passes) => passes(filtered));
  };
}

function compileOne(expression: string): (filtered: FilteredMessage) => boolean {
  const [, name, operator, value = ''] = EXPRESSION.exec(expression) ?? [];
  if (name === undefined) throw usageError(`invalid filter ${quoted(expression)}`, FORM);
  const field = fieldOf(name.trim());
  if (/^[<>]/.test(operator ?? '') && value.trim() === '') {
    throw usageError(`invalid filter ${quoted(expression)}: nothing to compare with`, FORM);
  }
  const test = operator === undefined ? isThere : testOf(operator as Operator, value.trim());
  return (filtered) => test(field(filtered));
}

function fieldOf(name: string): Field {
  if (name === 'subject') return ({ message }) => [message.subject];
  if (name === 'size') return ({ message }) => [message.payload.length];
  if (name === 'payload')
    return ({ message }) => [decodeUtf8(message.payload)].filter((text) => text !== undefined);
  if (name.startsWith('json:')) {
    const lookup = compileJsonPath(name.slice('json:'.length));
    return ({ json }) => {
      const value = lookup(json());
      return value === undefined ? [] : [value];
    };
  }
  const header = name.slice('header:'.length).trim();
  return ({ message }) => message.headers?.get(header) ?? [];
}

function isThere(values: readonly unknown[]): boolean {
  return values.length > 0;
}

function testOf(operator: Operator, wanted: string): Test {
  switch (operator) {
    case '=':
      return (values) => values.some((value) => equals(value, wanted));
    case '!=':
      return (values) => !values.some((value) => equals(value, wanted));
    case '~': {
      const expression = regularExpression(wanted);
      return (values) => values.some((value) => expression.test(textOf(value)));
    }
    case '<':
      return (values) => values.some((value) => compare(value, wanted) < 0);
    case '<=':
      return (values) => values.some((value) => compare(value, wanted) <= 0);
    case '>':
      return (values) => values.some((value) => compare(value, wanted) > 0);
    case '>=':
      return (values) => values.some((value) => compare(value, wanted) >= 0);
  }
}

function equals(value: unknown, wanted: string): boolean {
  if (textOf(value) === wanted) return true;
  return typeof value === 'number' && wanted !== '' && value === Number(wanted);
}

/** NaN, which passes no comparison, when a number meets something that is none. */
function compare(value: unknown, wanted: string): number {
  const text = textOf(value);
  const left = numberOf(text);
  const right = numberOf(wanted);
  if (!Number.isNaN(left) && !Number.isNaN(right)) return left - right;
  if (typeof value !== 'string' || !Number.isNaN(right)) return Number.NaN;
  return text < wanted ? -1 : text > wanted ? 1 : 0;
}

function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function regularExpression(source: string): RegExp {
  try {
    return new RegExp(source, 'u');
  } catch {
    throw usageError(`the filter's regular expression ${quoted(source)} is not valid`, FORM);
  }
}
