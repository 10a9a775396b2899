import * as Flags from '@oclif/core/flags';

import { usageError } from '../../core/errors.js';
import type { JsonObject, JsonValue } from '../../core/message/exact-json.js';
import { isJsonObject, parseExactJson } from '../../core/message/exact-json.js';
import { quoted } from '../../core/printable.js';
import { readInputFile, readStdin } from '../../terminal/stdin.js';

/** The configuration as a file; for `create` and `edit`. */
export const configFlag = {
  config: Flags.string({
    helpValue: '<file>',
    summary: 'JSON file in the format of the server (- for stdin); flags override it',
  }),
} as const;

/** Of commands that create; those that change have `--yes` as well. */
export const dryRunFlag = {
  'dry-run': Flags.boolean({
    aliases: ['validate'],
    summary: 'only show what would be created',
  }),
} as const;

/**
 * Reads the file of `--config`, or stdin for `-`.
 *
 * @returns undefined when no file was named
 * @throws usage — it cannot be read, or is not a JSON object
 */
export async function readConfigInput(
  path: string | undefined,
  signal: AbortSignal,
): Promise<JsonObject | undefined> {
  if (path === undefined) return undefined;
  const { value, what } = await readJsonInput(path, signal);
  if (isJsonObject(value)) return value;
  throw usageError(
    `${what} is not a configuration: it is not a JSON object`,
    'natsx stream info NAME --json prints one',
  );
}

/** JSON with the words for where it is from. */
interface JsonInput {
  readonly value: JsonValue;
  /** `stdin`, `the file "x"`. */
  readonly what: string;
}

/** Reads a file, or stdin for `-`: one JSON value, or one per line, which makes a list. @throws usage */
export async function readJsonInput(path: string, signal: AbortSignal): Promise<JsonInput> {
  const what = path === '-' ? 'stdin' : `the file ${quoted(path)}`;
  const bytes = path === '-' ? await readStdin(signal) : readInputFile(path);
  return { value: parse(Buffer.from(bytes).toString('utf8'), what), what };
}

function parse(text: string, what: string): JsonValue {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  try {
    return parseExactJson(text);
  } catch {
    if (lines.length > 1) return parseLines(lines, what);
    // The error of the parser quotes the text, which can contain secrets.
    throw notJson(what);
  }
}

function parseLines(lines: readonly string[], what: string): readonly JsonValue[] {
  try {
    return lines.map((line) => parseExactJson(line));
  } catch {
    throw notJson(what);
  }
}

function notJson(what: string): Error {
  return usageError(`${what} is not JSON`, 'check it with jq . FILE');
}
