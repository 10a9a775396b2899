import { usageError } from '../errors.js';
import { parseByteSize } from '../values/byte-size.js';
import {
  compareFilterValue,
  equalsFilterValue,
  filterText,
  parseFilterValue,
} from './filter-value.js';
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

const OPERATORS = ['=', '==', '!=', '<', '<=', '>', '>=', '~', '=~', '!~'] as const;
type Operator = (typeof OPERATORS)[number];

const FORM =
  "for example 'header:Region=eu', 'header:Trace', 'json:.order.total>100' or 'json:.user~^a'; fields are header:NAME, json:.PATH, subject, payload and size; operators are = (or ==), !=, <, <=, >, >=, ~ (regular expression) and !~";
const FIELD = /^(?:header:[^=!<>~]+|json:(?:"(?:[^"\\]|\\.)*"|[^=!<>~"])+|subject|payload|size)/s;
const OPERATOR = /^[=!<>~]+/;
/** As servers take them. */
const HEADER_NAME = /^[!-9;-~]+$/;

/**
 * Compiles filters that must all pass; the body is parsed at most once for each message. A filter is `header:Name`,
 * `json:.path`, `subject`, `payload` or `size`, alone (it is there) or followed by an operator and a value, which may
 * be quoted. Numbers compare as numbers, all else as text. A field that is not there passes only `!=` and `!~`; of
 * several header values one must pass, for these two all.
 *
 * @throws usage
 */
export function compileMessageFilters(expressions: readonly string[]): MessageFilter {
  const tests = expressions.map(compileOne);
  return (message) => {
    const filtered = { message, json: lazyJson(message.payload) };
    return tests.every((passes) => passes(filtered));
  };
}

function compileOne(expression: string): (filtered: FilteredMessage) => boolean {
  const name = FIELD.exec(expression)?.[0];
  if (name === undefined) throw invalid(expression);
  const field = fieldOf(name.trim(), expression);
  const rest = expression.slice(name.length).trimStart();
  if (rest.trim() === '') return (filtered) => field(filtered).length > 0;
  const [operator, source] = operation(rest, expression);
  const isPattern = operator.endsWith('~');
  const value = parseFilterValue(source, isPattern);
  if ('fault' in value) throw invalid(expression, value.fault);
  if (/^[<>]/.test(operator) && source.trim() === '') {
    throw invalid(expression, 'nothing to compare with');
  }
  const wanted = name === 'size' && !isPattern ? sizeText(value.text, expression) : value.text;
  const test = testOf(operator, wanted);
  return (filtered) => test(field(filtered));
}

/** The operator, and what follows it. @throws usage */
function operation(rest: string, expression: string): readonly [Operator, string] {
  const run = OPERATOR.exec(rest)?.[0] ?? '';
  // A regular expression may begin with any of these, but "~=" is another language's "not equal".
  const sign = run.startsWith('~') && !run.startsWith('~=') ? '~' : run;
  const operator = OPERATORS.find((each) => each === sign);
  if (operator !== undefined) return [operator, rest.slice(operator.length)];
  const what = run === '' ? quoted(rest.trim()) : quoted(run);
  throw invalid(expression, `${what} is not an operator (quote a value that begins like this)`);
}

function sizeText(text: string, expression: string): string {
  try {
    return `${parseByteSize(text)}`;
  } catch {
    throw invalid(expression, `the size ${quoted(text)} is not a number of bytes`);
  }
}

function invalid(expression: string, why?: string): Error {
  return usageError(
    `invalid filter ${quoted(expression)}${why === undefined ? '' : `: ${why}`}`,
    FORM,
  );
}

function fieldOf(name: string, expression: string): Field {
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
  if (!HEADER_NAME.test(header))
    throw invalid(expression, `${quoted(header)} is not the name of a header`);
  return ({ message }) => message.headers?.get(header) ?? [];
}

function testOf(operator: Operator, wanted: string): Test {
  switch (operator) {
    case '=':
    case '==':
      return (values) => values.some((value) => equalsFilterValue(value, wanted));
    case '!=':
      return (values) => !values.some((value) => equalsFilterValue(value, wanted));
    case '~':
    case '=~': {
      const expression = regularExpression(wanted);
      return (values) => values.some((value) => expression.test(filterText(value)));
    }
    case '!~': {
      const expression = regularExpression(wanted);
      return (values) => !values.some((value) => expression.test(filterText(value)));
    }
    case '<':
      return (values) => values.some((value) => compareFilterValue(value, wanted) < 0);
    case '<=':
      return (values) => values.some((value) => compareFilterValue(value, wanted) <= 0);
    case '>':
      return (values) => values.some((value) => compareFilterValue(value, wanted) > 0);
    case '>=':
      return (values) => values.some((value) => compareFilterValue(value, wanted) >= 0);
  }
}

function regularExpression(source: string): RegExp {
  try {
    return new RegExp(source, 'u');
  } catch {
    throw usageError(`the filter's regular expression ${quoted(source)} is not valid`, FORM);
  }
}
