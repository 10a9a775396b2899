import { isTooDeep } from '../values/json-depth.js';

/** JSON as a value. A number that JavaScript cannot hold or print exactly is a bigint. */
export type JsonValue =
  string | number | bigint | boolean | null | readonly JsonValue[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

// No text of a message or a file has this; it marks numbers on their way through JSON's own parser.
const MARK = '\u0000n:';
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;

/**
 * Parses JSON without rounding large whole numbers: 9223372036854775807 becomes a bigint. All others
 * are plain numbers.
 *
 * @throws {SyntaxError} as `JSON.parse`, and for more levels than can be written again
 */
export function parseExactJson(text: string): JsonValue {
  if (isTooDeep(text)) throw new SyntaxError('it has too many levels');
  if (!/\d{16}/.test(text)) return JSON.parse(text) as JsonValue;
  const marked = text.replace(TOKEN, (token) => (isRounded(token) ? `"\\u0000n:${token}"` : token));
  return JSON.parse(marked, (_key, value: unknown) =>
    typeof value === 'string' && value.startsWith(MARK) ? BigInt(value.slice(MARK.length)) : value,
  ) as JsonValue;
}

/** The way back: bigints are written as plain numbers. @param indent blanks for each level; one line without it */
export function stringifyExactJson(value: unknown, indent?: number): string {
  const text = JSON.stringify(
    value,
    (_key, member: unknown) =>
      typeof member === 'bigint' ? `${MARK}${member.toString()}` : member,
    indent,
  );
  return text.replace(/"\\u0000n:(-?\d+)"/g, '$1');
}

/** A value as a person would write it: texts bare, nothing for what is not there, JSON otherwise. */
export function plainText(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : stringifyExactJson(value);
}

// 2^60 is exact as a number, but is printed as 1152921504606847000.
function isRounded(token: string): boolean {
  if (!/^-?\d{16,}$/.test(token)) return false;
  const value = Number(token);
  return BigInt(token) !== BigInt(value) || String(value) !== token;
}

/** Whether a value of JSON is an object, not a list and not null. */
export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
